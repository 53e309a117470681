package io.llamastreams.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.model.load.RandomModel;
import io.llamastreams.model.load.TinyModel;
import io.llamastreams.model.load.WeightStorage;
import io.llamastreams.tensor.kernel.AllKernels;
import io.llamastreams.tensor.kernel.Kernels;
import io.llamastreams.tensor.quant.TensorType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model mapped from its file and the same one packed in memory: equal bits of logits, and so equal texts. */
class WeightStorageTest {
    private static final int SEQUENCES = 5;
    private static final int NEW_TOKENS = 6;

    @TempDir
    Path folder;

    @Test
    void trainedModelGivesEqualBitsInEveryFormat() {
        for (String format : List.of("f32", "f16", "q8_0", "q4_0")) {
            compare(TinyModel.file(format));
        }
    }

    @Test
    void randomModelsWhosePanelsAreNotFullGiveEqualBits() {
        LlamaConfig shape = RandomModel.shape(333, 96, 2, 6, 2, 160, 64);
        for (TensorType type : TensorType.values()) {
            compare(RandomModel.of(shape).type(type).write(folder.resolve(type + ".gguf")));
        }
        Path mixed = RandomModel.of(shape)
                .ownOutput()
                .types(name -> name.contains("ffn") ? TensorType.Q4_0 : TensorType.F16)
                .write(folder.resolve("mixed.gguf"));
        compare(mixed);
    }

    private static void compare(Path file) {
        for (Kernels kernels : AllKernels.list()) {
            List<float[]> packed = logits(file, WeightStorage.PACKED, kernels, 1);
            List<float[]> mapped = logits(file, WeightStorage.MAPPED, kernels, 2);
            assertThat(mapped).hasSameSizeAs(packed);
            for (int i = 0; i < packed.size(); i++) {
                assertThat(bits(mapped.get(i)))
                        .as("%s, %s, logits %d", file.getFileName(), kernels.name(), i)
                        .isEqualTo(bits(packed.get(i)));
            }
        }
    }

    /** A prompt in chunks, then one token at a time, then several sequences together. */
    private static List<float[]> logits(Path file, WeightStorage storage, Kernels kernels, int threads) {
        List<float[]> all = new ArrayList<>();
        try (ForwardHarness harness = new ForwardHarness(file, storage, kernels, threads, SEQUENCES)) {
            int[] prompt = new Random(3).ints(23, 3, 300).toArray();
            int[][] tables = new int[SEQUENCES][];
            int[] next = new int[SEQUENCES];
            for (int sequence = 0; sequence < SEQUENCES; sequence++) {
                tables[sequence] = harness.blockTable(sequence);
                prompt[0] = 3 + sequence;
                float[] logits = harness.run(tables[sequence], 0, prompt, 9);
                all.add(logits);
                next[sequence] = kernels.argmax(logits, 0, logits.length);
            }
            int position = prompt.length;
            for (int i = 0; i < NEW_TOKENS; i++) {
                float[] logits = harness.run(tables[0], position + i, new int[] {next[0]}, 1);
                all.add(logits);
                next[0] = kernels.argmax(logits, 0, logits.length);
            }
            all.addAll(List.of(harness.runTogether(tables, position, next)));
        }
        return all;
    }

    private static int[] bits(float[] x) {
        int[] bits = new int[x.length];
        for (int i = 0; i < x.length; i++) {
            bits[i] = Float.floatToRawIntBits(x[i]);
        }
        return bits;
    }
}
