package io.llamastreams.tokenizer;

import java.util.List;

/** What a piece of the vocabulary is for. The numbers are those of SentencePiece's protobuf and of GGUF's token_type. */
public enum PieceType {
    /** Text that merges may build. */
    NORMAL(1),
    /** Stands for text that cannot be written otherwise. */
    UNKNOWN(2),
    /** Structure, such as the begin and the end of a text: never made from text, decodes to nothing. */
    CONTROL(3),
    /** Text that is always one token, wherever it stands. */
    USER_DEFINED(4),
    /** A step on the way to longer pieces that is taken apart again if it stays. */
    UNUSED(5),
    /** One byte of a character that has no piece of its own. */
    BYTE(6);

    private static final List<PieceType> ALL = List.of(values());

    private final int id;

    PieceType(int id) {
        this.id = id;
    }

    /** The number in files. */
    public int id() {
        return id;
    }

    /**
     * The type with this number.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static PieceType ofId(long id) {
        if (id < 1 || id > ALL.size()) {
            throw new IllegalArgumentException("piece type: expected 1 to " + ALL.size() + ", found " + id);
        }
        return ALL.get((int) id - 1);
    }

    /** Whether text can become a piece of this type by merging characters. */
    boolean isText() {
        return this == NORMAL || this == USER_DEFINED || this == UNUSED;
    }
}
