package io.llamastreams.training.tickets;

import static io.llamastreams.training.tickets.TypingErrors.protect;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Makes tickets with their truth. The truth is drawn first; then a sentence is said for each field, the order in which
 * they stand is shuffled, and sentences that decide nothing are put between.
 *
 * <pre>
 * [line: order or product]              one in five of the references that the main sentence left out
 * Greeting,
 * main sentence (intent) + references + urgency + sentiment + asides, shuffled
 * Sign-off, name
 * [line: order or product]
 * </pre>
 *
 * Any thread.
 */
public final class TicketGenerator {

    /** Comes with every ticket. */
    public static final String SYSTEM_PROMPT =
            "Read the customer ticket and answer with one JSON object: intent, product, order, urgency, sentiment, reply. "
                    + "Copy product and order number from the ticket, or write null. The reply is one sentence.";

    private static final int MIN_WORDS = 15;
    private static final int MAX_WORDS = 90;
    private static final int MAX_ATTEMPTS = 1_000;
    private static final int MAX_ASIDES = 5;
    private static final int TERSE_STREAM = 16;

    private final Split split;
    private final long seed;
    private final ProductNames products;
    private final OrderNumbers orderNumbers;
    private final CustomerDetails details;
    private final Phrasebook phrases = Phrasebook.TICKETS;

    public TicketGenerator(Split split, long seed) {
        this.split = split;
        this.seed = seed;
        products = new ProductNames(split);
        orderNumbers = new OrderNumbers(split);
        details = new CustomerDetails(split);
    }

