package io.llamastreams.training.tickets;

import java.util.List;
import java.util.Objects;

/**
 * What a ticket says, as a careful reader would note it.
 *
 * @param intent one of {@link #INTENTS}
 * @param product whole name as in the text; null where the text names none
 * @param orderNumber exactly as in the text, without '#'; null where the text gives none
 * @param urgency one of {@link #URGENCIES}; normal where the text says nothing of it
 * @param sentiment one of {@link #SENTIMENTS}; neutral where the text shows no feeling
 * @param reply one sentence, a function of the other fields
 */
public record TicketTruth(
        String intent, String product, String orderNumber, String urgency, String sentiment, String reply) {

    public static final List<String> INTENTS = List.of(
            "refund",
            "exchange",
            "cancel_order",
            "change_address",
            "delivery_status",
            "damaged_item",
            "wrong_item",
            "missing_part",
            "technical_problem",
            "warranty",
            "invoice",
            "payment_problem",
            "product_question",
            "discount",
            "account_access",
            "feedback");
    public static final List<String> URGENCIES = List.of("low", "normal", "high");
    public static final List<String> SENTIMENTS = List.of("negative", "neutral", "positive");

    public TicketTruth {
        requireOneOf(INTENTS, "intent", intent);
        requireOneOf(URGENCIES, "urgency", urgency);
        requireOneOf(SENTIMENTS, "sentiment", sentiment);
        requirePlain("product", product);
        requirePlain("order number", orderNumber);
        requirePlain("reply", Objects.requireNonNull(reply, "reply"));
    }

    /** The record as compact JSON, keys always in this order, null where absent. */
    public String toJson() {
        return "{\"intent\":" + quoted(intent) + ",\"product\":" + quoted(product) + ",\"order\":"
                + quoted(orderNumber) + ",\"urgency\":" + quoted(urgency) + ",\"sentiment\":" + quoted(sentiment)
                + ",\"reply\":" + quoted(reply) + "}";
    }

    private static String quoted(String value) {
        return value == null ? "null" : '"' + value + '"';
    }

    private static void requireOneOf(List<String> allowed, String name, String value) {
        if (!allowed.contains(value)) {
            throw new IllegalArgumentException(name + ": expected one of " + allowed + ", found " + value);
        }
    }

    /** So plain that JSON needs no escapes. */
    private static void requirePlain(String name, String value) {
        if (value != null && value.chars().anyMatch(c -> c < ' ' || c > '~' || c == '"' || c == '\\')) {
            throw new IllegalArgumentException(name + ": expected plain ASCII without quotes, found " + value);
        }
    }
}
