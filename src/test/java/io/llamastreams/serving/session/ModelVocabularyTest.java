package io.llamastreams.serving.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.llamastreams.model.load.GgufWriter;
import io.llamastreams.model.load.ModelFormatException;
import io.llamastreams.model.load.ModelLoader;
import io.llamastreams.model.load.RandomModel;
import io.llamastreams.model.load.TinyModel;
import io.llamastreams.tokenizer.LargeVocabulary;
import io.llamastreams.tokenizer.Tokenizer;
import io.llamastreams.tokenizer.TokenizerFormatException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelVocabularyTest {
    @TempDir
    private Path folder;

    @Test
    void givesTheIdsOfTheOriginalWithTheVocabularyInsideAModel() throws Exception {
        Tokenizer tokenizer = new Tokenizer(ModelVocabulary.read(TinyModel.f32()));
        JsonNode cases =
                new JsonMapper().readTree(TinyModel.golden("tokens").toFile()).get("cases");
        assertThat(cases).hasSize(12);
        for (JsonNode golden : cases) {
            String text = golden.get("text").asText();
            int[] ids = StreamSupport.stream(golden.get("ids").spliterator(), false)
                    .mapToInt(JsonNode::asInt)
                    .toArray();
            assertThat(tokenizer.encodePrompt(text)).as(text).containsExactly(ids);
            assertThat(tokenizer.decode(ids)).isEqualTo(text);
        }
    }

    @Test
    void findsTheVocabularyBesideAModelThatHasNone() throws Exception {
        Path vocabulary = LargeVocabulary.file();
        Path model = minimal();
        assertThatThrownBy(() -> ModelVocabulary.read(model))
                .isInstanceOf(ModelFormatException.class)
                .hasMessage(
                        model + ": vocabulary: expected one in the file or tokenizer.model beside it, found neither");
        Files.copy(vocabulary, folder.resolve("tokenizer.model"));
        assertThat(ModelVocabulary.read(model).size()).isEqualTo(32000);
        assertThat(ModelVocabulary.read(folder).size()).isEqualTo(32000);
        Files.delete(model);
        assertThat(ModelVocabulary.read(folder).size()).isEqualTo(32000);
        assertThat(ModelVocabulary.read(folder.resolve("tokenizer.model")).size())
                .isEqualTo(32000);
        assertThatThrownBy(() -> ModelLoader.look(minimal(), file -> ModelVocabulary.of(file.metadata(), model, 512)))
                .isInstanceOf(ModelFormatException.class)
                .hasMessage(model + ": vocabulary: expected 512 tokens as in the weights, found 32000");
    }

    @Test
    void namesWhatIsNotThere() throws Exception {
        assertThatThrownBy(() -> ModelVocabulary.read(folder))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageStartingWith(folder + ": folder: expected exactly one file with the ending .gguf, found 0");
        assertThatThrownBy(() -> ModelVocabulary.read(folder.resolve("tokenizer.model")))
                .isInstanceOf(TokenizerFormatException.class)
                .hasMessage(folder.resolve("tokenizer.model") + ": no such file or folder");
        assertThatThrownBy(() -> ModelVocabulary.read(folder.resolve("m.gguf")))
                .isInstanceOf(ModelFormatException.class)
                .hasMessage(folder.resolve("m.gguf") + ": no such file or folder");
        minimal();
        Files.createFile(folder.resolve("other.gguf"));
        assertThatThrownBy(() -> ModelVocabulary.read(folder))
                .isInstanceOf(ModelFormatException.class)
                .hasMessage(folder + ": folder: expected exactly one file with the ending .gguf, found 2");
    }

    @Test
    void refusesVocabulariesThatCannotBeUsed() {
        assertProblem(
                w -> w.string("tokenizer.ggml.model", "gpt2"),
                "key tokenizer.ggml.model: expected llama, a vocabulary of SentencePiece, found gpt2");
        assertProblem(
                w -> w.integers("tokenizer.ggml.token_type", new int[3]),
                "key tokenizer.ggml.token_type: expected 320");
        assertProblem(
                w -> w.u32("tokenizer.ggml.bos_token_id", 320),
                "key tokenizer.ggml.bos_token_id: expected 0 to 319, found 320");
        assertProblem(w -> w.u32("tokenizer.ggml.unknown_token_id", 5), "vocabulary: ");
        assertProblem(
                w -> w.floats("tokenizer.ggml.scores", new float[1]), "vocabulary: scores: expected 320, found 1");
        assertProblem(
                w -> w.bool("tokenizer.ggml.remove_extra_whitespaces", true),
                "key tokenizer.ggml.remove_extra_whitespaces: expected false");
    }

    /** A file that is GGUF and says nothing of a vocabulary. */
    private Path minimal() {
        Path file = folder.resolve("minimal.gguf");
        new GgufWriter().string("general.architecture", "llama").write(file);
        return file;
    }

    private void assertProblem(Consumer<GgufWriter> change, String problem) {
        Path file = folder.resolve("bad.gguf");
        GgufWriter writer = RandomModel.tiny().writer();
        change.accept(writer);
        writer.write(file);
        assertThatThrownBy(() -> ModelVocabulary.read(file))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageStartingWith(file + ": " + problem);
    }
}
