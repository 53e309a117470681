package io.llamastreams.model.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.model.LlamaConfig;
import io.llamastreams.tensor.quant.TensorType;
import io.llamastreams.tokenizer.LargeVocabulary;
import io.llamastreams.tokenizer.SentencePieceModel;
import io.llamastreams.tokenizer.Tokenizer;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RandomModelTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void readsBothVersions(int version) {
        RandomModel model = RandomModel.tiny();
        Path path = folder.resolve("model.gguf");
        model.writer().version(version).write(path);
        try (Arena arena = Arena.ofConfined()) {
            GgufFile file = GgufFile.read(path, arena);
            assertThat(file.version()).isEqualTo(version);
            assertThat(GgufLlama.config(file)).isEqualTo(model.config());
            assertThat(GgufLlama.tensors(file, model.config()).tiedOutput()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void holdsTheSameWeightsInEveryType(TensorType type) {
        try (Arena arena = Arena.ofConfined()) {
            Path plainPath = RandomModel.tiny().write(folder.resolve("plain.gguf"));
            Path typedPath = RandomModel.tiny().type(type).ownOutput().write(folder.resolve("typed.gguf"));
            GgufFile plain = GgufFile.read(plainPath, arena);
            GgufFile typed = GgufFile.read(typedPath, arena);
            LlamaConfig config = GgufLlama.config(typed);
            LlamaTensors tensors = GgufLlama.tensors(typed, config);
            assertThat(tensors.tiedOutput()).isFalse();
            assertThat(tensors.output().type()).isEqualTo(type);
            float[] expected = GgufLlama.tensors(plain, config).tokenEmbedding().toFloats();
            float[] found = tensors.tokenEmbedding().toFloats();
            for (int i = 0; i < found.length; i++) {
                // Deviation 0.02, largest about 0.1: a Q4_0 step is at most about 0.0125.
                assertThat(Math.abs(found[i] - expected[i])).isLessThan(0.0126f);
            }
        }
    }

    @Test
    void mixesTypesAndShapes() {
        LlamaConfig config = new LlamaConfig(300, 64, 3, 4, 1, 32, 160, 64, 5000f, 2f, 1e-6f);
        Path path = RandomModel.of(config)
                .types(name -> name.contains("attn")
                        ? TensorType.Q8_0
                        : name.contains("ffn") ? TensorType.Q4_0 : TensorType.BF16)
                .write(folder.resolve("mixed.gguf"));
        try (Arena arena = Arena.ofConfined()) {
            GgufFile file = GgufFile.read(path, arena);
            assertThat(GgufLlama.config(file)).isEqualTo(config);
            LlamaTensors tensors = GgufLlama.tensors(file, config);
            assertThat(tensors.tokenEmbedding().type()).isEqualTo(TensorType.BF16);
            assertThat(tensors.layers().get(2).query().type()).isEqualTo(TensorType.Q8_0);
            assertThat(tensors.layers().get(2).query().shape()).containsExactly(64, 128);
            assertThat(tensors.layers().get(2).attentionOutput().shape()).containsExactly(128, 64);
            assertThat(tensors.layers().get(2).down().type()).isEqualTo(TensorType.Q4_0);
        }
    }

    @Test
    void weightsAreNormalAndDifferByMatrixAndSeed() {
        try (Arena arena = Arena.ofConfined()) {
            GgufFile file = GgufFile.read(RandomModel.tiny().write(folder.resolve("a.gguf")), arena);
            GgufFile other = GgufFile.read(RandomModel.tiny().seed(2).write(folder.resolve("b.gguf")), arena);
            float[] embedding = file.tensor("token_embd.weight").orElseThrow().toFloats();
            double squares = 0;
            for (float value : embedding) {
                squares += value * value;
            }
            assertThat(Math.sqrt(squares / embedding.length)).isBetween(0.019, 0.021);
            float[] query = file.tensor("blk.0.attn_q.weight").orElseThrow().toFloats();
            float[] key = file.tensor("blk.0.attn_k.weight").orElseThrow().toFloats();
            assertThat(Arrays.copyOf(query, key.length)).isNotEqualTo(key);
            assertThat(other.tensor("token_embd.weight").orElseThrow().toFloats())
                    .isNotEqualTo(embedding);
            assertThat(file.tensor("output_norm.weight").orElseThrow().toFloats())
                    .containsOnly(1f);
        }
    }

    @Test
    void carriesAnotherFilesVocabulary() {
        Path source = TinyModel.f32();
        LlamaConfig config = RandomModel.shape(512, 32, 1, 2, 2, 64, 64);
        Path path = RandomModel.of(config).vocabulary(TestVocabulary.of(source)).write(folder.resolve("v.gguf"));
        TestVocabulary copied = TestVocabulary.of(path);
        assertThat(copied.pieces()).isEqualTo(TestVocabulary.of(source).pieces());
        assertThat(copied.scores()).isEqualTo(TestVocabulary.of(source).scores());
    }

    @Test
    void vocabularyIsOneThatTheTokenizerCanUse() {
        for (int size : new int[] {16, 258, 259, 260, 320, 1000, 32000}) {
            assertThat(TestVocabulary.ofSize(size).toVocabulary().size()).isEqualTo(size);
        }
        Tokenizer tokenizer = new Tokenizer(TestVocabulary.ofSize(32000).toVocabulary());
        int[] ids = tokenizer.encode("tea and toast, 2 \u20ac");
        assertThat(tokenizer.decode(ids)).isEqualTo("tea and toast, 2 \u20ac");
        assertThat(tokenizer.piece(ids[0])).isEqualTo("\u2581tea");
    }

    @Test
    void carriesASentencePieceVocabulary() {
        Path source = LargeVocabulary.file();
        TestVocabulary vocabulary = TestVocabulary.of(SentencePieceModel.read(source));
        Path path = RandomModel.of(RandomModel.shape(32000, 32, 1, 2, 2, 32, 64))
                .vocabulary(vocabulary)
                .write(folder.resolve("v.gguf"));
        assertThat(TestVocabulary.of(path).toVocabulary()).isEqualTo(vocabulary.toVocabulary());
    }
}