    /** A function of (split, seed, index) alone: random access, same on every machine. */
    public Ticket ticket(long index) {
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            CounterRandom random = new CounterRandom(seed, split.stream(), index, attempt);
            TicketTruth truth = truth(random);
            String text = new Letter(truth, random).full();
            int words = text.split("\\s+").length;
            if (words >= MIN_WORDS && words <= MAX_WORDS) {
                return new Ticket(split.name().toLowerCase(Locale.ROOT) + "-" + index, text, truth);
            }
        }
        throw new IllegalStateException("no ticket of " + MIN_WORDS + " to " + MAX_WORDS + " words at " + index);
    }

    /** As {@link #ticket}, but only what matters, as people write in a hurry: no greeting, no asides, no name. */
    public Ticket terseTicket(long index) {
        CounterRandom random = new CounterRandom(seed, TERSE_STREAM + split.stream(), index, 0);
        TicketTruth truth = truth(random);
        return new Ticket(
                split.name().toLowerCase(Locale.ROOT) + "-terse-" + index, new Letter(truth, random).terse(), truth);
    }

    private TicketTruth truth(CounterRandom random) {
        String intent = random.oneOf(TicketTruth.INTENTS);
        String product = random.chance(92) ? products.next(random) : null;
        String orderNumber = random.chance(80) ? orderNumbers.next(random) : null;
        String urgency = random.chance(44) ? "normal" : random.chance(55) ? "high" : "low";
        String sentiment = random.chance(42) ? "neutral" : random.chance(55) ? "negative" : "positive";
        return new TicketTruth(
                intent,
                product,
                orderNumber,
                urgency,
                sentiment,
                Replies.reply(intent, product, orderNumber, sentiment));
    }

    /** One ticket's text while it is written. */
    private final class Letter {

        private final TicketTruth truth;
        private final CounterRandom random;
        private final String customer;
        private boolean productSaid;
        private boolean orderSaid;

        Letter(TicketTruth truth, CounterRandom random) {
            this.truth = truth;
            this.random = random;
            customer = details.person(random);
        }

        String full() {
            List<String> sentences = new ArrayList<>();
            List<String> above = new ArrayList<>();
            List<String> below = new ArrayList<>();

            // What is wanted; then what it left unsaid, as a sentence among others or as a line of its own.
            String main = main();
            for (String reference : references()) {
                List<String> place = random.chance(80) ? sentences : random.chance(60) ? above : below;
                place.add(reference);
            }
            addCues(sentences);
            addAsides(main, sentences);
            shuffle(sentences);
            sentences.add(random.chance(45) ? 0 : random.below(sentences.size() + 1), main);

            String text = String.join(" ", sentences);
            if (random.chance(65)) {
                String greeting = random.oneOf(phrases.shared("greeting")).render(random, this::slot);
                text = greeting + (random.chance(70) ? " " : "\n") + text;
            }
            if (random.chance(60)) {
                String signOff = random.oneOf(phrases.shared("sign-off")).render(random, this::slot);
                text = text + (random.chance(60) ? " " : "\n") + signOff;
            }
            above.add(text);
            above.addAll(below);
            return finish(String.join("\n", above));
        }

        String terse() {
            List<String> sentences = new ArrayList<>();
            sentences.add(main());
            sentences.addAll(references());
            addCues(sentences);
            shuffle(sentences);
            return finish(String.join(" ", sentences));
        }

        /** What is wanted, with product and order number or without. */
        private String main() {
            boolean nameProduct = truth.product() != null && random.chance(75);
            boolean nameOrder = truth.orderNumber() != null && random.chance(75);
            return say(phrases.of(truth.intent(), split), nameProduct, nameOrder);
        }

        /** Sentences for urgency and sentiment, unless they are as usual. */
        private void addCues(List<String> sentences) {
            if (!truth.urgency().equals("normal")) {
                sentences.add(say(phrases.of(truth.urgency(), split), false, false));
            }
            if (!truth.sentiment().equals("neutral")) {
                sentences.add(say(phrases.of(truth.sentiment(), split), false, false));
            }
        }

        /** Sentences for product and order number where nothing has said them yet; now and then once more. */
        private List<String> references() {
            boolean product = truth.product() != null && (!productSaid || random.chance(6));
            boolean order = truth.orderNumber() != null && (!orderSaid || random.chance(6));
            if (product && order && random.chance(50)) {
                return List.of(say(phrases.of("product and order", split), true, true));
            }
            List<String> references = new ArrayList<>();
            if (product) {
                references.add(say(phrases.of("product", split), true, false));
            }
            if (order) {
                references.add(say(phrases.of("order", split), false, true));
            }
            return references;
        }

        private void addAsides(String main, List<String> sentences) {
            int wanted = random.between(18, 45);
            Set<Template> used = new HashSet<>();
            for (int i = 0; i < MAX_ASIDES && words(main) + words(sentences) < wanted; i++) {
                Template aside = random.oneOf(phrases.of("aside", split));
                if (used.add(aside)) {
                    sentences.add(capitalised(aside.render(random, this::slot)));
                }
            }
        }

        private void shuffle(List<String> sentences) {
            for (int i = sentences.size() - 1; i > 0; i--) {
                int j = random.below(i + 1);
                sentences.set(i, sentences.set(j, sentences.get(i)));
            }
        }

        private String say(List<Template> templates, boolean nameProduct, boolean nameOrder) {
            return capitalised(random.oneOf(templates).render(random, slot -> switch (slot) {
                case "item" -> nounPhrase("item", nameProduct);
                case "order" -> nounPhrase("order", nameOrder);
                default -> slot(slot);
            }));
        }

        private String nounPhrase(String slot, boolean named) {
            String phraseClass = switch (slot) {
                case "item" -> named ? "named item" : "unnamed item";
                default -> named ? "numbered order" : "unnumbered order";
            };
            return random.oneOf(phrases.shared(phraseClass)).render(random, this::slot);
        }

        private String slot(String name) {
            return switch (name) {
                case "product" -> {
                    productSaid = true;
                    yield protect(truth.product());
                }
                case "number" -> {
                    orderSaid = true;
                    yield protect(truth.orderNumber());
                }
                case "name" -> protect(customer);
                case "noun" -> details.noun(random);
                default -> protect(details.slot(name, random));
            };
        }

        /** Typing errors in a quarter of the letters, no capitals at all in a few. */
        private String finish(String text) {
            String finished = text;
            if (random.chance(25)) {
                for (int i = random.between(1, 2); i > 0; i--) {
                    finished = TypingErrors.slip(finished, random);
                }
            } else if (random.chance(8)) {
                finished = TypingErrors.withoutCapitals(finished);
            }
            return TypingErrors.unprotect(finished);
        }
    }

    private static String capitalised(String sentence) {
        return sentence.substring(0, 1).toUpperCase(Locale.ROOT) + sentence.substring(1);
    }

    private static int words(List<String> sentences) {
        return sentences.stream().mapToInt(TicketGenerator::words).sum();
    }

    private static int words(String sentence) {
        return sentence.split(" ").length;
    }
}
