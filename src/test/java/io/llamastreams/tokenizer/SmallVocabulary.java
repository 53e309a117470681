package io.llamastreams.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Builds vocabularies of a few pieces: unknown, BOS, EOS, the 256 bytes if wanted, then the test's own. */
final class SmallVocabulary {
    private final List<Vocabulary.Piece> pieces = new ArrayList<>();
    private boolean addDummyPrefix;

    static SmallVocabulary withBytes() {
        SmallVocabulary vocabulary = withoutBytes();
        for (int value = 0; value < 256; value++) {
            vocabulary.add(String.format(Locale.ROOT, "<0x%02X>", value), 0, PieceType.BYTE);
        }
        return vocabulary;
    }

    static SmallVocabulary withoutBytes() {
        return new SmallVocabulary()
                .add("<unk>", 0, PieceType.UNKNOWN)
                .add("<s>", 0, PieceType.CONTROL)
                .add("</s>", 0, PieceType.CONTROL);
    }

    SmallVocabulary dummyPrefix() {
        addDummyPrefix = true;
        return this;
    }

    SmallVocabulary add(String text, float score, PieceType type) {
        pieces.add(new Vocabulary.Piece(text, score, type));
        return this;
    }

    SmallVocabulary add(String text, float score) {
        return add(text, score, PieceType.NORMAL);
    }

    List<Vocabulary.Piece> pieces() {
        return pieces;
    }

    Vocabulary vocabulary() {
        return new Vocabulary(pieces, 1, 2, 0, addDummyPrefix, true, true, Vocabulary.DEFAULT_UNKNOWN_SURFACE);
    }

    Tokenizer tokenizer() {
        return new Tokenizer(vocabulary());
    }
}
