package io.llamastreams.tokenizer;

import java.util.Arrays;

/**
 * Finds the pieces that text may become by a range of characters, without making strings: open addressing, at most half
 * full. Immutable, any thread.
 *
 * <p>The hash of a range follows from the hashes of the text's beginnings in constant time, so that the ranges which a merge
 * looks at need not be read again:
 *
 * <pre>
 *   beginning(i + 1) = beginning(i) * M + text[i] + 1                          all modulo 2^64
 *   hash(from, to)   = beginning(to) - beginning(from) * M^(to - from)
 *
 *   slots:  upper half of the hash | id + 1, 0 = free
 *   pool:   all texts one after the other; piece id lies at starts[id] to starts[id + 1]
 * </pre>
 *
 * What the hash finds is compared character by character: equal hashes cost time and nothing else. Source: Karp, Rabin 1987.
 */
final class PieceTable {
    static final int NONE = -1;

    private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;
    private static final long SLOT_MULTIPLIER = 0xD6E8FEB86659FD93L;
    private static final long UPPER_HALF = 0xFFFFFFFF00000000L;

    private final char[] pool;
    private final int[] starts;
    private final long[] slots;
    private final int slotShift;
    private final int maxLength;
    private final long[] powers;
    private final int[] idsOfCharacters;

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
        powers = new long[maxLength + 1];
        powers[0] = 1;
        for (int length = 1; length <= maxLength; length++) {
            powers[length] = powers[length - 1] * MULTIPLIER;
        }
        int slotBits = 32 - Integer.numberOfLeadingZeros(Math.max(2, size)) + 1;
        slots = new long[1 << slotBits];
        slotShift = Long.SIZE - slotBits;
        idsOfCharacters = new int[Character.MAX_VALUE + 1];
        Arrays.fill(idsOfCharacters, NONE);
        for (int id = 0; id < size; id++) {
            if (length(id) > 0) {
                insert(id);
            }
            if (length(id) == 1) {
                idsOfCharacters[pool[starts[id]]] = id;
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

    /** Id of the piece that is just this character, or {@link #NONE}. */
    int find(char character) {
        return idsOfCharacters[character];
    }

    /** Id of the piece with exactly these characters, or {@link #NONE}. */
    int find(char[] text, int from, int length) {
        return length > maxLength ? NONE : find(text, from, length, hash(text, from, length));
    }

    /**
     * As {@link #find(char[], int, int)}.
     *
     * @param beginnings as {@link #hashBeginnings} has filled them
     * @param base where in {@code text} the hashed range starts
     */
    int find(char[] text, int from, int length, long[] beginnings, int base) {
        if (length > maxLength) {
            return NONE;
        }
        int start = from - base;
        return find(text, from, length, beginnings[start + length] - beginnings[start] * powers[length]);
    }

    /** Hashes the beginnings of text[from..to): {@code out[i]} is that of the first i characters. */
    static void hashBeginnings(char[] text, int from, int to, long[] out) {
        long hash = 0;
        out[0] = 0;
        for (int i = from; i < to; i++) {
            hash = hash * MULTIPLIER + text[i] + 1;
            out[i - from + 1] = hash;
        }
    }

    private int find(char[] text, int from, int length, long hash) {
        int slot = slotOf(hash);
        for (long entry = slots[slot]; entry != 0; entry = slots[slot]) {
            if (((entry ^ hash) & UPPER_HALF) == 0 && isAt((int) entry - 1, text, from, length)) {
                return (int) entry - 1;
            }
            slot = slot + 1 & slots.length - 1;
        }
        return NONE;
    }

    private boolean isAt(int id, char[] text, int from, int length) {
        int start = starts[id];
        if (starts[id + 1] - start != length) {
            return false;
        }
        // pieces are short: a plain loop beats the library's comparison of ranges
        for (int i = 0; i < length; i++) {
            if (pool[start + i] != text[from + i]) {
                return false;
            }
        }
        return true;
    }

    private void insert(int id) {
        long hash = hash(pool, starts[id], length(id));
        int slot = slotOf(hash);
        while (slots[slot] != 0) {
            slot = slot + 1 & slots.length - 1;
        }
        slots[slot] = hash & UPPER_HALF | id + 1;
    }

    private int slotOf(long hash) {
        return (int) (hash * SLOT_MULTIPLIER >>> slotShift);
    }

    private static long hash(char[] text, int from, int length) {
        long hash = 0;
        for (int i = from; i < from + length; i++) {
            hash = hash * MULTIPLIER + text[i] + 1;
        }
        return hash;
    }
}
