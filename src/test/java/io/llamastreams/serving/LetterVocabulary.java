package io.llamastreams.serving;

import io.llamastreams.tokenizer.PieceType;
import io.llamastreams.tokenizer.Tokenizer;
import io.llamastreams.tokenizer.Vocabulary;
import java.util.ArrayList;
import java.util.List;

/** Unknown, BOS, EOS, 256 bytes, the space and the letters a to z: 286 tokens, of which none can be merged. */
public final class LetterVocabulary {
    static final int FIRST_BYTE = 3;
    public static final int SPACE = 259;
    public static final int SIZE = 286;

    private LetterVocabulary() {}

    public static Tokenizer tokenizer() {
        List<Vocabulary.Piece> pieces = new ArrayList<>();
        pieces.add(new Vocabulary.Piece("<unk>", 0, PieceType.UNKNOWN));
        pieces.add(new Vocabulary.Piece("<s>", 0, PieceType.CONTROL));
        pieces.add(new Vocabulary.Piece("</s>", 0, PieceType.CONTROL));
        for (int value = 0; value < 256; value++) {
            pieces.add(new Vocabulary.Piece(String.format("<0x%02X>", value), 0, PieceType.BYTE));
        }
        pieces.add(new Vocabulary.Piece("\u2581", 0, PieceType.NORMAL));
        for (char letter = 'a'; letter <= 'z'; letter++) {
            pieces.add(new Vocabulary.Piece(Character.toString(letter), 0, PieceType.NORMAL));
        }
        return new Tokenizer(new Vocabulary(pieces, 1, 2, 0, true, true, true, "?"));
    }

    public static int id(char letter) {
        return SPACE + 1 + letter - 'a';
    }

    public static int byteId(int value) {
        return FIRST_BYTE + value;
    }
}
