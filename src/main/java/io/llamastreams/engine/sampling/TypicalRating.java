package io.llamastreams.engine.sampling;

/**
 * How typical tokens are: how near their surprise, -log p, is to the expected one, the entropy.
 *
 * <p>No logarithm is needed. With a token's distance d = (largest logit - logit) / temperature its surprise is d + c for one c, so
 * the expected surprise is m + c with the mean distance m, and a token is the more typical the smaller |d - m|:
 *
 * <pre>
 * m = sum of weight * floor(2^20 d) / sum of weight / 2^20     the sums in whole numbers, exact in any order
 * </pre>
 *
 * Stateless, any thread; allocates nothing. Source: Meister et al. 2023, "Locally Typical Sampling", section 3.
 */
final class TypicalRating {
    private static final float DISTANCE_ONE = 0x1p20f;

    private TypicalRating() {}

    /**
     * Writes -|d - m| of each token: the larger, the more typical.
     *
     * @param logits those of the tokens, from {@code offset} on
     * @param weights whole numbers, 2^40 e^-d, by index
     * @param total sum of the weights
     * @param out {@code count} numbers, never -0; may be {@code logits} where offset is 0
     */
    static void rate(
            float[] logits,
            int offset,
            int count,
            float maxLogit,
            float temperature,
            float[] weights,
            long total,
            float[] out) {
        for (int i = 0; i < count; i++) {
            out[i] = (maxLogit - logits[offset + i]) / temperature;
        }
        double mean = meanDistance(weights, out, count, total);
        for (int i = 0; i < count; i++) {
            out[i] = 0f - (float) Math.abs(out[i] - mean);
        }
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
