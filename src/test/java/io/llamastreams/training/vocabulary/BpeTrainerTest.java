package io.llamastreams.training.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.llamastreams.tokenizer.PieceType;
import io.llamastreams.tokenizer.Tokenizer;
import io.llamastreams.tokenizer.Vocabulary;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BpeTrainerTest {
    private static final int FIRST_NORMAL = 259;

    @Test
    void laysPiecesOutAsLlama2Does() {
        Vocabulary vocabulary = BpeTrainer.train(List.of("aab aab ab"), allCharacters(FIRST_NORMAL + 5));
        assertThat(vocabulary.bosId()).isEqualTo(1);
        assertThat(vocabulary.eosId()).isEqualTo(2);
        assertThat(vocabulary.unknownId()).isZero();
        assertThat(vocabulary.addDummyPrefix()).isTrue();
        assertThat(vocabulary.pieces().subList(0, 4))
                .containsExactly(
                        new Vocabulary.Piece("<unk>", 0, PieceType.UNKNOWN),
                        new Vocabulary.Piece("<s>", 0, PieceType.CONTROL),
                        new Vocabulary.Piece("</s>", 0, PieceType.CONTROL),
                        new Vocabulary.Piece("<0x00>", 0, PieceType.BYTE));
        assertThat(vocabulary.pieces().get(258)).isEqualTo(new Vocabulary.Piece("<0xFF>", 0, PieceType.BYTE));
        // Pairs: ab 3, _a 3, aa 2. Then _a a 2, a b 0, _a b 1 ... the characters behind them, a 5, b 3, _ 3.
        assertThat(vocabulary.pieces().subList(FIRST_NORMAL, vocabulary.size()))
                .containsExactly(
                        normal("ab", 0), normal("\u2581a", -1), normal("a", -2), normal("b", -3), normal("\u2581", -4));
    }

    @Test
    void breaksTiesByLengthThenByCodePoint() {
        // Digits are nobody's neighbours, so that nothing but the pairs in sight is counted.
        assertThat(merges("1cd1ab1", 2)).containsExactly("ab", "cd");
        // xy, yz and zz twice each; then zz and xyz.
        assertThat(merges("1xyz1xyz1zz1zz1", 3)).containsExactly("xy", "zz", "xyz");
        // As UTF-16 the first would be the lower one.
        assertThat(merges("1\uD800\uDC00\uD800\uDC011\uFFFD\uFF011", 2))
                .containsExactly("\uFFFD\uFF01", "\uD800\uDC00\uD800\uDC01");
    }

    @Test
    void countsOverlapsAsSentencePieceDoes() {
        // Three x in a row are two pairs, so that xx comes before ab.
        assertThat(merges("1xxx1ab1", 2)).containsExactly("xx", "ab");
    }

    @Test
    void spacesStandAtTheStartOfPiecesOnly() {
        assertThat(merges("a  b   a  b\na   b", 2)).allMatch(piece -> piece.lastIndexOf('\u2581') <= 0);
        Vocabulary vocabulary = BpeTrainer.train(
                List.of("a    b\n    c    d"), allCharacters(FIRST_NORMAL + 8).withSpacePieces());
        assertThat(texts(vocabulary)).contains("\u2581\u2581", "\u2581\u2581\u2581\u2581");
    }

    @Test
    void digitsStandAlone() {
        Vocabulary vocabulary =
                BpeTrainer.train(List.of("in 1999 in 1998, x1 x1 x1 \uFF11\uFF11\uFF11 a1a 100 100 100"), 274);
        for (String piece : texts(vocabulary).subList(FIRST_NORMAL, vocabulary.size())) {
            if (piece.codePoints().anyMatch(c -> Character.getType(c) == Character.DECIMAL_DIGIT_NUMBER)) {
                assertThat(piece.codePointCount(0, piece.length())).as(piece).isOne();
            }
        }
    }

    @Test
    void scriptsDoNotMix() {
        PieceRules rules = new PieceRules(16, false);
        assertThat(List.of(
                        "\u2581the",
                        "...",
                        "\u2581(",
                        "\u3072\u30AB\u6F22\u30FC",
                        "e\u0301",
                        "\u0301a",
                        "\u0434\u0430"))
                .allMatch(rules::allow);
        assertThat(List.of("a.", "don't", "\u0434a", "a\u2581", "\u2581\u2581", "\u25811", "12", "a1", "\u6F22a"))
                .noneMatch(rules::allow);
        assertThat(rules.allow("abcdefghijklmnop")).isTrue();
        assertThat(rules.allow("abcdefghijklmnopq")).isFalse();
        assertThat(new PieceRules(16, true).allow("\u2581\u2581\u2581")).isTrue();
        assertThat(new PieceRules(16, true).allow("\u2581\u2581a")).isFalse();
    }

    @Test
    void rareCharactersAndControlsAreLeftToBytes() {
        String text = "the cat sat on the mat\n".repeat(200) + "\u20AC\t<s>\0<0x41>\n";
        Vocabulary vocabulary = BpeTrainer.train(List.of(text), VocabularySettings.ofSize(280));
        assertThat(texts(vocabulary)).doesNotContain("\u20AC", "\t", "\0", "<", "\n");
        Tokenizer tokenizer = new Tokenizer(vocabulary);
        assertThat(tokenizer.decode(tokenizer.encode("5 \u20AC\tcat\n<s>"))).isEqualTo("5 \u20AC\tcat\n<s>");
        assertThat(texts(BpeTrainer.train(List.of(text), allCharacters(283)))).contains("\u20AC");
    }

    @Test
    void theOrderOfTheTextsDoesNotMatter() {
        List<String> lines = new ArrayList<>(TrainingText.lines(3, 2000));
        Vocabulary vocabulary = BpeTrainer.train(lines, 500);
        Collections.shuffle(lines, new Random(5));
        assertThat(BpeTrainer.train(lines, 500)).isEqualTo(vocabulary);
        assertThat(BpeTrainer.train(List.of(String.join("\n", lines)), 500)).isEqualTo(vocabulary);
    }

    @Test
    void tokenizerRepeatsTheMergesInTheOrderInWhichTheyWereLearnt() {
        for (int seed = 0; seed < 20; seed++) {
            Vocabulary vocabulary = BpeTrainer.train(TrainingText.lines(seed, 500), 320 + 20 * seed);
            Tokenizer tokenizer = new Tokenizer(vocabulary);
            for (String text : TrainingText.lines(1000 + seed, 200)) {
                assertThat(tokenizer.encode(text))
                        .as("seed %d: %s", seed, text)
                        .containsExactly(encodeByMerging(vocabulary, text));
            }
        }
    }

    @Test
    void longRunsOfOneCharacterComeOut() {
        String text = "-".repeat(1000) + " " + "=".repeat(77) + "\n";
        Vocabulary vocabulary = BpeTrainer.train(List.of(text.repeat(3)), allCharacters(270));
        Tokenizer tokenizer = new Tokenizer(vocabulary);
        assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
        assertThat(tokenizer.encode(text)).containsExactly(encodeByMerging(vocabulary, text));
    }

    @Test
    void saysWhatDoesNotFit() {
        assertThatThrownBy(() -> BpeTrainer.train(List.of("", "\n"), 300))
                .isInstanceOf(VocabularyException.class)
                .hasMessage("texts: expected at least one character, found none");
        assertThatThrownBy(() -> BpeTrainer.train(List.of("abc abc"), 261))
                .isInstanceOf(VocabularyException.class)
                .hasMessage("vocabulary size: expected at least 263, for 3 specials, 256 bytes and 4 characters,"
                        + " found 261");
        assertThatThrownBy(() -> BpeTrainer.train(List.of("abc abc"), 4096))
                .isInstanceOf(VocabularyException.class)
                .hasMessage("vocabulary size: expected at most 266, as many as these texts give, found 4096");
        assertThat(BpeTrainer.train(List.of("abc abc"), 266).size()).isEqualTo(266);
        assertThat(BpeTrainer.train(List.of("abc abc"), 263).size()).isEqualTo(263);
        assertThatThrownBy(() -> VocabularySettings.ofSize(300).withCharacterCoverage(0.9))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("character coverage: expected 0.98 to 1, found 0.9");
        assertThatThrownBy(() -> VocabularySettings.ofSize(300).withMaxPieceLength(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("longest piece: expected 1 to 512, found 0");
    }

    /** Each learnt piece in turn, over the whole text, from the left: byte-pair encoding as it is defined, without a queue. */
    private static int[] encodeByMerging(Vocabulary vocabulary, String text) {
        List<String> symbols = new ArrayList<>();
        ("\u2581" + text.replace(' ', '\u2581')).codePoints().forEach(c -> symbols.add(Character.toString(c)));
        List<String> pieces = texts(vocabulary);
        for (String piece : pieces.subList(FIRST_NORMAL, pieces.size())) {
            for (int i = 0; i + 1 < symbols.size(); i++) {
                if (symbols.get(i).length() + symbols.get(i + 1).length() == piece.length()
                        && (symbols.get(i) + symbols.get(i + 1)).equals(piece)) {
                    symbols.set(i, piece);
                    symbols.remove(i + 1);
                }
            }
        }
        return symbols.stream().flatMapToInt(symbol -> ids(pieces, symbol)).toArray();
    }

    private static IntStream ids(List<String> pieces, String symbol) {
        int id = pieces.indexOf(symbol);
        byte[] utf8 = symbol.getBytes(StandardCharsets.UTF_8);
        return id >= FIRST_NORMAL
                ? IntStream.of(id)
                : IntStream.range(0, utf8.length).map(i -> 3 + (utf8[i] & 0xFF));
    }

    private static VocabularySettings allCharacters(int size) {
        return VocabularySettings.ofSize(size).withCharacterCoverage(1);
    }

    private static List<String> merges(String text, int count) {
        int characters = (int) ("\u2581" + text)
                .replace(' ', '\u2581')
                .codePoints()
                .filter(c -> c != '\n')
                .distinct()
                .count();
        Vocabulary vocabulary = BpeTrainer.train(List.of(text), allCharacters(FIRST_NORMAL + characters + count));
        return texts(vocabulary).subList(FIRST_NORMAL, FIRST_NORMAL + count);
    }

    private static List<String> texts(Vocabulary vocabulary) {
        return vocabulary.pieces().stream().map(Vocabulary.Piece::text).toList();
    }

    private static Vocabulary.Piece normal(String text, float score) {
        return new Vocabulary.Piece(text, score, PieceType.NORMAL);
    }
}
