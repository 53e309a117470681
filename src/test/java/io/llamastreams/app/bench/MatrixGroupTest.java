package io.llamastreams.app.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.llamastreams.model.LlamaWeights;
import io.llamastreams.model.load.ModelLoader;
import io.llamastreams.model.load.ModelLoader.LoadedModel;
import io.llamastreams.model.load.RandomModel;
import io.llamastreams.stats.StepPhase;
import io.llamastreams.tensor.kernel.WorkerPool;
import io.llamastreams.tensor.quant.TensorType;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MatrixGroupTest {
    @TempDir
    Path folder;

    @Test
    void togetherTheyAreAllMatricesOfAStep() {
        Path file = RandomModel.tiny()
                .ownOutput()
                .types(name -> name.contains("attn_k") ? TensorType.F16 : TensorType.Q8_0)
                .write(folder.resolve("m.gguf"));
        try (WorkerPool pool = new WorkerPool(1)) {
            LoadedModel loaded = ModelLoader.load(file, pool, ModelLoader.Progress.NONE);
            LlamaWeights weights = loaded.model().weights();
            List<MatrixGroup> groups = MatrixGroup.of(weights);
            long norms = 4L * 64 * (2 * 2 + 1);
            assertThat(groups.stream().mapToLong(MatrixGroup::bytes).sum())
                    .isEqualTo(
                            weights.bytes() - norms - weights.tokenEmbedding().weightBytes());
            assertThat(groups.stream().mapToLong(MatrixGroup::weights).sum())
                    .isEqualTo(loaded.model().config().parameters(false) - norms / 4 - 320 * 64);
            // 8 heads and twice 4 KV heads of 8; two layers
            assertThat(groups.getFirst())
                    .isEqualTo(new MatrixGroup(
                            StepPhase.QUERY_KEY_VALUE,
                            "F16+Q8_0",
                            128,
                            64,
                            2 * 128 * 64,
                            2 * (96 * 64 * 34 / 32 + 32 * 64 * 2)));
            assertThat(groups.getLast())
                    .isEqualTo(new MatrixGroup(StepPhase.VOCABULARY, "Q8_0", 320, 64, 320 * 64, 320 * 64 * 34 / 32));
            loaded.model().close();
        }
    }

    @Test
    void rateCountsBytesOnceAStepAndOperationsForEachInput() {
        Map<StepPhase, StepTimes.Phase> phases = new EnumMap<>(StepPhase.class);
        phases.put(StepPhase.DOWN, new StepTimes.Phase(1_500_000, 500_000));
        phases.put(StepPhase.VOCABULARY, new StepTimes.Phase(1_000_000, 0));
        // four chunks of a prompt, of which the last has logits
        StepTimes times = new StepTimes(4, 1, 2000, 1, phases);
        MatrixGroup.Rate down = new MatrixGroup(StepPhase.DOWN, "F32", 10, 100, 1000, 4000).rate(times);
        assertThat(down.inputs()).isEqualTo(500);
        assertThat(down.secondsPerStep()).isCloseTo(0.0005, within(1e-12));
        assertThat(down.bytesPerSecond()).isCloseTo(4 * 4000 / 0.002, within(1e-3));
        assertThat(down.operationsPerSecond()).isCloseTo(2.0 * 1000 * 2000 / 0.002, within(1e-3));
        MatrixGroup.Rate vocabulary = new MatrixGroup(StepPhase.VOCABULARY, "F32", 10, 100, 1000, 4000).rate(times);
        assertThat(vocabulary.inputs()).isEqualTo(1);
        assertThat(vocabulary.bytesPerSecond()).isCloseTo(4000 / 0.001, within(1e-3));
        assertThat(vocabulary.operationsPerSecond()).isCloseTo(2.0 * 1000 / 0.001, within(1e-3));
    }
}
