package io.llamastreams.grammar.mask;

import java.util.Arrays;
import java.util.BitSet;

/**
 * Bytes of each token of a vocabulary, and trees of them that masks are made with. Immutable; any thread; one for all grammars
 * of a vocabulary.
 */
public final class TokenBytes {
    private static final byte SPACE = ' ';

    private final byte[][] pieces;
    private final int eosId;
    private final ByteTrie inside;
    private final ByteTrie first;
    private final BitSet writable = new BitSet(256);

    private TokenBytes(byte[][] pieces, int eosId) {
        this.pieces = pieces;
        this.eosId = eosId;
        inside = new ByteTrie(pieces);
        byte[][] stripped = new byte[pieces.length][];
        Arrays.setAll(stripped, id -> asFirst(pieces[id]));
        first = new ByteTrie(stripped);
        for (byte[] piece : pieces) {
            if (piece.length == 1) {
                writable.set(piece[0] & 0xFF);
            }
        }
    }

    /**
     * The bytes of a vocabulary.
     *
     * @param pieces by id: the bytes that the token adds to a text; none for tokens that add nothing, control tokens and the
     *     like, which are never allowed. Copied
     * @param eosId the token that ends a text, whatever its bytes
     * @throws IllegalArgumentException if the id is not one of the vocabulary
     */
    public static TokenBytes of(byte[][] pieces, int eosId) {
        if (eosId < 0 || eosId >= pieces.length) {
            throw new IllegalArgumentException("EOS id: expected 0 to " + (pieces.length - 1) + ", found " + eosId);
        }
        byte[][] copies = new byte[pieces.length][];
        Arrays.setAll(copies, id -> id == eosId ? new byte[0] : pieces[id].clone());
        return new TokenBytes(copies, eosId);
    }

    public int vocabularySize() {
        return pieces.length;
    }

    public int eosId() {
        return eosId;
    }

    /** Longs of a mask with a bit for each token. */
    public int maskLength() {
        return pieces.length + 63 >> 6;
    }

    /** The bytes of a token; not to be changed. */
    public byte[] bytes(int token) {
        return pieces[token];
    }

    /** The bytes of a token that is the first of a text that loses one leading space. */
    public byte[] firstBytes(int token) {
        return asFirst(pieces[token]);
    }

    /** All tokens. */
    public ByteTrie inside() {
        return inside;
    }

    /**
     * All tokens as the first of a text that loses one leading space. A lone space is not among them: it may be a piece, and
     * lost, or a byte, and kept, which its bytes do not tell.
     */
    public ByteTrie first() {
        return first;
    }

    /** Bytes that have a token of their own. */
    public BitSet writable() {
        return (BitSet) writable.clone();
    }

    private static byte[] asFirst(byte[] piece) {
        return piece.length > 0 && piece[0] == SPACE ? Arrays.copyOfRange(piece, 1, piece.length) : piece;
    }
}
