package io.llamastreams.training.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.tokenizer.SentencePieceModel;
import io.llamastreams.tokenizer.Vocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SentencePieceModelWriterTest {
    @TempDir
    private Path folder;

    @Test
    void readerGivesTheSameVocabularyBack() throws IOException {
        Vocabulary vocabulary = BpeTrainer.train(TrainingText.lines(1, 1000), 500);
        assertThat(written(vocabulary)).isEqualTo(vocabulary);
    }

    @Test
    void carriesWhatDiffersFromTheDefaults() throws IOException {
        Vocabulary trained = BpeTrainer.train(TrainingText.lines(1, 1000), 400);
        Vocabulary other = new Vocabulary(trained.pieces(), 2, 1, 0, false, true, false, "?");
        assertThat(written(other)).isEqualTo(other);
    }

    private Vocabulary written(Vocabulary vocabulary) throws IOException {
        Path file = folder.resolve("tokenizer.model");
        Files.write(file, SentencePieceModelWriter.bytes(vocabulary));
        return SentencePieceModel.read(file);
    }
}
