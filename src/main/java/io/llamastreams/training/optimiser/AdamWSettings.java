package io.llamastreams.training.optimiser;

/**
 * The constants of {@link AdamW}, in the letters of Loshchilov and Hutter 2019.
 *
 * @param beta1 share of the old first moment, in [0, 1)
 * @param beta2 share of the old second moment, in [0, 1)
 * @param epsilon added to the root of the second moment, above 0
 * @param weightDecay what a decayed weight loses per step, times the rate; 0 for none
 * @param maxGradientNorm longer gradients are shortened to this length; infinite for no limit
 */
public record AdamWSettings(float beta1, float beta2, float epsilon, float weightDecay, float maxGradientNorm) {

    /** Touvron et al. 2023, section 2.2. */
    public static final AdamWSettings LLAMA2 = new AdamWSettings(0.9f, 0.95f, 1e-5f, 0.1f, 1f);

    public AdamWSettings {
        check(beta1 >= 0 && beta1 < 1, "beta1", "from 0 to below 1", beta1);
        check(beta2 >= 0 && beta2 < 1, "beta2", "from 0 to below 1", beta2);
        check(epsilon > 0 && Float.isFinite(epsilon), "epsilon", "above 0", epsilon);
        check(weightDecay >= 0 && Float.isFinite(weightDecay), "weight decay", "at least 0", weightDecay);
        check(maxGradientNorm > 0, "maximal gradient norm", "above 0", maxGradientNorm);
    }

    private static void check(boolean good, String thing, String expected, float found) {
        if (!good) {
            throw new IllegalArgumentException(thing + ": expected " + expected + ", found " + found);
        }
    }
}
