package io.llamastreams.tensor.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Keys and values of one layer, in pages of {@link #BLOCK_TOKENS} positions.
 *
 * <pre>
 * keys     [block][kvHead][headSize][16 positions]            a vector load takes one number of 16 positions
 * values   [block][kvHead][16 positions][headSize, padded]    a vector load takes 16 numbers of one position
 * </pre>
 *
 * @param keys f32, {@link #keyFloats} of them per block
 * @param values f32, {@link #valueFloats} of them per block
 */
public record KvLayer(MemorySegment keys, MemorySegment values, int kvHeads, int headSize) {

    /** Positions in one block. */
    public static final int BLOCK_TOKENS = Kernels.LANES;

    /** Floats of keys in one block of one layer. */
    public static long keyFloats(int kvHeads, int headSize) {
        return (long) kvHeads * headSize * BLOCK_TOKENS;
    }

    /** Floats of values in one block of one layer. */
    public static long valueFloats(int kvHeads, int headSize) {
        return (long) kvHeads * BLOCK_TOKENS * padded(headSize);
    }

    /** Floats of scratch that attention over {@code positions} positions needs for {@code queryHeads} heads. */
    public static int scratchFloats(int queryHeads, int headSize, int positions) {
        return queryHeads * padded(positions) + padded(headSize);
    }

    /** Rounded up to whole virtual vectors. */
    public static int padded(int count) {
        return (count + Kernels.LANES - 1) / Kernels.LANES * Kernels.LANES;
    }

    public int paddedHeadSize() {
        return padded(headSize);
    }

    /** Byte offset of a head's keys in a block. */
    public long keyOffset(int block, int kvHead) {
        return 4L * BLOCK_TOKENS * headSize * ((long) block * kvHeads + kvHead);
    }

    /** Byte offset of a head's values in a block. */
    public long valueOffset(int block, int kvHead) {
        return 4L * BLOCK_TOKENS * paddedHeadSize() * ((long) block * kvHeads + kvHead);
    }

    /**
     * Writes key and value of one position.
     *
     * @param k all KV heads one after another from {@code kOffset}, [kvHeads, headSize]; {@code v} likewise
     */
    public void store(int block, int positionInBlock, float[] k, int kOffset, float[] v, int vOffset) {
        for (int head = 0; head < kvHeads; head++) {
            long key = keyOffset(block, head) + 4L * positionInBlock;
            long value = valueOffset(block, head) + 4L * positionInBlock * paddedHeadSize();
            for (int d = 0; d < headSize; d++) {
                keys.set(ValueLayout.JAVA_FLOAT, key + 4L * BLOCK_TOKENS * d, k[kOffset + head * headSize + d]);
            }
            MemorySegment.copy(v, vOffset + head * headSize, values, ValueLayout.JAVA_FLOAT, value, headSize);
        }
    }
}
