package io.llamastreams.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.llamastreams.model.load.RandomModel;
import io.llamastreams.model.load.TinyModel;
import io.llamastreams.tensor.kernel.AllKernels;
import io.llamastreams.tensor.kernel.Kernels;
import io.llamastreams.tensor.kernel.KvType;
import io.llamastreams.tensor.quant.TensorType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LlamaForwardTest {

    @TempDir
    Path folder;

    @Test
    void greedyIdsAreThoseOfAnIndependentProgram() throws IOException {
        JsonNode golden = new ObjectMapper().readTree(TinyModel.golden("greedy").toFile());
        for (Kernels kernels : AllKernels.list()) {
            try (ForwardHarness harness = new ForwardHarness(TinyModel.f32(), kernels, 2, 1)) {
                for (JsonNode example : golden.get("cases")) {
                    int[] prompt = ints(example.get("prompt"));
                    int[] expected = ints(example.get("greedy"));
                    assertThat(greedy(harness, kernels, prompt, expected.length))
                            .as(kernels.name())
                            .containsExactly(expected);
                }
            }
        }
    }

    static int[] greedy(ForwardHarness harness, Kernels kernels, int[] prompt, int count) {
        int[] table = harness.blockTable(0);
        int[] made = new int[count];
        float[] logits = harness.run(table, 0, prompt, 64);
        for (int i = 0; i < count; i++) {
            made[i] = kernels.argmax(logits, 0, logits.length);
            logits = harness.run(table, prompt.length + i, new int[] {made[i]}, 1);
        }
        return made;
    }

    @Test
    void logitsAreThoseOfAnIndependentProgram() throws IOException {
        JsonNode golden = new ObjectMapper().readTree(TinyModel.golden("logits").toFile());
        Kernels kernels = AllKernels.list().getLast();
        try (ForwardHarness harness = new ForwardHarness(TinyModel.f32(), kernels, 1, 1)) {
            for (JsonNode example : golden.get("cases")) {
                float[] logits = harness.run(harness.blockTable(0), 0, ints(example.get("prompt")), 64);
                assertThat(example.get("logits").size()).isEqualTo(logits.length);
                for (int i = 0; i < logits.length; i++) {
                    assertThat(logits[i])
                            .isCloseTo((float) example.get("logits").get(i).asDouble(), within(1e-3f));
                }
            }
        }
    }

    @Test
    void likelihoodOfATextIsThatOfAnIndependentProgramInEveryFormat() throws IOException {
        JsonNode golden = new ObjectMapper().readTree(TinyModel.golden("nll").toFile());
        int checked = 0;
        for (JsonNode example : golden.get("cases")) {
            int[] ids = ints(example.get("ids"));
            for (String format : List.of("f32", "f16", "q8_0", "q4_0")) {
                double expected = find(example, format);
                double tolerance = format.startsWith("f") ? 0.001 : 0.01;
                assertThat(negativeLogLikelihood(TinyModel.file(format), KvType.F32, ids))
                        .as(format)
                        .isCloseTo(expected, within(expected * tolerance));
                checked++;
            }
        }
        assertThat(checked).isPositive();
    }

    @Test
    void keysAndValuesInHalvesBarelyChangeTheLikelihoodOfAText() throws IOException {
        JsonNode golden = new ObjectMapper().readTree(TinyModel.golden("nll").toFile());
        for (JsonNode example : golden.get("cases")) {
            int[] ids = ints(example.get("ids"));
            double floats = negativeLogLikelihood(TinyModel.f32(), KvType.F32, ids);
            double halves = negativeLogLikelihood(TinyModel.f32(), KvType.F16, ids);
            // Each number is off by 2^-11 of itself at most, and errors of many tokens cancel.
            assertThat(halves).isNotEqualTo(floats).isCloseTo(floats, within(floats * 1e-4));
        }
    }

    /** The golden's sum for a format, under whatever object it stands. */
    private static double find(JsonNode example, String format) {
        JsonNode found = example.findValue(format);
        assertThat(found).as("golden for " + format).isNotNull();
        return found.isNumber() ? found.asDouble() : found.get("nll").asDouble();
    }

    static double negativeLogLikelihood(Path file, KvType kvType, int[] ids) {
        Kernels kernels = AllKernels.list().getLast();
        double sum = 0;
        try (ForwardHarness harness = new ForwardHarness(file, kernels, kvType, 2, 1)) {
            int[] table = harness.blockTable(0);
            for (int i = 0; i + 1 < ids.length; i++) {
                float[] logits = harness.run(table, i, new int[] {ids[i]}, 1);
                sum += kernels.logSumExp(logits, 0, logits.length) - logits[ids[i + 1]];
            }
        }
        return sum;
    }

    @ParameterizedTest
    @EnumSource(KvType.class)
    void bitsDependOnNothingButTheTokens(KvType kvType) {
        // Odd shapes: grouped heads of 12, a feed-forward width that is no multiple of 32 where the type allows it.
        for (TensorType type : TensorType.values()) {
            int feedForward = type.blockElements() == 1 ? 75 : 96;
            LlamaConfig shape = RandomModel.shape(300, 96, 2, 8, 2, feedForward, 96);
            Path file = RandomModel.of(shape).seed(7).type(type).write(folder.resolve(type + ".gguf"));
            int[][] reference = null;
            for (Kernels kernels : AllKernels.list()) {
                for (int threads : new int[] {1, 2}) {
                    int[][] bits = trace(file, kernels, kvType, threads);
                    if (reference == null) {
                        reference = bits;
                    }
                    assertThat(bits)
                            .as("%s %s %d threads", type, kernels.name(), threads)
                            .isDeepEqualTo(reference);
                }
            }
        }
    }

    /** Logit bits of four sequences, which every way of running them must give; rows: sequences, then steps. */
    private int[][] trace(Path file, Kernels kernels, KvType kvType, int threads) {
        Random random = new Random(3);
        List<int[]> rows = new ArrayList<>();
        try (ForwardHarness harness = new ForwardHarness(file, kernels, kvType, threads, 4)) {
            int[][] tables = new int[4][];
            for (int s = 0; s < 4; s++) {
                tables[s] = harness.blockTable(s);
                int[] prompt = random.ints(37, 0, 300).toArray();
                int[] whole = bits(harness.run(tables[s], 0, prompt, 64));
                for (int chunk : new int[] {1, 2, 5, 16, 36}) {
                    assertThat(bits(harness.run(tables[s], 0, prompt, chunk)))
                            .as("chunks of %d", chunk)
                            .isEqualTo(whole);
                }
                rows.add(whole);
            }
            for (int step = 0; step < 5; step++) {
                int[] tokens = random.ints(4, 0, 300).toArray();
                float[][] together = harness.runTogether(tables, 37 + step, tokens);
                for (int s = 0; s < 4; s++) {
                    float[] alone = harness.run(tables[s], 37 + step, new int[] {tokens[s]}, 1);
                    assertThat(bits(together[s])).isEqualTo(bits(alone));
                    rows.add(bits(alone));
                }
            }
        }
        return rows.toArray(new int[0][]);
    }

    @Test
    void refusesRowsOutsideTheModelAndThePool() {
        Path file = RandomModel.tiny().write(folder.resolve("tiny.gguf"));
        try (ForwardHarness harness = new ForwardHarness(file, AllKernels.list().getFirst(), 1, 1)) {
            int[] table = harness.blockTable(0);
            assertThatThrownBy(() -> harness.run(table, 0, new int[] {-1}, 1))
                    .hasMessageContaining("token: expected 0 to");
            assertThatThrownBy(() -> harness.run(table, harness.config().contextLength(), new int[] {1}, 1))
                    .hasMessageContaining("position: expected 0 to");
            assertThatThrownBy(() -> harness.run(new int[] {harness.forward().blockCount()}, 0, new int[] {1}, 1))
                    .hasMessageContaining("block: expected 0 to");
        }
    }

    private static int[] ints(JsonNode array) {
        int[] ints = new int[array.size()];
        Arrays.setAll(ints, i -> array.get(i).asInt());
        return ints;
    }

    private static int[] bits(float[] x) {
        int[] bits = new int[x.length];
        Arrays.setAll(bits, i -> Float.floatToRawIntBits(x[i]));
        return bits;
    }
}
