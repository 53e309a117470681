package io.llamastreams.engine.sampling;

/**
 * Finds the locally typical tokens: those whose surprise, -log p, is nearest to the expected one, the entropy.
 *
 * <p>No logarithm is needed. With a token's distance d = (largest logit - logit) / temperature its surprise is d + c for one c, so
 * the expected surprise is m + c with the mean distance m, and a token's score is |d - m|:
 *
 * <pre>
 * m = sum of weight * floor(2^20 d) / sum of weight / 2^20     the sums in whole numbers, exact in any order
 * </pre>
 *
 * Stateless, any thread; allocates nothing. Source: Meister et al. 2023, "Locally Typical Sampling", section 3.
 */
final class TypicalSelection {
    private static final float DISTANCE_ONE = 0x1p20f;

    private TypicalSelection() {}

    /**
     * Takes from the tokens that {@code found} names, in order of score and of equals by index, until their weights are more than
     * a share of the total, at least one; leaves these in {@code found} in the order in which they were.
     *
     * @param weights whole numbers from 1 to 2^40 for the tokens that are named, 0 for all others below {@code count}
     * @param distances from 0 on, by the same index
     * @param total sum of the weights
     * @param share below 1
     * @param keys scratch, room for {@code candidates}
     * @return how many are left
     */
    static int select(
            float[] weights,
            float[] distances,
            int count,
            long total,
            float share,
            int[] found,
            int candidates,
            long[] keys) {
        double mean = meanDistance(weights, distances, count, total);
        for (int i = 0; i < candidates; i++) {
            keys[i] = key(distances, found[i], mean);
        }
        // more than the share, as llama.cpp has it
        long wanted = Math.min(total, (long) ((double) share * total) + 1);
        long last = KeySelection.firstToReach(keys, candidates, weights, wanted);
        int kept = 0;
        for (int i = 0; i < candidates; i++) {
            int index = found[i];
            if (key(distances, index, mean) >= last) {
                found[kept++] = index;
            }
        }
        return kept;
    }

    private static long key(float[] distances, int index, double mean) {
        float score = (float) Math.abs(distances[index] - mean);
        return KeySelection.key(-score, index);
    }

    /** Each product is below 2^60 / e, since a weight is at most 2^40 e^-d; their sum needs more than 64 bits. */
    private static double meanDistance(float[] weights, float[] distances, int count, long total) {
        long high = 0;
        long low = 0;
        for (int i = 0; i < count; i++) {
            long distance = (long) (distances[i] * DISTANCE_ONE);
            long weight = (long) weights[i];
            long product = weight * distance;
            high += product >>> Integer.SIZE;
            low += product & 0xFFFFFFFFL;
        }
        return (high * 0x1p32 + low) / total / DISTANCE_ONE;
    }
}
