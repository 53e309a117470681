package io.llamastreams.tokenizer;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The pieces of text that a model knows, and how text is prepared for them; checked, so that whoever holds one can trust it.
 *
 * @param pieces in the order of their ids; at most one of a text among those that text may become, and among the others
 * @param bosId begin of a text
 * @param eosId end of a text
 * @param unknownId stands for what cannot be written; with byte pieces that is nothing
 * @param addDummyPrefix whether a space is put before every text
 * @param addBos whether the model is used to BOS at the begin of a prompt
 * @param escapeWhitespaces whether spaces are written as U+2581
 * @param unknownSurface text that the unknown piece decodes to
 */
public record Vocabulary(
        List<Piece> pieces,
        int bosId,
        int eosId,
        int unknownId,
        boolean addDummyPrefix,
        boolean addBos,
        boolean escapeWhitespaces,
        String unknownSurface) {

    /** How SentencePiece decodes the unknown piece unless the model says otherwise. */
    public static final String DEFAULT_UNKNOWN_SURFACE = " \u2047 ";

    private static final int BYTES = 256;

    /**
     * One entry of the vocabulary.
     *
     * @param text with U+2581 for spaces; {@code <0x41>} and the like for bytes
     * @param score the higher, the sooner it is merged
     */
    public record Piece(String text, float score, PieceType type) {}

    /** @throws IllegalArgumentException naming what is wrong, what was expected and what was found */
    public Vocabulary {
        pieces = List.copyOf(pieces);
        checkPieces(pieces);
        checkId("BOS id", bosId, pieces.size());
        checkId("EOS id", eosId, pieces.size());
        checkId("unknown id", unknownId, pieces.size());
        if (pieces.get(unknownId).type() != PieceType.UNKNOWN) {
            throw new IllegalArgumentException("unknown id " + unknownId + ": expected a piece of type UNKNOWN, found "
                    + pieces.get(unknownId).type());
        }
    }

    /** As the longer form, for a model that is used to BOS. */
    public static Vocabulary of(
            String[] texts,
            float[] scores,
            int[] typeIds,
            int bosId,
            int eosId,
            int unknownId,
            boolean addDummyPrefix) {
        return of(texts, scores, typeIds, bosId, eosId, unknownId, addDummyPrefix, true);
    }

    /**
     * A Llama 2 vocabulary from the parallel arrays of a file: spaces are written as U+2581.
     *
     * @param typeIds numbers of {@link PieceType}
     * @throws IllegalArgumentException naming what is wrong, what was expected and what was found
     */
    public static Vocabulary of(
            String[] texts,
            float[] scores,
            int[] typeIds,
            int bosId,
            int eosId,
            int unknownId,
            boolean addDummyPrefix,
            boolean addBos) {
        if (scores.length != texts.length) {
            throw new IllegalArgumentException("scores: expected " + texts.length + ", found " + scores.length);
        }
        if (typeIds.length != texts.length) {
            throw new IllegalArgumentException("token types: expected " + texts.length + ", found " + typeIds.length);
        }
        List<Piece> pieces = new ArrayList<>(texts.length);
        for (int id = 0; id < texts.length; id++) {
            pieces.add(new Piece(texts[id], scores[id], PieceType.ofId(typeIds[id])));
        }
        return new Vocabulary(pieces, bosId, eosId, unknownId, addDummyPrefix, addBos, true, DEFAULT_UNKNOWN_SURFACE);
    }

    public int size() {
        return pieces.size();
    }

    /** Whether every byte has a piece, so that every text can be written. */
    public boolean hasByteFallback() {
        return pieces.stream().anyMatch(piece -> piece.type() == PieceType.BYTE);
    }

    /**
     * The byte that a byte piece's text names.
     *
     * @return 0 to 255, or -1 if the text is not of the form {@code <0x41>}
     */
    static int byteOf(String text) {
        if (text.length() != 6 || !text.startsWith("<0x") || text.charAt(5) != '>') {
            return -1;
        }
        int high = upperHexDigit(text.charAt(3));
        int low = upperHexDigit(text.charAt(4));
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }

    private static int upperHexDigit(char c) {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    }

    private static void checkPieces(List<Piece> pieces) {
        Set<String> texts = new HashSet<>();
        Set<String> others = new HashSet<>();
        int byteCount = 0;
        int unknownCount = 0;
        for (int id = 0; id < pieces.size(); id++) {
            Piece piece = pieces.get(id);
            if (piece.text().isEmpty()) {
                throw new IllegalArgumentException("piece " + id + ": expected text, found none");
            }
            if (!Float.isFinite(piece.score())) {
                throw new IllegalArgumentException(
                        "piece " + id + ": expected a number as score, found " + piece.score());
            }
            if (!(piece.type().isText() ? texts : others).add(piece.text())) {
                throw new IllegalArgumentException("piece " + id + ": expected a text of its own, found a second \""
                        + printable(piece.text()) + "\"");
            }
            if (piece.type() == PieceType.UNKNOWN) {
                unknownCount++;
            }
            if (piece.type() == PieceType.BYTE) {
                byteCount++;
                if (byteOf(piece.text()) < 0) {
                    throw new IllegalArgumentException("byte piece " + id
                            + ": expected a name from <0x00> to <0xFF>, found \"" + printable(piece.text()) + "\"");
                }
            }
        }
        if (byteCount != 0 && byteCount != BYTES) {
            throw new IllegalArgumentException("byte pieces: expected none or " + BYTES + ", found " + byteCount);
        }
        if (unknownCount != 1) {
            throw new IllegalArgumentException("unknown pieces: expected 1, found " + unknownCount);
        }
    }

    private static void checkId(String name, int id, int size) {
        if (id < 0 || id >= size) {
            throw new IllegalArgumentException(name + ": expected 0 to " + (size - 1) + ", found " + id);
        }
    }

    /** For messages of one line: control characters and endless texts do not come through. */
    static String printable(String text) {
        String start = text.substring(0, Math.min(text.length(), 40));
        return start.codePoints()
                .map(c -> Character.isISOControl(c) ? 0xFFFD : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
