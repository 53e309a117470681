package io.llamastreams.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.model.load.ModelLoader;
import io.llamastreams.model.load.RandomModel;
import io.llamastreams.stats.StepPhase;
import io.llamastreams.stats.StepProfile;
import io.llamastreams.tensor.kernel.Kernels;
import io.llamastreams.tensor.kernel.ScalarKernels;
import io.llamastreams.tensor.kernel.WorkerPool;
import io.llamastreams.tensor.quant.TensorType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForwardProfileTest {
    private static final int[] TOKENS = {1, 300, 7, 7, 12, 250, 33, 90, 18, 4, 5, 6, 77, 78, 79, 80, 81, 82, 83, 84};

    @TempDir
    Path folder;

    private final Kernels kernels = new ScalarKernels();

    /** Notes the phases in their order. */
    private static final class Laps implements StepProfile {
        private final List<StepPhase> phases = new ArrayList<>();

        @Override
        public void beginStep() {}

        @Override
        public void lap(StepPhase phase, long waitedNanos) {
            assertThat(waitedNanos).isNotNegative();
            phases.add(phase);
        }

        @Override
        public void endStep(int rows, int logitRows) {}
    }

    private float[] logits(LlamaModel model, WorkerPool pool, StepProfile profile) {
        try (LlamaForward forward = new LlamaForward(model, kernels, pool, new ForwardLimits(32, 1, 2), profile)) {
            ForwardBatch batch = new ForwardBatch(32, 1);
            for (int i = 0; i < TOKENS.length - 1; i++) {
                batch.add(TOKENS[i], i, new int[] {1, 0});
            }
            batch.addWithLogits(TOKENS[TOKENS.length - 1], TOKENS.length - 1, new int[] {1, 0});
            forward.forward(batch);
            return Arrays.copyOf(forward.logits(), model.config().vocabularySize());
        }
    }

    @Test
    void hearsOfEveryStageAndChangesNoBit() {
        Path file = RandomModel.tiny().type(TensorType.Q8_0).write(folder.resolve("m.gguf"));
        Laps laps = new Laps();
        try (WorkerPool pool = new WorkerPool(2);
                WorkerPool timed = new WorkerPool(2, System::nanoTime);
                LlamaModel model =
                        ModelLoader.load(file, pool, ModelLoader.Progress.NONE).model()) {
            float[] expected = logits(model, pool, StepProfile.OFF);
            assertThat(logits(model, timed, laps)).isEqualTo(expected);
        }
        Set<StepPhase> engines = Set.of(StepPhase.SCHEDULING, StepPhase.SAMPLING);
        assertThat(EnumSet.copyOf(laps.phases)).isEqualTo(EnumSet.complementOf(EnumSet.copyOf(engines)));
        assertThat(laps.phases).startsWith(StepPhase.EMBEDDING, StepPhase.INPUTS, StepPhase.QUERY_KEY_VALUE);
        assertThat(laps.phases).endsWith(StepPhase.INPUTS, StepPhase.VOCABULARY);
        assertThat(laps.phases.stream().filter(phase -> phase == StepPhase.ATTENTION))
                .hasSize(2);
    }

    @Test
    void aSequenceGoesOnFromCopiedBlocksWithTheSameBits() {
        Path file = RandomModel.tiny().write(folder.resolve("m.gguf"));
        int[] original = {0, 1};
        int[] copy = {3, 2};
        try (WorkerPool pool = new WorkerPool(1);
                LlamaModel model =
                        ModelLoader.load(file, pool, ModelLoader.Progress.NONE).model();
                LlamaForward forward = new LlamaForward(model, kernels, pool, new ForwardLimits(32, 2, 4))) {
            ForwardBatch batch = new ForwardBatch(32, 2);
            for (int i = 0; i < TOKENS.length; i++) {
                batch.add(TOKENS[i], i, original);
            }
            forward.forward(batch);
            forward.copyBlock(original[0], copy[0]);
            forward.copyBlock(original[1], copy[1]);
            batch.clear();
            batch.addWithLogits(42, TOKENS.length, original);
            batch.addWithLogits(42, TOKENS.length, copy);
            forward.forward(batch);
            int width = model.config().vocabularySize();
            assertThat(Arrays.copyOfRange(forward.logits(), width, 2 * width))
                    .isEqualTo(Arrays.copyOf(forward.logits(), width));
        }
    }
}
