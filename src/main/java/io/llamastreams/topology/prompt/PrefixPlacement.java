package io.llamastreams.topology.prompt;

import io.llamastreams.serving.StableHash;

/**
 * Chooses the partition of a prompt by what it begins with: the same beginning, the same partition, unless that has much more
 * than its share. One thread.
 *
 * <p>Each beginning has all partitions in an order of its own, which its hash decides. A prompt goes to the first of them that
 * has at most 5/4 of its fair share and 32 prompts besides: a beginning that everybody has overflows from its first partition to
 * its second and so on, and never to all at once. Source: Mirrokni, Thorup and Zadimoghaddam 2016, consistent hashing with
 * bounded loads. The shares count what this one placed, and old prompts half as much after each 1,024: the choice is a function
 * of the prompts before it alone. It decides where a text is made, never which.
 */
final class PrefixPlacement {
    private static final int SLACK = 32;
    private static final int HALVED_AFTER = 1 << 10;

    private final long[] placed;
    private long total;
    private int sinceHalved;

    /** @param partitions to choose from */
    PrefixPlacement(int partitions) {
        placed = new long[partitions];
    }

    /**
     * Places a prompt.
     *
     * @param prefix hash of what it begins with
     */
    int place(long prefix) {
        int home = (int) Long.remainderUnsigned(StableHash.mix(prefix), placed.length);
        // Odd or even, a step that has no divisor in common with the count visits every partition.
        int step = stepOf(StableHash.mix(~prefix));
        int chosen = home;
        for (int i = 0; i < placed.length && isFull(chosen); i++) {
            chosen = (chosen + step) % placed.length;
        }
        placed[chosen]++;
        total++;
        if (++sinceHalved == HALVED_AFTER) {
            halve();
        }
        return chosen;
    }

    private boolean isFull(int partition) {
        return 4L * placed.length * (placed[partition] - SLACK) >= 5 * (total + 1);
    }

    private int stepOf(long hash) {
        int step = 1 + (int) Long.remainderUnsigned(hash, Math.max(1, placed.length - 1));
        while (greatestCommonDivisor(step, placed.length) != 1) {
            step--;
        }
        return step;
    }

    private static int greatestCommonDivisor(int a, int b) {
        return b == 0 ? a : greatestCommonDivisor(b, a % b);
    }

    private void halve() {
        sinceHalved = 0;
        total = 0;
        for (int i = 0; i < placed.length; i++) {
            placed[i] /= 2;
            total += placed[i];
        }
    }
}
