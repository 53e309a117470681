package io.llamastreams.model.save;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.llamastreams.model.LlamaConfig;
import io.llamastreams.model.load.GgufFile;
import io.llamastreams.model.load.GgufLlama;
import io.llamastreams.model.load.GgufTensor;
import io.llamastreams.model.load.LlamaTensors;
import io.llamastreams.tensor.quant.TensorType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class GgufModelWriterTest {
    /** Every width differs, so that no two matrices but gate and up, key and value have the same shape. */
    private static final LlamaConfig CONFIG = new LlamaConfig(320, 64, 2, 4, 2, 16, 96, 128, 10000f, 1f, 1e-5f);

    private static final String QUERY = "blk.1.attn_q.weight";

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "Q8_0", "Q4_0"})
    void loaderReadsTheWeightsBack(TensorType type) {
        List<NamedTensor> tensors = randomTensors(CONFIG, true);
        Path file = write(tensors, type);
        try (Arena arena = Arena.ofConfined()) {
            GgufFile gguf = GgufFile.read(file, arena);
            assertThat(gguf.version()).isEqualTo(3);
            assertThat(GgufLlama.config(gguf)).isEqualTo(CONFIG);
            LlamaTensors roles = GgufLlama.tensors(gguf, CONFIG);
            assertThat(roles.tiedOutput()).isFalse();
            assertThat(gguf.tensors()).hasSameSizeAs(tensors);
            for (NamedTensor tensor : tensors) {
                GgufTensor read = gguf.tensor(tensor.name()).orElseThrow();
                boolean norm = tensor.name().endsWith("norm.weight");
                assertThat(read.type()).as(tensor.name()).isEqualTo(norm ? TensorType.F32 : type);
                assertThat(read.shape().length).isEqualTo(norm ? 1 : 2);
                assertClose(tensor, read);
            }
        }
    }

    @Test
    void tiesTheOutputWhereThereIsNone() {
        Path file = write(randomTensors(CONFIG, false), TensorType.F32);
        try (Arena arena = Arena.ofConfined()) {
            assertThat(GgufLlama.tensors(GgufFile.read(file, arena), CONFIG).tiedOutput())
                    .isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void tensorsComeInAnyOrderAndFromTheMiddleOfArrays(long seed) throws IOException {
        List<NamedTensor> tensors = randomTensors(CONFIG, true);
        byte[] expected = Files.readAllBytes(write(tensors, TensorType.Q8_0));
        List<NamedTensor> others = new ArrayList<>();
        for (NamedTensor tensor : tensors) {
            float[] wide = new float[tensor.data().length + 100];
            Arrays.fill(wide, Float.NaN);
            System.arraycopy(tensor.data(), 0, wide, 37, tensor.data().length);
            others.add(new NamedTensor(tensor.name(), tensor.rows(), tensor.columns(), wide, 37));
        }
        Collections.shuffle(others, new Random(seed));
        assertThat(Files.readAllBytes(write(others, TensorType.Q8_0))).isEqualTo(expected);
    }

    @Test
    void saysWhatIsUnusualAboutTheShape() {
        LlamaConfig unusual = new LlamaConfig(300, 64, 1, 4, 1, 32, 96, 64, 5000f, 2f, 1e-6f);
        Path file = folder.resolve("unusual.gguf");
        GgufModelWriter.write(file, unusual, new GgufKeys(), randomTensors(unusual, false), TensorType.F16);
        try (Arena arena = Arena.ofConfined()) {
            GgufFile gguf = GgufFile.read(file, arena);
            assertThat(GgufLlama.config(gguf)).isEqualTo(unusual);
            assertThat(GgufLlama.tensors(gguf, unusual).layers()).hasSize(1);
        }
    }

    @Test
    void keysComeThroughInOrder() {
        GgufKeys keys = new GgufKeys()
                .string("general.name", "caf\u00E9 \uD83D\uDE00")
                .unsigned("x.unsigned", 4294967295L)
                .number("x.number", -0.5f)
                .bool("x.bool", true)
                .strings("x.strings", List.of("", "\u2581a", "b"))
                .numbers("x.numbers", 1.5f, -2f)
                .integers("x.integers", -1, 7);
        Path file = folder.resolve("keys.gguf");
        GgufModelWriter.write(file, CONFIG, keys, randomTensors(CONFIG, false), TensorType.F32);
        try (Arena arena = Arena.ofConfined()) {
            var metadata = GgufFile.read(file, arena).metadata();
            assertThat(metadata.string("general.name")).contains("caf\u00E9 \uD83D\uDE00");
            assertThat(metadata.integer("x.unsigned")).hasValue(4294967295L);
            assertThat(metadata.number("x.number")).contains(-0.5f);
            assertThat(metadata.bool("x.bool")).contains(true);
            assertThat(metadata.strings("x.strings").orElseThrow()).containsExactly("", "\u2581a", "b");
            assertThat(metadata.floats("x.numbers").orElseThrow()).containsExactly(1.5f, -2f);
            assertThat(metadata.integers("x.integers").orElseThrow()).containsExactly(-1, 7);
            assertThat(metadata.string("general.architecture")).contains("llama");
            assertThat(metadata.integer("general.file_type")).hasValue(0);
            assertThat(List.copyOf(metadata.keys()))
                    .startsWith("general.architecture", "general.alignment")
                    .endsWith(List.copyOf(keys.names()).toArray(String[]::new));
        }
    }

    @Test
    void refusesNumbersThatAreNone() throws IOException {
        Path file = write(randomTensors(CONFIG, true), TensorType.F32);
        byte[] before = Files.readAllBytes(file);
        assertRefusesNumber(
                TensorType.F32, Float.NaN, "expected numbers that are finite as F32, found NaN in row 3, column 5");
        assertRefusesNumber(
                TensorType.F16, -70000f, "expected numbers that are finite as F16, found -70000.0 in row 3, column 5");
        assertRefusesNumber(
                TensorType.Q8_0,
                Float.NEGATIVE_INFINITY,
                "expected numbers that are finite as Q8_0, found -Infinity in row 3, column 5");
        assertRefusesNumber(
                TensorType.Q8_0,
                8.4e6f,
                "expected numbers that are finite as Q8_0, found 8400000.0 in row 3, column 5");
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void refusesTensorsThatDoNotFit() {
        List<NamedTensor> tensors = randomTensors(CONFIG, false);
        assertRefuses(without(tensors, QUERY), "tensor " + QUERY + ": expected [64, 64], found no such tensor");
        assertRefuses(
                replaced(tensors, new NamedTensor(QUERY, 32, 64, new float[2048], 0)),
                "tensor " + QUERY + ": expected [64, 64], found [32, 64]");
        assertRefuses(
                with(tensors, NamedTensor.vector("blk.2.attn_norm.weight", new float[64])),
                "tensor blk.2.attn_norm.weight: expected no tensor of this name in a Llama 2 model of 2 layers, found [1, 64]");
        assertRefuses(
                with(tensors, tensors.getLast()), "tensor output_norm.weight: expected once, found a second time");
        assertThatThrownBy(() -> new NamedTensor("x", 3, 4, new float[12], 1))
                .hasMessage("tensor x: expected 12 numbers from 1 on, found an array of 12");
        assertThatThrownBy(() -> new NamedTensor("x", 0, 4, new float[12], 0))
                .hasMessage("tensor x: expected at least 1 row and 1 column, found [0, 4]");
    }

    @Test
    void refusesTypesThatDoNotFit() {
        LlamaConfig odd = new LlamaConfig(300, 64, 1, 4, 1, 16, 172, 64, 10000f, 1f, 1e-5f);
        Path file = folder.resolve("odd.gguf");
        assertThatThrownBy(() ->
                        GgufModelWriter.write(file, odd, new GgufKeys(), randomTensors(odd, false), TensorType.Q8_0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("tensor blk.0.ffn_down.weight: expected rows of a multiple of 32 for Q8_0, found 172");
        assertThatThrownBy(() -> write(randomTensors(CONFIG, false), TensorType.BF16))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("type of matrices: expected F32, F16, Q8_0 or Q4_0, found BF16");
    }

    @Test
    void refusesKeysThatAreNotTheCallers() {
        List<NamedTensor> tensors = randomTensors(CONFIG, false);
        assertThatThrownBy(() -> GgufModelWriter.write(
                        folder.resolve("k.gguf"),
                        CONFIG,
                        new GgufKeys().unsigned("llama.block_count", 3),
                        tensors,
                        TensorType.F32))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("key llama.block_count: expected none of those that the shape decides, found it");
        assertThatThrownBy(() -> GgufModelWriter.write(
                        folder.resolve("k.gguf"),
                        CONFIG,
                        new GgufKeys().numbers("tokenizer.ggml.scores", new float[319]),
                        tensors,
                        TensorType.F32))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("key tokenizer.ggml.scores: expected 320 tokens as in the embedding, found 319");
        assertThatThrownBy(() -> new GgufKeys().bool("a", true).bool("a", true))
                .hasMessage("key a: expected once, found a second time");
    }

    @Test
    void saysWhereItCannotWrite() {
        Path file = folder.resolve("absent/model.gguf");
        assertThatThrownBy(() -> GgufModelWriter.write(
                        file, CONFIG, new GgufKeys(), randomTensors(CONFIG, false), TensorType.F32))
                .isInstanceOf(ModelSaveException.class)
                .hasMessageStartingWith(file + ": cannot be written: ");
    }

    private Path write(List<NamedTensor> tensors, TensorType type) {
        Path file = folder.resolve("model.gguf");
        GgufModelWriter.write(file, CONFIG, new GgufKeys(), tensors, type);
        return file;
    }

    private void assertRefusesNumber(TensorType type, float value, String problem) {
        List<NamedTensor> tensors = randomTensors(CONFIG, true);
        tensors.stream()
                .filter(tensor -> tensor.name().equals(QUERY))
                .forEach(tensor -> tensor.data()[3 * 64 + 5] = value);
        assertThatThrownBy(() -> write(tensors, type))
                .isInstanceOf(ModelSaveException.class)
                .hasMessage(folder.resolve("model.gguf") + ": tensor " + QUERY + ": " + problem);
    }

    private void assertRefuses(List<NamedTensor> tensors, String message) {
        assertThatThrownBy(() -> write(tensors, TensorType.F32))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
        assertThat(folder).isEmptyDirectory();
    }

    /**
     * F32 bit by bit; F16 to half a unit of its last place; quantised numbers to half a step of the block or a whole one, plus
     * what the f16 scale loses.
     */
    private static void assertClose(NamedTensor expected, GgufTensor found) {
        float[] numbers = found.toFloats();
        assertThat(numbers).hasSize(expected.data().length);
        for (int i = 0; i < numbers.length; i++) {
            float original = expected.data()[i];
            float tolerance = switch (found.type()) {
                case F32 -> 0;
                // Below 2^-14 numbers of f16 lie 2^-24 apart.
                case F16 -> Math.max(Math.abs(original) * 0x1p-11f, 0x1p-25f);
                // The scale is off by up to 2^-11 of itself, 127 times that at most.
                case Q8_0 -> largestOfBlock(expected.data(), i) / 127 * (0.5f + 127 * 0x1p-11f) * 1.0001f;
                // A whole step for what lies opposite the largest, since there is a -8 and no 8.
                case Q4_0 -> largestOfBlock(expected.data(), i) / 8 * (1 + 8 * 0x1p-11f) * 1.0001f;
                case BF16 -> throw new IllegalStateException("not written");
            };
            assertThat(Math.abs(numbers[i] - original))
                    .as("%s, number %d", expected.name(), i)
                    .isLessThanOrEqualTo(tolerance);
        }
    }

    private static float largestOfBlock(float[] numbers, int index) {
        float largest = 0;
        for (int k = index / 32 * 32; k < index / 32 * 32 + 32; k++) {
            largest = Math.max(largest, Math.abs(numbers[k]));
        }
        return largest;
    }

    private static List<NamedTensor> randomTensors(LlamaConfig config, boolean ownOutput) {
        Random random = new Random(7);
        int embedding = config.embeddingLength();
        int feedForward = config.feedForwardLength();
        List<NamedTensor> tensors = new ArrayList<>();
        tensors.add(matrix(random, "token_embd.weight", config.vocabularySize(), embedding));
        for (int i = 0; i < config.layers(); i++) {
            String layer = "blk." + i + ".";
            tensors.add(NamedTensor.vector(layer + "attn_norm.weight", numbers(random, embedding)));
            tensors.add(matrix(random, layer + "attn_q.weight", config.queryWidth(), embedding));
            tensors.add(matrix(random, layer + "attn_k.weight", config.kvWidth(), embedding));
            tensors.add(matrix(random, layer + "attn_v.weight", config.kvWidth(), embedding));
            tensors.add(matrix(random, layer + "attn_output.weight", embedding, config.queryWidth()));
            tensors.add(NamedTensor.vector(layer + "ffn_norm.weight", numbers(random, embedding)));
            tensors.add(matrix(random, layer + "ffn_gate.weight", feedForward, embedding));
            tensors.add(matrix(random, layer + "ffn_up.weight", feedForward, embedding));
            tensors.add(matrix(random, layer + "ffn_down.weight", embedding, feedForward));
        }
        if (ownOutput) {
            tensors.add(matrix(random, "output.weight", config.vocabularySize(), embedding));
        }
        tensors.add(NamedTensor.vector("output_norm.weight", numbers(random, embedding)));
        return tensors;
    }

    private static NamedTensor matrix(Random random, String name, int rows, int columns) {
        return new NamedTensor(name, rows, columns, numbers(random, rows * columns), 0);
    }

    private static float[] numbers(Random random, int count) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) random.nextGaussian() * 0.02f;
        }
        return numbers;
    }

    private static List<NamedTensor> without(List<NamedTensor> tensors, String name) {
        return tensors.stream().filter(tensor -> !tensor.name().equals(name)).toList();
    }

    private static List<NamedTensor> with(List<NamedTensor> tensors, NamedTensor more) {
        List<NamedTensor> all = new ArrayList<>(tensors);
        all.add(more);
        return all;
    }

    private static List<NamedTensor> replaced(List<NamedTensor> tensors, NamedTensor other) {
        return with(without(tensors, other.name()), other);
    }
}
