package io.llamastreams.model.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.model.LlamaConfig;
import io.llamastreams.tensor.quant.BlockFormats;
import io.llamastreams.tensor.quant.TensorType;
import io.llamastreams.testing.Outside;
import io.llamastreams.testing.OutsideFiles;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The four trained files; expected values were read from them with an independent reader in Python. */
class RealModelFilesTest {
    private static final String F32 = "stories260K-f32.gguf";
    private static final String F16 = "stories260K-f16.gguf";
    private static final String Q8_0 = "stories260K-q8_0.gguf";
    private static final String Q4_0 = "stories260K-q4_0.gguf";

    @ParameterizedTest
    @ValueSource(strings = {"f32", "f16", "q8_0", "q4_0"})
    @Outside({F32, F16, Q8_0, Q4_0})
    void readsConfigurationMetadataAndTensors(String type) {
        try (Arena arena = Arena.ofConfined()) {
            GgufFile file = GgufFile.read(OutsideFiles.file("stories260K-" + type + ".gguf"), arena);
            assertThat(file.version()).isEqualTo(3);
            LlamaConfig config = GgufLlama.config(file);
            assertThat(config).isEqualTo(new LlamaConfig(512, 64, 5, 8, 4, 8, 172, 512, 10000f, 1f, 1e-5f));

            GgufMetadata metadata = file.metadata();
            assertThat(metadata.keys()).hasSize(25);
            assertThat(metadata.string("general.name")).contains("stories260K.bin");
            assertThat(metadata.bool("tokenizer.ggml.add_bos_token")).contains(true);
            assertThat(metadata.integer("tokenizer.ggml.eos_token_id")).hasValue(2);
            assertThat(metadata.strings("tokenizer.ggml.tokens").orElseThrow())
                    .hasSize(512)
                    .startsWith("<unk>", "<s>", "</s>", "<0x00>");
            assertThat(metadata.floats("tokenizer.ggml.scores").orElseThrow()).hasSize(512);
            assertThat(metadata.integers("tokenizer.ggml.token_type").orElseThrow())
                    .hasSize(512)
                    .startsWith(2, 3, 3, 6);

            LlamaTensors tensors = GgufLlama.tensors(file, config);
            assertThat(file.tensors()).hasSize(47);
            assertThat(tensors.tiedOutput()).isTrue();
            assertThat(tensors.output()).isSameAs(tensors.tokenEmbedding());
            assertThat(tensors.layers()).hasSize(5);
            LlamaTensors.Layer last = tensors.layers().get(4);
            assertThat(last.down().name()).isEqualTo("blk.4.ffn_down.weight");
            assertThat(last.down().shape()).containsExactly(172, 64);
            assertThat(last.key().shape()).containsExactly(64, 32);
            assertThat(last.key().rows()).isEqualTo(32);
            assertThat(last.key().columns()).isEqualTo(64);
        }
    }

    @Test
    @Outside({F32, F16, Q8_0, Q4_0})
    void findsTheTypesThatTheQuantiserChose() {
        assertThat(typeCounts("f32")).isEqualTo(Map.of(TensorType.F32, 47));
        assertThat(typeCounts("f16")).isEqualTo(Map.of(TensorType.F32, 11, TensorType.F16, 36));
        assertThat(typeCounts("q8_0")).isEqualTo(Map.of(TensorType.F32, 11, TensorType.Q8_0, 31, TensorType.F16, 5));
        assertThat(typeCounts("q4_0"))
                .isEqualTo(Map.of(TensorType.F32, 11, TensorType.Q4_0, 30, TensorType.F16, 5, TensorType.Q8_0, 1));
    }

    @Test
    @Outside(F32)
    void tensorDataIsTheMappedBytes() {
        try (Arena arena = Arena.ofConfined()) {
            GgufFile file = GgufFile.read(OutsideFiles.file("stories260K-f32.gguf"), arena);
            List<GgufTensor> tensors = file.tensors();
            for (GgufTensor tensor : tensors) {
                assertThat(tensor.data().isReadOnly()).isTrue();
                assertThat(tensor.data().isMapped()).isTrue();
                assertThat(tensor.data().byteSize()).isEqualTo(tensor.type().bytes(tensor.elements()));
                for (float value : tensor.toFloats()) {
                    assertThat(Math.abs(value)).isLessThan(32f);
                }
            }
        }
    }

    /** llama.cpp quantised the f32 file into the others: our encoder must write the very same bytes. */
    @ParameterizedTest
    @ValueSource(strings = {"f16", "q8_0", "q4_0"})
    @Outside({F32, F16, Q8_0, Q4_0})
    void encodesTheSameBytesAsLlamaCpp(String type) {
        try (Arena arena = Arena.ofConfined()) {
            GgufFile plain = GgufFile.read(OutsideFiles.file("stories260K-f32.gguf"), arena);
            GgufFile quantised = GgufFile.read(OutsideFiles.file("stories260K-" + type + ".gguf"), arena);
            for (GgufTensor expected : quantised.tensors()) {
                float[] values = plain.tensor(expected.name()).orElseThrow().toFloats();
                byte[] bytes = new byte[Math.toIntExact(expected.data().byteSize())];
                BlockFormats.encode(expected.type(), values, 0, values.length, MemorySegment.ofArray(bytes), 0);
                assertThat(bytes)
                        .as(expected.toString())
                        .isEqualTo(expected.data().toArray(ValueLayout.JAVA_BYTE));
            }
        }
    }

    private static Map<TensorType, Integer> typeCounts(String type) {
        try (Arena arena = Arena.ofConfined()) {
            GgufFile file = GgufFile.read(OutsideFiles.file("stories260K-" + type + ".gguf"), arena);
            Map<TensorType, Integer> counts = new TreeMap<>();
            file.tensors().forEach(tensor -> counts.merge(tensor.type(), 1, Integer::sum));
            return counts;
        }
    }
}
