package io.llamastreams.serving.options;

import java.util.Optional;

/**
 * How many texts are made of one prompt.
 *
 * @param n how many are returned
 * @param bestOf how many are made; those with the highest mean log-probability of a token are returned, best first. Empty for
 *     {@code n}, in the order in which they are numbered
 */
public record SampleOptions(int n, Optional<Integer> bestOf) {
    public static final SampleOptions ONE = new SampleOptions(1, Optional.empty());

    /** How many are made. */
    public int made() {
        return bestOf.orElse(n);
    }

    public SampleOptions withN(int newN) {
        return new SampleOptions(newN, bestOf);
    }

    public SampleOptions withBestOf(int newBestOf) {
        return new SampleOptions(n, Optional.of(newBestOf));
    }
}
