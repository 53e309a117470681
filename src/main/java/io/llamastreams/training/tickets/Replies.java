package io.llamastreams.training.tickets;

import java.util.Map;
import java.util.stream.Collectors;

/** The one-sentence answer that follows from the other fields. Any thread. */
final class Replies {

    private static final Map<String, String> LINES = Phrasebook.lines("replies.txt").stream()
            .filter(line -> !line.startsWith("["))
            .map(line -> line.split(": ", 2))
            .collect(Collectors.toUnmodifiableMap(line -> line[0], line -> line[1]));

    private Replies() {}

    static String reply(String intent, String product, String orderNumber, String sentiment) {
        return LINES.get(sentiment) + " " + LINES.get(intent).replace("<about>", about(product, orderNumber));
    }

    private static String about(String product, String orderNumber) {
        if (product == null) {
            return orderNumber == null ? "your order" : "order " + orderNumber;
        }
        return "the " + product + (orderNumber == null ? "" : " from order " + orderNumber);
    }
}
