package io.llamastreams.training.tickets;

import java.util.List;
import java.util.function.Supplier;

/**
 * Random choices that are a function of a few numbers alone, so that any ticket can be made without those before it.
 * Source: SplitMix64, Steele et al. 2014. One thread at a time.
 */
final class CounterRandom {

    private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;
    private static final int MAX_ATTEMPTS = 10_000;

    private long state;

    CounterRandom(long... key) {
        for (long part : key) {
            state = mix(state + GOLDEN_GAMMA) ^ mix(part);
        }
    }

    static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    /** In [0, bound). The bias of the remainder is below bound / 2^63. */
    int below(int bound) {
        state += GOLDEN_GAMMA;
        return (int) Long.remainderUnsigned(mix(state), bound);
    }

    /** In [low, high], both inclusive. */
    int between(int low, int high) {
        return low + below(high - low + 1);
    }

    boolean chance(int percent) {
        return below(100) < percent;
    }

    <T> T oneOf(List<T> values) {
        return values.get(below(values.size()));
    }

    char letter() {
        return (char) ('A' + below(26));
    }

    String digits(int count) {
        StringBuilder digits = new StringBuilder();
        for (int i = 0; i < count; i++) {
            digits.append(below(10));
        }
        return digits.toString();
    }

    /** Draws until the split owns the value. */
    String ownedBy(Split split, Supplier<String> draw) {
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            String value = draw.get();
            if (split.owns(value)) {
                return value;
            }
        }
        throw new IllegalStateException("no value of split " + split + " in " + MAX_ATTEMPTS + " draws");
    }
}
