package io.llamastreams.tokenizer;

import java.util.Arrays;

/**
 * Finds the pieces that text may become by a range of characters, without making strings: open addressing, at most half
 * full. Immutable, any thread.
 *
 * <pre>
 *   slots:  hash of the characters -> id + 1, 0 = free
 *   pool:   all texts one after the other; piece id lies at starts[id] to starts[id + 1]
 * </pre>
 */
final class PieceTable {
    static final int NONE = -1;

    private final char[] pool;
    private final int[] starts;
    private final int[] slots;
    private final int maxLength;

    /** Takes the NORMAL, USER_DEFINED and UNUSED pieces; texts differ, as {@link Vocabulary} has checked. */
    PieceTable(Vocabulary vocabulary) {
        int size = vocabulary.size();
        StringBuilder texts = new StringBuilder();
        starts = new int[size + 1];
        int longest = 0;
        for (int id = 0; id < size; id++) {
            Vocabulary.Piece piece = vocabulary.pieces().get(id);
            if (piece.type().isText()) {
                texts.append(piece.text());
                longest = Math.max(longest, piece.text().length());
            }
            starts[id + 1] = texts.length();
        }
        maxLength = longest;
        pool = new char[texts.length()];
        texts.getChars(0, pool.length, pool, 0);
        slots = new int[Math.max(4, Integer.highestOneBit(size) << 2)];
        for (int id = 0; id < size; id++) {
            if (length(id) > 0) {
                insert(id);
            }
        }
    }

    /** Characters of a piece; 0 if text cannot become it. */
    int length(int id) {
        return starts[id + 1] - starts[id];
    }

    /** Characters of the longest piece. */
    int maxLength() {
        return maxLength;
    }

    /** Id of the piece with exactly these characters, or {@link #NONE}. */
    int find(char[] text, int from, int length) {
        if (length > maxLength) {
            return NONE;
        }
        int slot = hash(text, from, length) & (slots.length - 1);
        while (slots[slot] != 0) {
            int id = slots[slot] - 1;
            if (Arrays.equals(pool, starts[id], starts[id + 1], text, from, from + length)) {
                return id;
            }
            slot = (slot + 1) & (slots.length - 1);
        }
        return NONE;
    }

    private void insert(int id) {
        int slot = hash(pool, starts[id], length(id)) & (slots.length - 1);
        while (slots[slot] != 0) {
            slot = (slot + 1) & (slots.length - 1);
        }
        slots[slot] = id + 1;
    }

    private static int hash(char[] text, int from, int length) {
        int hash = length;
        for (int i = from; i < from + length; i++) {
            hash = hash * 31 + text[i];
        }
        hash *= 0x9E3779B9;
        return hash ^ (hash >>> 15);
    }
}
