package io.llamastreams.tokenizer;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * What encoding and decoding look up, computed once from a vocabulary; and which pieces are whole words, noted as encoders
 * find it out, which all of them find out alike. Any thread.
 */
final class TokenizerTables {
    private static final byte NOT_KNOWN = 0;
    private static final byte WHOLE = 1;
    private static final byte IN_PARTS = 2;

    private final Vocabulary vocabulary;
    private final PieceTable pieces;
    private final PieceType[] types;
    private final String[] surfaces;
    private final int[] ranks;
    private final int[] byteIds;
    private final int[] byteValues;
    private final int[] userDefinedLengths;
    private final BitSet userDefinedStarts = new BitSet();
    private final boolean wordsAreIndependent;

    /** By id: NOT_KNOWN, or whether the piece's text as a word of its own is encoded as just this piece. */
    private final byte[] wholeness;

    TokenizerTables(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
        pieces = new PieceTable(vocabulary);
        int size = vocabulary.size();
        types = new PieceType[size];
        wholeness = new byte[size];
        surfaces = new String[size];
        byteIds = vocabulary.hasByteFallback() ? new int[256] : new int[0];
        byteValues = new int[size];
        for (int id = 0; id < size; id++) {
            Vocabulary.Piece piece = vocabulary.pieces().get(id);
            types[id] = piece.type();
            surfaces[id] = surface(piece);
            byteValues[id] = piece.type() == PieceType.BYTE ? Vocabulary.byteOf(piece.text()) : -1;
            if (byteValues[id] >= 0) {
                byteIds[byteValues[id]] = id;
            }
            if (piece.type() == PieceType.USER_DEFINED) {
                userDefinedStarts.set(piece.text().charAt(0));
            }
        }
        ranks = ranks(vocabulary.pieces());
        userDefinedLengths = vocabulary.pieces().stream()
                .filter(piece -> piece.type() == PieceType.USER_DEFINED)
                .mapToInt(piece -> -piece.text().length())
                .sorted()
                .distinct()
                .map(length -> -length)
                .toArray();
        wordsAreIndependent = vocabulary.pieces().stream().noneMatch(this::tiesWordsTogether);
    }

    Vocabulary vocabulary() {
        return vocabulary;
    }

    PieceTable pieces() {
        return pieces;
    }

    /** What the piece decodes to inside a text. */
    String surface(int id) {
        return surfaces[id];
    }

    /** Whether the piece is text that starts with an escaped space. */
    boolean startsWithSpace(int id) {
        return types[id].isText() && vocabulary.pieces().get(id).text().charAt(0) == Tokenizer.SPACE;
    }

    boolean isControl(int id) {
        return types[id] == PieceType.CONTROL;
    }

    boolean isUnused(int id) {
        return types[id] == PieceType.UNUSED;
    }

    /** @param id may be {@link PieceTable#NONE} */
    boolean isUserDefined(int id) {
        return id != PieceTable.NONE && types[id] == PieceType.USER_DEFINED;
    }

    /** Place of the piece's score among all scores: 0 for the highest, equal for equal scores. */
    int rank(int id) {
        return ranks[id];
    }

    boolean hasByteFallback() {
        return byteIds.length > 0;
    }

    /** @param value 0 to 255 */
    int byteId(int value) {
        return byteIds[value];
    }

    /** The byte that a piece stands for, or -1. */
    int byteValue(int id) {
        return byteValues[id];
    }

    /** Whether the piece's text, as a word of its own, is known to be encoded as just this piece. */
    boolean isKnownWhole(int id) {
        return wholeness[id] == WHOLE;
    }

    /** Whether nobody has noted yet how the piece's text is encoded as a word of its own. */
    boolean isWholenessUnknown(int id) {
        return wholeness[id] == NOT_KNOWN;
    }

    /** Notes how a piece's text is encoded as a word of its own, where words are independent. */
    void noteWholeness(int id, boolean whole) {
        wholeness[id] = whole ? WHOLE : IN_PARTS;
    }

