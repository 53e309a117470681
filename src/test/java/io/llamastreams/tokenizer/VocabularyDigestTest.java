package io.llamastreams.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class VocabularyDigestTest {
    private static final List<Vocabulary.Piece> PIECES = List.of(
            new Vocabulary.Piece("<unk>", 0, PieceType.UNKNOWN),
            new Vocabulary.Piece("<s>", 0, PieceType.CONTROL),
            new Vocabulary.Piece("a", -1, PieceType.NORMAL));

    private static Vocabulary vocabulary(List<Vocabulary.Piece> pieces, boolean dummyPrefix) {
        return new Vocabulary(pieces, 1, 1, 0, dummyPrefix, true, true, " ? ");
    }

    @Test
    void anythingThatIsDifferentGivesAnotherDigest() {
        Vocabulary same = vocabulary(PIECES, true);
        assertThat(VocabularyDigest.of(same))
                .matches("[0-9a-f]{64}")
                .isEqualTo(VocabularyDigest.of(vocabulary(List.copyOf(PIECES), true)));
        assertThat(Stream.of(
                                same,
                                vocabulary(PIECES, false),
                                vocabulary(changed(new Vocabulary.Piece("b", -1, PieceType.NORMAL)), true),
                                vocabulary(changed(new Vocabulary.Piece("a", -2, PieceType.NORMAL)), true),
                                vocabulary(changed(new Vocabulary.Piece("a", -1, PieceType.USER_DEFINED)), true))
                        .map(VocabularyDigest::of))
                .doesNotHaveDuplicates();
    }

    private static List<Vocabulary.Piece> changed(Vocabulary.Piece last) {
        return List.of(PIECES.get(0), PIECES.get(1), last);
    }
}
