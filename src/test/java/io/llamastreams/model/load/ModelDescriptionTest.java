package io.llamastreams.model.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.llamastreams.tensor.quant.TensorType;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelDescriptionTest {
    @TempDir
    Path folder;

    @Test
    void describesTheTrainedModel() {
        ModelDescription model = describe(TinyModel.file("q4_0"));
        assertThat(model.format()).isEqualTo("GGUF 3");
        assertThat(model.name()).contains("tiny-stories");
        assertThat(model.parameters()).isEqualTo(model.config().parameters(true));
        assertThat(model.types())
                .extracting(ModelDescription.TypeTotal::type, ModelDescription.TypeTotal::tensors)
                .containsExactly(
                        tuple(TensorType.F32, 11),
                        tuple(TensorType.F16, 5),
                        tuple(TensorType.Q4_0, 30),
                        tuple(TensorType.Q8_0, 1));
        assertThat(model.weightBytesPerToken()).isEqualTo(model.weightBytes());
        assertThat(model.tensors()).hasSize(47);
        assertThat(model.tensors().getFirst())
                .isEqualTo(new ModelDescription.TensorSummary(
                        "token_embd.weight", TensorType.Q8_0, List.of(64L, 512L), 512 * 64 / 32 * 34));
        // 5 layers, keys and values, 4 KV heads of 8 numbers, 4 bytes each
        assertThat(model.kvBytesPerToken(4)).isEqualTo(5 * 2 * 32 * 4);
        assertThat(model.kvTokens(1 << 20, 4)).isEqualTo(819);
        assertThat(model.fullSequences(1 << 20, 4)).isEqualTo(1);
    }

    @Test
    void readsOneRowOfAnEmbeddingThatIsNotTheOutput() {
        ModelDescription model = describe(RandomModel.tiny().ownOutput().write(folder.resolve("model.gguf")));
        assertThat(model.tiedOutput()).isFalse();
        assertThat(model.parameters()).isEqualTo(model.config().parameters(false));
        assertThat(model.weightBytes()).isEqualTo(4 * model.parameters());
        assertThat(model.weightBytesPerToken()).isEqualTo(model.weightBytes() - 319 * 64 * 4);
    }

    private static ModelDescription describe(Path path) {
        try (Arena arena = Arena.ofConfined()) {
            return ModelDescription.of(GgufFile.read(path, arena));
        }
    }
}
