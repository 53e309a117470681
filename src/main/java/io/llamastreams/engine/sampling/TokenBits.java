package io.llamastreams.engine.sampling;

import java.util.Arrays;

/** Sets of tokens with a bit for each id, by {@code id / 64}. Stateless, any thread. */
final class TokenBits {

    private TokenBits() {}

    /** Longs for the bits of a vocabulary. */
    static int longs(int vocabularySize) {
        return Math.ceilDiv(vocabularySize, Long.SIZE);
    }

    static boolean isAllowed(long[] bits, int id) {
        return (bits[id >> 6] >>> id & 1) != 0;
    }

    /** Copies the logits of allowed tokens into {@code row}, and negative infinity for the others. */
    static void copyAllowed(float[] logits, int offset, long[] bits, float[] row) {
        for (int from = 0; from < row.length; from += Long.SIZE) {
            int length = Math.min(Long.SIZE, row.length - from);
            long allowed = bits[from >> 6];
            // whichever touches fewer numbers one by one
            if (Long.bitCount(allowed) > length / 2) {
                System.arraycopy(logits, offset + from, row, from, length);
                long forbidden = ~allowed & -1L >>> -length;
                for (; forbidden != 0; forbidden &= forbidden - 1) {
                    row[from + Long.numberOfTrailingZeros(forbidden)] = Float.NEGATIVE_INFINITY;
                }
            } else {
                Arrays.fill(row, from, from + length, Float.NEGATIVE_INFINITY);
                for (; allowed != 0; allowed &= allowed - 1) {
                    int id = from + Long.numberOfTrailingZeros(allowed);
                    row[id] = logits[offset + id];
                }
            }
        }
    }
}
