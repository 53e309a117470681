package io.llamastreams.training.tickets;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Plain documents from the world of the training tickets: tickets, records, catalogue, notes, dialogues, and lists that
 * say names and numbers twice, from which a model learns to copy. Nothing of the held-out split. Any thread.
 */
public final class PretrainingText {

    private static final int MIN_CHARS = 50;
    private static final int MAX_CHARS = 1500;
    private static final int MAX_ATTEMPTS = 100;
    private static final long TICKET_STREAM = 0x70726574;

    private final long seed;
    private final TicketGenerator tickets;
    private final ProductNames products = new ProductNames(Split.TRAIN);
    private final OrderNumbers orderNumbers = new OrderNumbers(Split.TRAIN);
    private final CustomerDetails details = new CustomerDetails(Split.TRAIN);

    public PretrainingText(long seed) {
        this.seed = seed;
        tickets = new TicketGenerator(Split.TRAIN, CounterRandom.mix(seed ^ TICKET_STREAM));
    }

    /** 50 to 1500 characters; a function of (seed, index) alone. */
    public String document(long index) {
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            CounterRandom random = new CounterRandom(seed, TICKET_STREAM, index, attempt);
            String document = draw(random, tickets.ticket(index * MAX_ATTEMPTS + attempt));
            if (document.length() >= MIN_CHARS && document.length() <= MAX_CHARS) {
                return document;
            }
        }
        throw new IllegalStateException("no document of fitting length at " + index);
    }

    private String draw(CounterRandom random, Ticket ticket) {
        int kind = random.below(100);
        if (kind < 2) {
            return ticket.text();
        } else if (kind < 8) {
            return ticket.text() + "\n" + ticket.truth().toJson();
        } else if (kind < 12) {
            return ticket.text() + "\n" + record(ticket.truth(), random);
        } else if (kind < 16) {
            return oneQuestion(ticket, random);
        } else if (kind < 18) {
            return dialogue(ticket, random);
        } else if (kind < 30) {
            return labelled(ticket);
        } else if (kind < 62) {
            return labelledSentences(random);
        } else if (kind < 84) {
            return labelledTickets(random);
        } else if (kind < 85) {
            return catalogue(random);
        } else if (kind < 87) {
            return notes(random);
        } else if (kind < 88) {
            return record(ticket.truth(), random) + "\n" + ticket.truth().toJson();
        }
        return copies(random);
    }

    private static String record(TicketTruth truth, CounterRandom random) {
        String product = orNone(truth.product());
        String order = orNone(truth.orderNumber());
        return switch (random.below(4)) {
            case 0 ->
                "Intent: " + truth.intent() + ". Product: " + product + ". Order: " + order + ". Urgency: "
                        + truth.urgency() + ". Sentiment: " + truth.sentiment() + ".";
            case 1 ->
                "Intent: " + truth.intent() + "\nProduct: " + product + "\nOrder: " + order + "\nUrgency: "
                        + truth.urgency() + "\nSentiment: " + truth.sentiment() + "\nReply: " + truth.reply();
            case 2 ->
                "The intent is " + truth.intent() + ", the urgency is " + truth.urgency() + " and the sentiment is "
                        + truth.sentiment() + ". The product is " + product + " and the order is " + order + ".";
            default ->
                "Record: " + truth.intent() + " | " + product + " | " + order + " | " + truth.urgency() + " | "
                        + truth.sentiment();
        };
    }

    private static String oneQuestion(Ticket ticket, CounterRandom random) {
        TicketTruth truth = ticket.truth();
        return ticket.text() + "\n"
                + switch (random.below(8)) {
                    case 0, 6, 7 -> "What does the customer want? " + truth.intent();
                    case 1 -> "Which product? " + orNone(truth.product());
                    case 2 -> "Which order? " + orNone(truth.orderNumber());
                    case 3 -> "How urgent is it? " + truth.urgency();
                    case 4 -> "How does the customer feel? " + truth.sentiment();
                    default -> "What do we answer? " + truth.reply();
                };
    }

    private static String dialogue(Ticket ticket, CounterRandom random) {
        TicketTruth truth = ticket.truth();
        StringBuilder text = new StringBuilder("Customer: ").append(ticket.text());
        if (random.chance(60)) {
            text.append("\nAgent: Which product is it?\nCustomer: ")
                    .append(truth.product() == null ? "I do not know." : "It is the " + truth.product() + ".");
        }
        if (random.chance(60)) {
            text.append("\nAgent: What is the order number?\nCustomer: ")
                    .append(truth.orderNumber() == null ? "I do not have it." : "Order " + truth.orderNumber() + ".");
        }
        return text.append("\nAgent: ").append(truth.reply()).toString();
    }

    /** Single sentences, each with the one field that it decides, or with none. */
    private String labelledSentences(CounterRandom random) {
        List<String> lines = new ArrayList<>();
        for (int i = random.between(3, 7); i > 0; i--) {
            lines.add(
                    switch (random.below(9)) {
                        case 0, 1 -> labelled("urgency", random.chance(50) ? "high" : "low", random);
                        case 2, 3 -> labelled("sentiment", random.chance(50) ? "negative" : "positive", random);
                        case 4 -> sentence("aside", random) + " -> nothing";
                        default -> labelled("intent", random.oneOf(TicketTruth.INTENTS), random);
                    });
        }
        return String.join("\n", lines);
    }

    private String labelled(String field, String value, CounterRandom random) {
        return sentence(value, random) + " -> " + field + ": " + value;
    }

    private String sentence(String phraseClass, CounterRandom random) {
        String sentence = TypingErrors.unprotect(random.oneOf(Phrasebook.TICKETS.of(phraseClass, Split.TRAIN))
                .render(random, slot -> switch (slot) {
                    case "item" -> random.chance(50) ? "the item" : "my " + products.next(random);
                    case "order" -> random.chance(50) ? "my order" : "order " + orderNumbers.next(random);
                    default -> details.slot(slot, random);
                }));
        return sentence.substring(0, 1).toUpperCase(Locale.ROOT) + sentence.substring(1);
    }

    /** Tickets without their trimmings, each with the three fields that have to be understood. */
    private String labelledTickets(CounterRandom random) {
        List<String> lines = new ArrayList<>();
        for (int i = random.between(2, 4); i > 0; i--) {
            lines.add(labelled(tickets.terseTicket(random.below(Integer.MAX_VALUE))));
        }
        return String.join("\n", lines);
    }

    private static String labelled(Ticket ticket) {
        TicketTruth truth = ticket.truth();
        return ticket.text() + " -> intent: " + truth.intent() + ", urgency: " + truth.urgency() + ", sentiment: "
                + truth.sentiment();
    }

    private String catalogue(CounterRandom random) {
        List<String> lines = new ArrayList<>();
        for (int i = random.between(1, 5); i > 0; i--) {
            String product = products.next(random);
            lines.add(
                    switch (random.below(3)) {
                        case 0 ->
                            product + ". Price " + details.amount(random) + ". The " + product + " comes with a "
                                    + random.oneOf(List.of("manual", "cable", "charger", "lid")) + " and a "
                                    + random.oneOf(List.of("two", "three")) + " year warranty.";
                        case 1 ->
                            "Product: " + product + ", " + details.amount(random) + ". Order the " + product
                                    + " online.";
                        default ->
                            "The " + product + " is easy to clean. Questions about the " + product + "? Write to us.";
                    });
        }
        return String.join("\n", lines);
    }

    private String notes(CounterRandom random) {
        List<String> lines = new ArrayList<>();
        for (int i = random.between(1, 4); i > 0; i--) {
            String product = products.next(random);
            String order = orderNumbers.next(random);
            String person = details.person(random);
            String date = details.date(random);
            lines.add(
                    switch (random.below(4)) {
                        case 0 -> "Order " + order + ": " + product + " for " + person + ", sent on " + date + ".";
                        case 1 ->
                            person + " bought the " + product + " on " + date + ". The order number is " + order + ".";
                        case 2 ->
                            "On " + date + " " + person + " asked about order " + order + ", the " + product
                                    + ". We answered about order " + order + ".";
                        default ->
                            "Invoice " + details.invoiceNumber(random) + ", order " + order + ", " + product + ", "
                                    + details.amount(random) + ". The order is " + order + ", not the invoice.";
                    });
        }
        return String.join("\n", lines);
    }

    /** Names and numbers said twice, some among others that are passed over. */
    private String copies(CounterRandom random) {
        List<String> lines = new ArrayList<>();
        int layout = random.below(6);
        for (int i = random.between(2, 6); i > 0; i--) {
            String product = products.next(random);
            String order = orderNumbers.next(random);
            lines.add(
                    switch (layout) {
                        case 0 ->
                            "Received: " + product + ", order " + order + ". Confirmed: " + product + ", order " + order
                                    + ".";
                        case 1 -> "Order #" + order + ". The order is " + order + ".";
                        case 2 -> product + " = " + product;
                        case 3 ->
                            "My customer number is " + details.customerNumber(random) + ", my order is " + order
                                    + ", my phone is " + details.phone(random) + ". Order: " + order;
                        case 4 ->
                            "It is the " + product + " from order " + order + ". {\"product\":\"" + product
                                    + "\",\"order\":\"" + order + "\"}";
                        default ->
                            details.person(random) + " has a " + product + ", order number " + order + ". Product: "
                                    + product + ". Order: " + order + ".";
                    });
        }
        return String.join("\n", lines);
    }

    private static String orNone(String value) {
        return value == null ? "none" : value;
    }
}
