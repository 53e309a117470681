package io.llamastreams.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.llamastreams.testing.Outside;
import io.llamastreams.testing.OutsideFiles;
import java.nio.file.Files;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The tokenizer of the published Llama 2 models, against ids that the SentencePiece library gave for the same file. */
class Llama2TokenizerTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String VOCABULARY = "llama2-tokenizer.model";
    private static final String GOLDEN = "tokenizer-golden.jsonl";

    private static Tokenizer tokenizer() {
        return new Tokenizer(SentencePieceModel.read(OutsideFiles.file(VOCABULARY)));
    }

    @Test
    @Outside({VOCABULARY, GOLDEN})
    void givesTheIdsOfTheOriginalAndDecodesThemBack() throws Exception {
        Tokenizer tokenizer = tokenizer();
        List<String> lines = Files.readAllLines(OutsideFiles.file(GOLDEN));
        assertThat(lines).hasSize(249);
        for (String line : lines) {
            JsonNode golden = JSON.readTree(line);
            String text = golden.get("text").asText();
            int[] ids = IntStream.range(0, golden.get("ids").size())
                    .map(i -> golden.get("ids").get(i).asInt())
                    .toArray();
            assertThat(tokenizer.encode(text)).as(text).containsExactly(ids);
            // The pieces write a space as U+2581, so that the original cannot tell the two apart either.
            assertThat(tokenizer.decode(ids)).isEqualTo(text.replace('\u2581', ' '));
        }
    }

    @Test
    @Outside(VOCABULARY)
    void knowsItsSpecialTokens() {
        Tokenizer tokenizer = tokenizer();
        assertThat(tokenizer.vocabularySize()).isEqualTo(32000);
        assertThat(tokenizer.bosId()).isEqualTo(1);
        assertThat(tokenizer.eosId()).isEqualTo(2);
        assertThat(tokenizer.isControl(1)).isTrue();
        assertThat(tokenizer.piece(29871)).isEqualTo("\u2581");
    }

    @Test
    @Outside(VOCABULARY)
    void decodesRandomTextsBackWholeAndTokenByToken() {
        Tokenizer tokenizer = tokenizer();
        long seed = 4711;
        Random random = new Random(seed);
        for (int round = 0; round < 2000; round++) {
            String text = Texts.random(random, random.nextInt(40)).replace('\u2581', ' ');
            int[] ids = tokenizer.encode(text);
            assertThat(IntStream.of(ids)).noneMatch(id -> id < 3);
            assertThat(tokenizer.decode(ids))
                    .as("seed %d, round %d", seed, round)
                    .isEqualTo(text);
            TextDecoder decoder = tokenizer.newDecoder(true);
            StringBuilder parts = new StringBuilder();
            for (int id : ids) {
                String part = decoder.append(id);
                assertThat(part.isEmpty() || !Character.isHighSurrogate(part.charAt(part.length() - 1)))
                        .isTrue();
                parts.append(part);
            }
            assertThat(parts.append(decoder.flush()).toString()).isEqualTo(text);
        }
    }
}
