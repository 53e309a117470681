package io.llamastreams.training.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.llamastreams.model.LlamaConfig;
import io.llamastreams.tensor.kernel.KernelChoice;
import io.llamastreams.tensor.kernel.TrainingKernels;
import io.llamastreams.tensor.kernel.WorkerPool;
import io.llamastreams.tensor.vector.KernelProvider;
import io.llamastreams.training.optimiser.ParameterTensor;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LlamaGradientTest {
    /** Central differences in double: truncation is of the order of the step's square, rounding of 1e-16 / step. */
    private static final double STEP = 1e-5;

    private static final int SAMPLES_PER_TENSOR = 24;

    private static final LlamaConfig GROUPED = config(37, 22, 2, 6, 2, 4, 35, 80);
    private static final LlamaConfig MULTI_QUERY = config(19, 10, 1, 5, 1, 6, 7, 70);
    private static final LlamaConfig MULTI_HEAD = config(41, 33, 2, 3, 3, 34, 65, 40);
    private static final LlamaConfig WHOLE_PANELS = config(96, 64, 2, 4, 2, 32, 96, 80);

    private static LlamaConfig config(
            int vocabulary, int width, int layers, int heads, int kvHeads, int headSize, int feedForward, int context) {
        return new LlamaConfig(
                vocabulary, width, layers, heads, kvHeads, headSize, feedForward, context, 10000f, 1f, 1e-5f);
    }

    @Test
    void agreesWithCentralDifferencesOnGroupedHeads() {
        agreesWithCentralDifferences(new ParameterLayout(GROUPED, true), 71, 1, 9);
        agreesWithCentralDifferences(new ParameterLayout(GROUPED, false), 3, 71, 2);
    }

    @Test
    void agreesWithCentralDifferencesOnOneKvHead() {
        agreesWithCentralDifferences(new ParameterLayout(MULTI_QUERY, false), 65, 5);
    }

    @Test
    void agreesWithCentralDifferencesOnMultiHeadAndOddWidths() {
        agreesWithCentralDifferences(new ParameterLayout(MULTI_HEAD, true), 33, 31, 4);
    }

    @Test
    void agreesWithCentralDifferencesOnWholePanels() {
        agreesWithCentralDifferences(new ParameterLayout(WHOLE_PANELS, true), 80, 16, 64);
    }

    private static void agreesWithCentralDifferences(ParameterLayout layout, int... lengths) {
        float[] weights = randomWeights(layout, 1);
        TokenBatch batch = randomBatch(layout.config(), 2, lengths);
        float[] gradients = new float[layout.size()];
        double loss;
        double lossAlone;
        try (WorkerPool pool = new WorkerPool(2)) {
            LlamaGradient network = new LlamaGradient(layout, weights, batch.tokens().length, kernels(), pool);
            lossAlone = network.loss(batch);
            loss = network.addGradient(batch, gradients);
        }
        double[] exact = new double[weights.length];
        for (int i = 0; i < weights.length; i++) {
            exact[i] = weights[i];
        }
        DoubleLlama reference = new DoubleLlama(layout, exact);
        double expected = reference.loss(batch);
        assertThat(loss).isCloseTo(expected, within(1e-5 * expected)).isEqualTo(lossAlone);

        Random random = new Random(3);
        for (ParameterTensor tensor : layout.tensors()) {
            double difference = 0;
            double magnitude = 0;
            for (int sample = 0; sample < SAMPLES_PER_TENSOR; sample++) {
                int i = tensor.offset() + random.nextInt(tensor.size());
                double before = exact[i];
                exact[i] = before + STEP;
                double above = reference.loss(batch);
                exact[i] = before - STEP;
                double below = reference.loss(batch);
                exact[i] = before;
                double slope = (above - below) / (2 * STEP);
                difference += (gradients[i] - slope) * (gradients[i] - slope);
                magnitude += slope * slope;
            }
            assertThat(magnitude).as("%s: some slope", tensor.name()).isGreaterThan(1e-12);
            assertThat(Math.sqrt(difference / magnitude))
                    .as("%s of %s: relative error", tensor.name(), layout.config())
                    .isLessThan(1e-4);
        }
    }

    @Test
    void equalsItselfOnAnyNumberOfThreadsAndWithAnyKernels() {
        for (LlamaConfig config : new LlamaConfig[] {GROUPED, MULTI_HEAD, WHOLE_PANELS}) {
            ParameterLayout layout = new ParameterLayout(config, true);
            TokenBatch batch = randomBatch(config, 5, 40, 7, 33, 1, 40);
            float[] expected = gradients(layout, batch, KernelProvider.chooseForTraining(KernelChoice.SCALAR), 1);
            for (int threads : new int[] {1, 2, 3}) {
                assertThat(gradients(layout, batch, kernels(), threads)).isEqualTo(expected);
            }
            for (int bits : new int[] {128, 256, 512}) {
                TrainingKernels kernels = KernelProvider.chooseForTraining(KernelChoice.vector(bits));
                assertThat(gradients(layout, batch, kernels, 2)).isEqualTo(expected);
            }
        }
    }

    private static float[] gradients(ParameterLayout layout, TokenBatch batch, TrainingKernels kernels, int threads) {
        float[] gradients = new float[layout.size()];
        try (WorkerPool pool = new WorkerPool(threads)) {
            new LlamaGradient(layout, randomWeights(layout, 4), batch.tokens().length, kernels, pool)
                    .addGradient(batch, gradients);
        }
        return gradients;
    }

    @Test
    void addsToWhatTheGradientsHaveAndTakesSmallerBatches() {
        ParameterLayout layout = new ParameterLayout(GROUPED, true);
        TokenBatch first = randomBatch(GROUPED, 6, 30, 20);
        TokenBatch second = randomBatch(GROUPED, 7, 11);
        try (WorkerPool pool = new WorkerPool(2)) {
            LlamaGradient network = new LlamaGradient(layout, randomWeights(layout, 8), 64, kernels(), pool);
            float[] alone = new float[layout.size()];
            network.addGradient(second, alone);
            float[] both = new float[layout.size()];
            network.addGradient(first, both);
            float[] before = both.clone();
            network.addGradient(second, both);
            for (int i = 0; i < both.length; i++) {
                assertThat(both[i]).isCloseTo(before[i] + alone[i], within(1e-3f));
            }
            assertThat(both).isNotEqualTo(before);
        }
    }

    @Test
    void refusesBatchesThatDoNotFit() {
        ParameterLayout layout = new ParameterLayout(MULTI_QUERY, true);
        try (WorkerPool pool = new WorkerPool(1)) {
            LlamaGradient network = new LlamaGradient(layout, randomWeights(layout, 9), 32, kernels(), pool);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> network.loss(randomBatch(MULTI_QUERY, 1, 33)))
                    .withMessage("batch: expected at most 32 tokens, found 33");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> network.loss(new TokenBatch(new int[] {1, 19}, new int[] {2, -1}, new int[] {0})))
                    .withMessage("batch: token 1: expected an id below 19, found 19");
        }
    }

    private static TrainingKernels kernels() {
        return KernelProvider.chooseForTraining(KernelChoice.AUTO);
    }

    private static float[] randomWeights(ParameterLayout layout, long seed) {
        Random random = new Random(seed);
        float[] weights = new float[layout.size()];
        for (ParameterTensor tensor : layout.tensors()) {
            for (int i = tensor.offset(); i < tensor.end(); i++) {
                weights[i] = (float) (tensor.decayed() ? 0.3 * random.nextGaussian() : 0.7 + 0.6 * random.nextDouble());
            }
        }
        return weights;
    }

    /** Every third token has no target. */
    private static TokenBatch randomBatch(LlamaConfig config, long seed, int... lengths) {
        Random random = new Random(seed);
        int[] starts = new int[lengths.length];
        int total = 0;
        for (int i = 0; i < lengths.length; i++) {
            starts[i] = total;
            total += lengths[i];
        }
        int[] tokens = random.ints(total, 0, config.vocabularySize()).toArray();
        int[] targets = random.ints(total, 0, config.vocabularySize()).toArray();
        for (int i = 2; i < total; i += 3) {
            targets[i] = TokenBatch.NO_TARGET;
        }
        return new TokenBatch(tokens, targets, starts);
    }
}
