package io.llamastreams.grammar.mask;

/** The tokens that fit a place. Immutable; any thread. */
public final class TokenSet {
    /** Fewer tokens than this are kept as a list. */
    private static final int MAX_LISTED = 128;

    /** One bit a token; empty if the tokens are listed. */
    private final long[] bits;

    /** Ascending; empty if there are bits. */
    private final int[] listed;

    private final int neededBytes;

    private TokenSet(long[] bits, int[] listed, int neededBytes) {
        this.bits = bits;
        this.listed = listed;
        this.neededBytes = neededBytes;
    }

    /**
     * A mask with these tokens.
     *
     * @param bits kept, not copied
     * @param neededBytes so many bytes are enough to complete the text after any of the tokens
     */
    static TokenSet of(long[] bits, int neededBytes) {
        int count = 0;
        for (long word : bits) {
            count += Long.bitCount(word);
        }
        if (count >= MAX_LISTED) {
            return new TokenSet(bits, new int[0], neededBytes);
        }
        int[] listed = new int[count];
        int filled = 0;
        for (int word = 0; word < bits.length; word++) {
            for (long rest = bits[word]; rest != 0; rest &= rest - 1) {
                listed[filled++] = 64 * word + Long.numberOfTrailingZeros(rest);
            }
        }
        return new TokenSet(new long[0], listed, neededBytes);
    }

    public int neededBytes() {
        return neededBytes;
    }

    /** Clears what is not in this mask. */
    public void applyTo(long[] allowed) {
        if (bits.length > 0) {
            for (int word = 0; word < bits.length; word++) {
                allowed[word] &= bits[word];
            }
            return;
        }
        int at = 0;
        for (int word = 0; word < allowed.length; word++) {
            long kept = 0;
            for (; at < listed.length && listed[at] >> 6 == word; at++) {
                kept |= 1L << listed[at];
            }
            allowed[word] &= kept;
        }
    }

    /** Sets the bits of this mask. */
    void addTo(long[] allowed) {
        for (int word = 0; word < bits.length; word++) {
            allowed[word] |= bits[word];
        }
        for (int token : listed) {
            allowed[token >> 6] |= 1L << token;
        }
    }
}