    /**
     * The symbol that merges start from at a position: the longest user-defined piece, else the piece of the character there.
     *
     * @return a piece, or {@link PieceTable#NONE} for a character that is none
     */
    int symbolAt(char[] text, int position, int end) {
        int id = userDefinedAt(text, position, end);
        if (id != PieceTable.NONE) {
            return id;
        }
        return Character.isHighSurrogate(text[position])
                ? pieces.find(text, position, Character.charCount(Character.codePointAt(text, position)))
                : pieces.find(text[position]);
    }

    /** Characters of a symbol that {@link #symbolAt} has found. */
    int symbolLength(int id, char[] text, int position) {
        return id == PieceTable.NONE ? Character.charCount(Character.codePointAt(text, position)) : pieces.length(id);
    }

    private int userDefinedAt(char[] text, int position, int end) {
        if (userDefinedLengths.length > 0 && userDefinedStarts.get(text[position])) {
            for (int length : userDefinedLengths) {
                int id = length <= end - position ? pieces.find(text, position, length) : PieceTable.NONE;
                if (isUserDefined(id)) {
                    return id;
                }
            }
        }
        return PieceTable.NONE;
    }

    /** Whether merges never reach from one word over the space before the next, nor depend on other words. */
    boolean wordsAreIndependent() {
        return wordsAreIndependent;
    }

    /**
     * Whether merges of one word may depend on another through this piece: it reaches from a word over the space before
     * the next, or it is UNUSED, and thus taken apart as it was last found anywhere in the text.
     */
    private boolean tiesWordsTogether(Vocabulary.Piece piece) {
        boolean suspicious =
                piece.type() == PieceType.UNUSED || piece.type().isText() && reachesOverWordStart(piece.text());
        return suspicious && (piece.type() == PieceType.USER_DEFINED || canBeMerged(piece.text()));
    }

    private static boolean reachesOverWordStart(String text) {
        for (int i = 1; i < text.length(); i++) {
            if (text.charAt(i) == Tokenizer.SPACE && text.charAt(i - 1) != Tokenizer.SPACE) {
                return true;
            }
        }
        return false;
    }

    /** Whether the text is two symbols next to each other: pieces or single characters. */
    private boolean canBeMerged(String text) {
        char[] chars = text.toCharArray();
        for (int left = 1; left < chars.length; left++) {
            if (isSymbol(chars, 0, left) && isSymbol(chars, left, chars.length - left)) {
                return true;
            }
        }
        return false;
    }

    private boolean isSymbol(char[] text, int from, int length) {
        return Character.charCount(Character.codePointAt(text, from)) == length
                || pieces.find(text, from, length) != PieceTable.NONE;
    }

    private String surface(Vocabulary.Piece piece) {
        return switch (piece.type()) {
            case NORMAL, USER_DEFINED, UNUSED -> piece.text().replace(Tokenizer.SPACE, ' ');
            case UNKNOWN -> vocabulary.unknownSurface();
            case CONTROL, BYTE -> "";
        };
    }

    private static int[] ranks(List<Vocabulary.Piece> pieces) {
        // Negated, so that ascending order has the highest score first; 0 - x has no negative zero.
        float[] ascending = new float[pieces.size()];
        for (int id = 0; id < ascending.length; id++) {
            ascending[id] = 0f - pieces.get(id).score();
        }
        float[] sorted = ascending.clone();
        Arrays.sort(sorted);
        int distinct = 0;
        for (int i = 0; i < sorted.length; i++) {
            if (i == 0 || sorted[i] != sorted[distinct - 1]) {
                sorted[distinct++] = sorted[i];
            }
        }
        int[] ranks = new int[ascending.length];
        for (int id = 0; id < ranks.length; id++) {
            ranks[id] = Arrays.binarySearch(sorted, 0, distinct, ascending[id]);
        }
        return ranks;
    }
}
