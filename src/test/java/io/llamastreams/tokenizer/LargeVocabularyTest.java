package io.llamastreams.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** The tokenizer with a vocabulary of Llama 2's size and kind. */
class LargeVocabularyTest {
    private final Tokenizer tokenizer = new Tokenizer(LargeVocabulary.vocabulary());

    @Test
    void readsNothingInTextAsSpecial() {
        for (String text : List.of("<s>", "</s>", "<unk>", "<0x41>", "<0x0A>", "[INST]<s></s>", "<s>a</s>")) {
            assertThat(IntStream.of(tokenizer.encode(text))).as(text).noneMatch(id -> id < 259);
            assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
        }
    }

    @Test
    void decodesRandomTextsBackWholeAndTokenByToken() {
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

    @Test
    void encodesWordByWordAsItDoesInOnePiece() {
        // An unused piece that merges could make has the encoder merge whole texts at once.
        Vocabulary words = LargeVocabulary.vocabulary();
        List<Vocabulary.Piece> pieces = new ArrayList<>(words.pieces());
        pieces.add(new Vocabulary.Piece("\uE000\uE001", 0, PieceType.UNUSED));
        Tokenizer whole = new Tokenizer(new Vocabulary(pieces, 1, 2, 0, true, true, true, ""));
        Random random = new Random(99);
        for (int round = 0; round < 500; round++) {
            String text = Texts.random(random, random.nextInt(200));
            assertThat(tokenizer.encode(text)).containsExactly(whole.encode(text));
        }
    }

    @Test
    void encodesMegabytesInSeconds() {
        String words = "The quick brown fox jumps over 12 lazy dogs. ".repeat(50_000);
        String oneWord = "abracadabra".repeat(200_000);
        String oneLetter = "a".repeat(2_000_000);
        String spaces = " ".repeat(2_000_000);
        String unknown = "\uD800\uDF30".repeat(500_000);
        Assertions.assertTimeout(Duration.ofSeconds(60), () -> {
            for (String text : List.of(words, oneWord, oneLetter, spaces, unknown)) {
                int[] ids = tokenizer.encode(text);
                assertThat(tokenizer.decode(ids)).isEqualTo(text);
            }
        });
    }

    @Test
    void tellsWhereADamagedFileIsDamaged() throws Exception {
        byte[] bytes = Files.readAllBytes(LargeVocabulary.file());
        for (int length = 0; length < bytes.length; length += length < 2000 ? 7 : 20_011) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> SentencePieceModel.parse(cut, "cut.model"))
                    .isInstanceOf(TokenizerFormatException.class)
                    .hasMessageStartingWith("cut.model: ");
        }
    }

    @Test
    void isTheSameInItsFile() {
        assertThat(SentencePieceModel.read(LargeVocabulary.file())).isEqualTo(LargeVocabulary.vocabulary());
        assertThat(LargeVocabulary.vocabulary().size()).isEqualTo(LargeVocabulary.SIZE);
    }
}
