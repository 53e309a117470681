package io.llamastreams.training.optimiser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.llamastreams.tensor.kernel.WorkerPool;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AdamWTest {

    /** Some tens of float roundings (2^-24) of numbers up to 4; a wrong term would show in the third digit. */
    private static final Offset<Float> ROUNDING = within(2e-6f);

    /** A matrix [1, 2], which decays, before a norm [2], which does not. */
    private static final List<ParameterTensor> MATRIX_AND_NORM =
            List.of(new ParameterTensor("matrix", 1, 2, 0, true), new ParameterTensor("norm", 1, 2, 2, false));

    private static final AdamWSettings UNCLIPPED = new AdamWSettings(0.9f, 0.95f, 1e-5f, 0.1f, Float.POSITIVE_INFINITY);

    private final WorkerPool pool = new WorkerPool(1);

    @AfterEach
    void closePool() {
        pool.close();
    }

    /**
     * Expected: python3 in double, per step t with g shortened to norm 1 where it is longer (step 2):
     *
     * <pre>
     * m = 0.9 * m + 0.1 * g;  v = 0.95 * v + 0.05 * g * g
     * w -= rate * (0.1 * w if decayed + m / (1 - 0.9^t) / (sqrt(v / (1 - 0.95^t)) + 1e-5))
     * </pre>
     */
    @Test
    void followsTheFormulaOverThreeSteps() {
        float[] weights = {1, -2, 0.5f, 3};
        AdamW adam = new AdamW(MATRIX_AND_NORM, weights, AdamWSettings.LLAMA2, pool);

        assertThat(adam.step(new float[] {0.3f, -0.4f, 0.1f, 0.2f}, 1, 0.01f)).isEqualTo(0.5477225575f, ROUNDING);
        assertThat(weights)
                .containsExactly(
                        new float[] {0.9890003333222226f, -1.9880002499937501f, 0.49000099990001f, 2.990000499975001f},
                        ROUNDING);

        assertThat(adam.step(new float[] {-1.5f, 2, 0.5f, -1}, 1, 0.02f)).isEqualTo(2.7386127875f, ROUNDING);
        assertThat(weights)
                .containsExactly(
                        new float[] {0.993597137971603f, -1.9905990917773397f, 0.47064310241757545f, 2.9965752313571685f
                        },
                        ROUNDING);

        assertThat(adam.step(new float[] {0.02f, 0.01f, -0.03f, 0}, 1, 0.005f)).isEqualTo(0.0374165739f, ROUNDING);
        assertThat(weights)
                .containsExactly(
                        new float[] {0.9942837198029938f, -1.9909293251322808f, 0.46735343294892395f, 2.997862220938336f
                        },
                        ROUNDING);
        assertThat(adam.firstMoments())
                .containsExactly(
                        new float[] {
                            -0.02299503017546494f, 0.034326706900619924f, 0.02153167672515498f, -0.01666335345030996f
                        },
                        within(1e-8f));
        assertThat(adam.secondMoments())
                .containsExactly(
                        new float[] {
                            0.01833125000000001f, 0.032558333333333356f, 0.0020795833333333348f, 0.00813833333333334f
                        },
                        within(1e-8f));
        assertThat(adam.stepsDone()).isEqualTo(3);
    }

    @Test
    void decaysMatricesOnly() {
        float[] weights = {1, -2, 0.5f, 3};
        AdamW adam = new AdamW(MATRIX_AND_NORM, weights, AdamWSettings.LLAMA2, pool);
        assertThat(adam.step(new float[4], 1, 0.5f)).isZero();
        assertThat(weights).containsExactly(1 - 0.5f * 0.1f, -2 * (1 - 0.5f * 0.1f), 0.5f, 3);
    }

    @Test
    void scalesGradientsBeforeItMeasuresThem() {
        float[] gradients = {300, 400, 0, 0};
        float[] scaled = new float[4];
        float[] plain = new float[4];
        AdamW onScaled = new AdamW(MATRIX_AND_NORM, scaled, AdamWSettings.LLAMA2, pool);
        AdamW onPlain = new AdamW(MATRIX_AND_NORM, plain, AdamWSettings.LLAMA2, pool);
        assertThat(onScaled.step(gradients, 1f / 1024, 0.1f)).isEqualTo(500f / 1024);
        assertThat(onPlain.step(new float[] {300f / 1024, 400f / 1024, 0, 0}, 1, 0.1f))
                .isEqualTo(500f / 1024);
        assertThat(scaled).isEqualTo(plain);
        assertThat(onScaled.firstMoments()).isEqualTo(onPlain.firstMoments());
        assertThat(gradients).containsExactly(300, 400, 0, 0);
    }

    /** The norm of (3, 4) is 5 exactly. A limit just below shortens, but by a rounding of the factor only. */
    @Test
    void clipsAboveTheBorderNotOnIt() {
        float[] gradients = {3, 4, 0, 0};
        assertThat(firstMomentsAfter(gradients, 5)).isEqualTo(firstMomentsAfter(gradients, Float.POSITIVE_INFINITY));
        assertThat(firstMomentsAfter(gradients, Math.nextDown(5f))[1]).isLessThan(firstMomentsAfter(gradients, 5)[1]);
        assertThat(firstMomentsAfter(gradients, 2.5f))
                .isEqualTo(firstMomentsAfter(new float[] {1.5f, 2, 0, 0}, Float.POSITIVE_INFINITY));
    }

    private float[] firstMomentsAfter(float[] gradients, float maxGradientNorm) {
        AdamWSettings settings = new AdamWSettings(0.9f, 0.95f, 1e-5f, 0.1f, maxGradientNorm);
        AdamW adam = new AdamW(MATRIX_AND_NORM, new float[4], settings, pool);
        assertThat(adam.step(gradients, 1, 0.1f)).isEqualTo(5 * gradients[0] / 3);
        return adam.firstMoments();
    }

    @Test
    void changesNoBitWithTheNumberOfThreads() {
        List<ParameterTensor> tensors = List.of(
                new ParameterTensor("embedding", 1_000, 37, 0, true),
                new ParameterTensor("norm", 1, 37, 37_000, false),
                new ParameterTensor("exact", 4, 4_096, 37_037, true),
                new ParameterTensor("longer", 1, 16_387, 53_421, true),
                new ParameterTensor("last", 1, 1, 69_808, false));
        float[] one = weightsAfterFiveSteps(tensors, 1);
        for (int threads = 2; threads <= 3; threads++) {
            assertThat(weightsAfterFiveSteps(tensors, threads))
                    .as("%d threads", threads)
                    .isEqualTo(one);
        }
    }

    private static float[] weightsAfterFiveSteps(List<ParameterTensor> tensors, int threads) {
        Random random = new Random(20230718);
        float[] weights = randomFloats(random, tensors.getLast().end());
        try (WorkerPool workers = new WorkerPool(threads)) {
            AdamW adam = new AdamW(tensors, weights, AdamWSettings.LLAMA2, workers);
            for (int step = 1; step <= 5; step++) {
                adam.step(randomFloats(random, weights.length), 0.01f, 0.003f);
            }
        }
        return weights;
    }

    /** The chunks, tails and both tensors of a larger model against a loop in double over all numbers. */
    @Test
    void followsTheFormulaInEveryChunk() {
        List<ParameterTensor> tensors = List.of(
                new ParameterTensor("matrix", 3, 16_384, 0, true), new ParameterTensor("norm", 1, 7, 49_152, false));
        Random random = new Random(1);
        float[] weights = randomFloats(random, 49_159);
        float[] before = weights.clone();
        float[] gradients = randomFloats(random, 49_159);
        double norm = 0;
        for (float g : gradients) {
            norm += (double) g * g;
        }
        norm = Math.sqrt(norm);
        assertThat(new AdamW(tensors, weights, AdamWSettings.LLAMA2, pool).step(gradients, 1, 0.01f))
                .isEqualTo((float) norm, within(1e-4f));
        for (int i = 0; i < weights.length; i++) {
            double g = gradients[i] / norm;
            double decay = i < 49_152 ? 0.1 * before[i] : 0;
            // At the first step the corrected moments are g and g * g.
            double expected = before[i] - 0.01 * (decay + g / (Math.abs(g) + 1e-5));
            assertThat(weights[i]).as("weight %d", i).isEqualTo((float) expected, ROUNDING);
        }
    }

    @Test
    void goesOnFromRestoredMomentsToTheBit() {
        Random random = new Random(7);
        float[] straight = {1, -2, 0.5f, 3};
        AdamW first = new AdamW(MATRIX_AND_NORM, straight, AdamWSettings.LLAMA2, pool);
        for (int step = 1; step <= 4; step++) {
            first.step(randomFloats(random, 4), 1, 0.01f);
        }
        float[] resumed = straight.clone();
        AdamW second = new AdamW(MATRIX_AND_NORM, resumed, AdamWSettings.LLAMA2, pool);
        second.restore(first.firstMoments(), first.secondMoments(), first.stepsDone());
        for (int step = 5; step <= 8; step++) {
            float[] gradients = randomFloats(random, 4);
            first.step(gradients, 1, 0.01f);
            second.step(gradients, 1, 0.01f);
        }
        assertThat(resumed).isEqualTo(straight);
        assertThat(second.stepsDone()).isEqualTo(8);
    }

    @Test
    void leavesEverythingAsItWasWhenAGradientIsNotFinite() {
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            float[] weights = {1, -2, 0.5f, 3};
            AdamW adam = new AdamW(MATRIX_AND_NORM, weights, UNCLIPPED, pool);
            adam.step(new float[] {1, 1, 1, 1}, 1, 0.01f);
            float[] weightsBefore = weights.clone();
            float[] momentsBefore = adam.firstMoments().clone();
            assertThatExceptionOfType(TrainingDivergedException.class)
                    .isThrownBy(() -> adam.step(new float[] {1, 1, 1, bad}, 1, 0.01f))
                    .withMessageStartingWith("step 2: gradient of norm: expected a finite norm, found ")
                    .satisfies(e -> {
                        assertThat(e.step()).isEqualTo(2);
                        assertThat(e.tensor()).contains("norm");
                    });
            assertThat(weights).isEqualTo(weightsBefore);
            assertThat(adam.firstMoments()).isEqualTo(momentsBefore);
            assertThat(adam.stepsDone()).isEqualTo(1);
        }
    }

    @Test
    void takesLargeFiniteGradientsForGood() {
        float[] weights = {1, -2, 0.5f, 3};
        AdamW adam = new AdamW(MATRIX_AND_NORM, weights, AdamWSettings.LLAMA2, pool);
        adam.step(new float[] {Float.MAX_VALUE, 0, 0, 0}, 1, 0.01f);
        assertThat(weights[0]).isEqualTo(1 - 0.001f - 0.01f, ROUNDING);
    }

    @Test
    void rejectsTensorsThatDoNotCoverTheWeights() {
        ParameterTensor first = new ParameterTensor("first", 2, 2, 0, true);
        ParameterTensor gap = new ParameterTensor("second", 2, 2, 5, true);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AdamW(List.of(first, gap), new float[9], UNCLIPPED, pool))
                .withMessage("tensor second: expected offset 4, found 5");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AdamW(List.of(first), new float[5], UNCLIPPED, pool))
                .withMessage("weights: expected 4 by the tensors, found 5");
    }

    @Test
    void rejectsArraysAndFactorsThatDoNotFit() {
        AdamW adam = new AdamW(MATRIX_AND_NORM, new float[4], UNCLIPPED, pool);
        assertThatIllegalArgumentException().isThrownBy(() -> adam.step(new float[3], 1, 0.1f));
        assertThatIllegalArgumentException().isThrownBy(() -> adam.step(new float[4], Float.NaN, 0.1f));
        assertThatIllegalArgumentException().isThrownBy(() -> adam.step(new float[4], 1, -0.1f));
        assertThatIllegalArgumentException().isThrownBy(() -> adam.restore(new float[4], new float[5], 1));
        assertThatIllegalArgumentException().isThrownBy(() -> adam.restore(new float[4], new float[4], -1));
        assertThatIllegalArgumentException().isThrownBy(() -> new ParameterTensor("w", 1 << 16, 1 << 16, 0, true));
        assertThatIllegalArgumentException().isThrownBy(() -> new AdamWSettings(1, 0.95f, 1e-5f, 0.1f, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new AdamWSettings(0.9f, 0.95f, 0, 0.1f, 1));
    }

    private static float[] randomFloats(Random random, int count) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) random.nextGaussian();
        }
        return numbers;
    }
}
