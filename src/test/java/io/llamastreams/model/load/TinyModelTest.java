package io.llamastreams.model.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.llamastreams.model.LlamaConfig;
import io.llamastreams.testing.StoryTexts;
import io.llamastreams.training.vocabulary.BpeTrainer;
import io.llamastreams.training.vocabulary.VocabularySettings;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Comparator;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The carried model is what its README says. */
class TinyModelTest {
    private static final long FNV_START = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    /** Ours are made with our encoders, the golden sums are of files that llama.cpp's quantiser made of the floats. */
    @ParameterizedTest
    @ValueSource(strings = {"f32", "f16", "q8_0", "q4_0"})
    void everyFormatHasTheBytesOfLlamaCppsQuantiser(String format) throws IOException {
        JsonNode golden = new ObjectMapper().readTree(TinyModel.golden("bytes").toFile());
        try (Arena arena = Arena.ofConfined()) {
            GgufFile file = GgufFile.read(TinyModel.file(format), arena);
            List<GgufTensor> byName = file.tensors().stream()
                    .sorted(Comparator.comparing(GgufTensor::name))
                    .toList();
            long sum = FNV_START;
            for (GgufTensor tensor : byName) {
                for (byte value : tensor.data().toArray(ValueLayout.JAVA_BYTE)) {
                    sum = (sum ^ (value & 0xFF)) * FNV_PRIME;
                }
            }
            assertThat("%016x".formatted(sum)).isEqualTo(golden.get(format).asText());
        }
    }

    @Test
    void hasTheShapeAndTheVocabularyOfItsRecipe() throws IOException {
        JsonNode recipe =
                new ObjectMapper().readTree(TinyModel.resource("recipe.json").toFile());
        Iterable<String> texts =
                () -> LongStream.range(0, recipe.get("vocabulary_texts").asLong())
                        .mapToObj(StoryTexts::story)
                        .iterator();
        try (Arena arena = Arena.ofConfined()) {
            GgufFile file = GgufFile.read(TinyModel.file("f16"), arena);
            LlamaConfig config = GgufLlama.config(file);
            assertThat(config).isEqualTo(new LlamaConfig(512, 64, 5, 8, 4, 8, 172, 512, 10000f, 1f, 1e-5f));
            assertThat(BpeTrainer.train(texts, VocabularySettings.ofSize(config.vocabularySize())))
                    .isEqualTo(TestVocabulary.of(TinyModel.file("f16")).toVocabulary());
        }
    }
}
