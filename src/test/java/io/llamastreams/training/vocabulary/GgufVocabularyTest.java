package io.llamastreams.training.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.llamastreams.model.LlamaConfig;
import io.llamastreams.model.load.ModelLoader;
import io.llamastreams.model.save.GgufKeys;
import io.llamastreams.model.save.GgufModelWriter;
import io.llamastreams.model.save.NamedTensor;
import io.llamastreams.serving.session.ModelVocabulary;
import io.llamastreams.tensor.quant.TensorType;
import io.llamastreams.tokenizer.Vocabulary;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufVocabularyTest {
    @TempDir
    private Path folder;

    @Test
    void modelHasTheVocabularyThatWasPutIn() {
        Vocabulary vocabulary = BpeTrainer.train(TrainingText.lines(1, 1000), 400);
        Path file = write(GgufVocabulary.keysWithChatTemplate(vocabulary));
        assertThat(ModelVocabulary.read(file)).isEqualTo(vocabulary);
        assertThat(template(file)).contains(GgufVocabulary.LLAMA_2_CHAT_TEMPLATE);
    }

    @Test
    void carriesWhatDiffersFromTheDefaults() {
        Vocabulary trained = BpeTrainer.train(TrainingText.lines(1, 1000), 400);
        Vocabulary other =
                new Vocabulary(trained.pieces(), 2, 1, 0, false, false, true, Vocabulary.DEFAULT_UNKNOWN_SURFACE);
        Path file = write(GgufVocabulary.keys(other));
        assertThat(ModelVocabulary.read(file)).isEqualTo(other);
        assertThat(template(file)).isEmpty();
    }

    @Test
    void refusesWhatTheKeysCannotSay() {
        Vocabulary trained = BpeTrainer.train(TrainingText.lines(1, 1000), 400);
        Vocabulary plain = new Vocabulary(trained.pieces(), 1, 2, 0, true, true, false, "?");
        assertThatThrownBy(() -> GgufVocabulary.keys(plain))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("vocabulary: expected spaces written as U+2581, found them as they are");
    }

    private static Optional<String> template(Path file) {
        return ModelLoader.look(file, gguf -> gguf.metadata().string("tokenizer.chat_template"));
    }

    private Path write(GgufKeys keys) {
        LlamaConfig config = new LlamaConfig(400, 8, 1, 2, 2, 4, 8, 16, 10000f, 1f, 1e-5f);
        Path file = folder.resolve("model.gguf");
        String layer = "blk.0.";
        GgufModelWriter.write(
                file,
                config,
                keys,
                List.of(
                        matrix("token_embd.weight", 400),
                        NamedTensor.vector(layer + "attn_norm.weight", new float[8]),
                        matrix(layer + "attn_q.weight", 8),
                        matrix(layer + "attn_k.weight", 8),
                        matrix(layer + "attn_v.weight", 8),
                        matrix(layer + "attn_output.weight", 8),
                        NamedTensor.vector(layer + "ffn_norm.weight", new float[8]),
                        matrix(layer + "ffn_gate.weight", 8),
                        matrix(layer + "ffn_up.weight", 8),
                        matrix(layer + "ffn_down.weight", 8),
                        NamedTensor.vector("output_norm.weight", new float[8])),
                TensorType.F32);
        return file;
    }

    private static NamedTensor matrix(String name, int rows) {
        return new NamedTensor(name, rows, 8, new float[rows * 8], 0);
    }
}
