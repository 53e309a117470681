package io.llamastreams.training.tickets;

/** Order numbers of several shops: 48213, A-48213, LS-2026-00412, ORD55812. Any thread. */
final class OrderNumbers {

    private final Split split;

    OrderNumbers(Split split) {
        this.split = split;
    }

    String next(CounterRandom random) {
        return random.ownedBy(split, () -> draw(random));
    }

    private static String draw(CounterRandom random) {
        int shape = random.below(100);
        if (shape < 28) {
            return random.between(1, 9) + random.digits(4);
        } else if (shape < 42) {
            return random.between(1, 9) + random.digits(5);
        } else if (shape < 60) {
            return random.letter() + "-" + random.digits(5);
        } else if (shape < 74) {
            return random.letter() + "" + random.letter() + "-202" + random.between(4, 6) + "-" + random.digits(5);
        } else if (shape < 86) {
            return "ORD" + random.digits(5);
        } else if (shape < 94) {
            return random.between(1, 9) + random.digits(2) + "-" + random.digits(5);
        }
        return random.letter() + random.digits(1) + "-" + random.digits(4);
    }
}
