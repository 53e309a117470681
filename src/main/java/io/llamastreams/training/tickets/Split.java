package io.llamastreams.training.tickets;

/**
 * What a model is trained on, and what it is measured on. The two share neither phrasing nor product names, order
 * numbers, dates or people.
 */
public enum Split {
    TRAIN,
    TEST;

    private static final int TEST_ONE_IN = 5;

    /** Whether a value may be used in this split; a hash of the whole value decides, so that no part of it tells. */
    boolean owns(String value) {
        long hash = 0xcbf29ce484222325L; // FNV-1a
        for (int i = 0; i < value.length(); i++) {
            hash = (hash ^ value.charAt(i)) * 0x100000001b3L;
        }
        boolean test = Long.remainderUnsigned(CounterRandom.mix(hash), TEST_ONE_IN) == 0;
        return test == (this == TEST);
    }
    ;

    /** Tells the random numbers of the two apart; part of what a ticket is a function of. */
    int stream() {
        return switch (this) {
            case TRAIN -> 0;
            case TEST -> 1;
        };
    }
}
