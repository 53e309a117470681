package io.llamastreams.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The rules of the encoder, one by one, on vocabularies small enough to follow by hand. */
class TokenizerTest {
    private static final int FIRST = 259;

    @Test
    void mergesTheHighestScoreFirst() {
        Tokenizer tokenizer = SmallVocabulary.withBytes()
                .add("a", -10)
                .add("b", -11)
                .add("c", -12)
                .add("ab", -2)
                .add("bc", -1)
                .tokenizer();
        assertThat(pieces(tokenizer, "abc")).containsExactly("a", "bc");
    }

    @Test
    void mergesTheLeftmostOfEqualScores() {
        Tokenizer tokenizer = SmallVocabulary.withBytes()
                .add("a", -10)
                .add("b", -11)
                .add("c", -12)
                .add("ab", -1)
                .add("bc", -1)
                .tokenizer();
        assertThat(pieces(tokenizer, "abc")).containsExactly("ab", "c");
        assertThat(pieces(tokenizer, "abcabc")).containsExactly("ab", "c", "ab", "c");
    }

    @Test
    void takesNegativeZeroForZero() {
        Tokenizer tokenizer = SmallVocabulary.withBytes()
                .add("a", -10)
                .add("b", -11)
                .add("c", -12)
                .add("ab", -0f)
                .add("bc", 0f)
                .tokenizer();
        assertThat(pieces(tokenizer, "abc")).containsExactly("ab", "c");
    }

    @Test
    void writesUnknownCharactersAsBytes() {
        Tokenizer tokenizer = SmallVocabulary.withBytes().add("a", -1).tokenizer();
        assertThat(pieces(tokenizer, "aéa😀"))
                .containsExactly("a", "<0xC3>", "<0xA9>", "a", "<0xF0>", "<0x9F>", "<0x98>", "<0x80>");
    }

    @Test
    void writesARunOfUnknownCharactersAsOneUnknownTokenWhereThereAreNoBytes() {
        Tokenizer tokenizer = SmallVocabulary.withoutBytes().add("a", -1).tokenizer();
        assertThat(tokenizer.encode("xyazz")).containsExactly(0, 3, 0);
        assertThat(tokenizer.decode(new int[] {0, 3})).isEqualTo(" \u2047 a");
    }

    @Test
    void putsADummySpaceBeforeEveryTextButTheEmptyOne() {
        Tokenizer tokenizer = SmallVocabulary.withBytes()
                .dummyPrefix()
                .add("a", -1)
                .add("\u2581", -2)
                .add("\u2581a", 0)
                .tokenizer();
        assertThat(pieces(tokenizer, "a")).containsExactly("\u2581a");
        assertThat(pieces(tokenizer, " a")).containsExactly("\u2581", "\u2581a");
        assertThat(pieces(tokenizer, " ")).containsExactly("\u2581", "\u2581");
        assertThat(tokenizer.encode("")).isEmpty();
        assertThat(tokenizer.encodeWithBos("")).containsExactly(1);
        assertThat(tokenizer.decode(tokenizer.encodeWithBos(" a"))).isEqualTo(" a");
    }

    @Test
    void neverReadsNamesOfTokensInText() {
        Tokenizer tokenizer = SmallVocabulary.withBytes().tokenizer();
        for (String text : List.of("<s>", "</s>", "<unk>", "<0x41>")) {
            assertThat(Arrays.stream(tokenizer.encode(text)))
                    .hasSize(text.length())
                    .allMatch(id -> tokenizer.piece(id).startsWith("<0x"));
            assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
        }
    }

    @Test
    void keepsTextThatIsSpelledLikeAControlPieceApartFromIt() {
        Tokenizer tokenizer =
                SmallVocabulary.withBytes().add("<s>", -1).add("s", -2).tokenizer();
        assertThat(tokenizer.encode("<s>")).doesNotContain(1);
    }

    @Test
    void matchesUserDefinedPiecesWhereverTheyStandLongestFirst() {
        Tokenizer tokenizer = SmallVocabulary.withBytes()
                .add("a", -5)
                .add("b", -6)
                .add("ab", 0)
                .add("ba", 0)
                .add("<tag>", 0, PieceType.USER_DEFINED)
                .add("<tag>b", 0, PieceType.USER_DEFINED)
                .tokenizer();
        assertThat(pieces(tokenizer, "a<tag>a")).containsExactly("a", "<tag>", "a");
        assertThat(pieces(tokenizer, "a<tag>ba")).containsExactly("a", "<tag>b", "a");
        assertThat(pieces(tokenizer, "<tag><tag>ab")).containsExactly("<tag>", "<tag>", "ab");
    }

    @Test
    void takesUnusedPiecesApartAgain() {
        Tokenizer tokenizer = SmallVocabulary.withBytes()
                .add("a", -5)
                .add("b", -6)
                .add("c", -7)
                .add("ab", 0, PieceType.UNUSED)
                .add("abc", -1)
                .tokenizer();
        assertThat(pieces(tokenizer, "abc")).containsExactly("abc");
        assertThat(pieces(tokenizer, "abab")).containsExactly("a", "b", "a", "b");
    }

    @Test
    void doesNotMergeOverWordsUnlessAPieceDoes() {
        Tokenizer over = SmallVocabulary.withBytes()
                .add("a", -5)
                .add("\u2581", -6)
                .add("a\u2581", 0)
                .add("a\u2581a", -1)
                .tokenizer();
        assertThat(pieces(over, "a a")).containsExactly("a\u2581a");
    }

    @Test
    void writesHalfASurrogatePairAsTheReplacementCharacter() {
        Tokenizer tokenizer = SmallVocabulary.withBytes().add("a", -1).tokenizer();
        for (String text : List.of("a\uD83D", "a\uD83Da", "\uDE00a", "\uDE00\uD83D")) {
            assertThat(tokenizer.decode(tokenizer.encode(text)))
                    .isEqualTo(text.replace('\uD83D', '\uFFFD').replace('\uDE00', '\uFFFD'));
        }
    }

    @Test
    void decodesNothingForControlTokensAndRefusesIdsOutsideTheVocabulary() {
        Tokenizer tokenizer =
                SmallVocabulary.withBytes().dummyPrefix().add("\u2581a", -1).tokenizer();
        assertThat(tokenizer.decode(List.of(1, FIRST, 2, FIRST, 1))).isEqualTo("a a");
        assertThat(tokenizer.isControl(1)).isTrue();
        assertThat(tokenizer.isControl(FIRST)).isFalse();
        assertThatThrownBy(() -> tokenizer.decode(List.of(FIRST + 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("token id: expected 0 to 259, found 260");
        assertThatThrownBy(() -> tokenizer.decode(List.of(-1))).isInstanceOf(IllegalArgumentException.class);
    }

    private static List<String> pieces(Tokenizer tokenizer, String text) {
        return Arrays.stream(tokenizer.encode(text)).mapToObj(tokenizer::piece).toList();
    }
}
