package io.llamastreams.training.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.llamastreams.tokenizer.Tokenizer;
import io.llamastreams.tokenizer.Vocabulary;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Against the original program: the golden file says how it was made. */
class SentencePieceGoldenTest {
    @Test
    void piecesScoresAndIdsAreThoseOfSentencePiece() throws IOException {
        JsonNode golden = golden();
        List<String> text = strings(golden.get("text"));
        List<String> encoded = strings(golden.get("encoded"));
        assertThat(golden.get("cases")).hasSize(3);
        for (JsonNode expected : golden.get("cases")) {
            VocabularySettings settings = VocabularySettings.ofSize(
                            expected.get("vocab_size").intValue())
                    .withCharacterCoverage(expected.get("character_coverage").doubleValue());
            boolean spacePieces = expected.get("allow_whitespace_only_pieces").booleanValue();
            Vocabulary vocabulary = BpeTrainer.train(text, spacePieces ? settings.withSpacePieces() : settings);
            assertThat(vocabulary.pieces().stream().map(Vocabulary.Piece::text))
                    .as("%s", settings)
                    .containsExactlyElementsOf(strings(expected.get("pieces")));
            assertThat(vocabulary.pieces().stream().map(piece -> (int) piece.score()))
                    .as("%s", settings)
                    .containsExactlyElementsOf(integers(expected.get("scores")));
            Tokenizer tokenizer = new Tokenizer(vocabulary);
            for (int i = 0; i < encoded.size(); i++) {
                assertThat(tokenizer.encode(encoded.get(i)))
                        .as("%s: %s", settings, encoded.get(i))
                        .containsExactly(integers(expected.get("ids").get(i)).toArray(Integer[]::new));
            }
        }
    }

    private static JsonNode golden() throws IOException {
        try (InputStream in = SentencePieceGoldenTest.class.getResourceAsStream("/vocabulary/sentencepiece-bpe.json")) {
            return new ObjectMapper().readTree(in);
        }
    }

    private static List<String> strings(JsonNode array) {
        List<String> strings = new ArrayList<>();
        array.forEach(element -> strings.add(element.textValue()));
        return strings;
    }

    private static List<Integer> integers(JsonNode array) {
        List<Integer> integers = new ArrayList<>();
        array.forEach(element -> integers.add(element.intValue()));
        return integers;
    }
}
