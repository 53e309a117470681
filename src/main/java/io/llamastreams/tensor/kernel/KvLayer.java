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
 * Several threads may store into different positions at once; who reads does so after they have ended.
 */
public final class KvLayer {
    /** Positions in one block. */
    public static final int BLOCK_TOKENS = Kernels.LANES;

    /** From here on a number rounds to an infinite f16: half-way between the largest, 65504, and 65536. */
    private static final float F16_INFINITE = 65520f;

    private final KvType type;
    private final MemorySegment keys;
    private final MemorySegment values;
    private final int kvHeads;
    private final int headSize;

    /** Blocks of f16 that may hold a number that is not finite. Threads set, and only {@link #begin} clears. */
    private final boolean[] infinite;

    /**
     * Pages in memory that the caller owns.
     *
     * @param keys {@link #keyBytes} for each block
     * @param values {@link #valueBytes} for each block
     */
    public KvLayer(KvType type, MemorySegment keys, MemorySegment values, int kvHeads, int headSize) {
        this.type = type;
        this.keys = keys;
        this.values = values;
        this.kvHeads = kvHeads;
        this.headSize = headSize;
        infinite = new boolean[Math.toIntExact(keys.byteSize() / keyBytes(type, kvHeads, headSize))];
    }

    /** Bytes of keys in one block of one layer. */
    public static long keyBytes(KvType type, int kvHeads, int headSize) {
        return (long) type.bytes() * kvHeads * headSize * BLOCK_TOKENS;
    }

    /** Bytes of values in one block of one layer. */
    public static long valueBytes(KvType type, int kvHeads, int headSize) {
        return (long) type.bytes() * kvHeads * BLOCK_TOKENS * padded(headSize);
    }

    /** Rounded up to whole virtual vectors. */
    public static int padded(int count) {
        return (count + Kernels.LANES - 1) / Kernels.LANES * Kernels.LANES;
    }

    public KvType type() {
        return type;
    }

    public MemorySegment keys() {
        return keys;
    }

    public MemorySegment values() {
        return values;
    }

    public int headSize() {
        return headSize;
    }

    public int paddedHeadSize() {
        return padded(headSize);
    }

    /** Byte offset of a head's keys in a block. */
    public long keyOffset(int block, int kvHead) {
        return type.bytes() * keyIndex(block, kvHead);
    }

    /** Byte offset of a head's values in a block. */
    public long valueOffset(int block, int kvHead) {
        return type.bytes() * valueIndex(block, kvHead);
    }

    private long keyIndex(int block, int kvHead) {
        return (long) BLOCK_TOKENS * headSize * ((long) block * kvHeads + kvHead);
    }

    private long valueIndex(int block, int kvHead) {
        return (long) BLOCK_TOKENS * paddedHeadSize() * ((long) block * kvHeads + kvHead);
    }

    /** Number {@code d} of one position's key, exactly. */
    float key(int block, int kvHead, int positionInBlock, int d) {
        return number(keys, keyIndex(block, kvHead) + (long) BLOCK_TOKENS * d + positionInBlock);
    }

    /** Number {@code d} of one position's value, exactly. */
    float value(int block, int kvHead, int positionInBlock, int d) {
        return number(values, valueIndex(block, kvHead) + (long) paddedHeadSize() * positionInBlock + d);
    }

    private float number(MemorySegment numbers, long index) {
        return switch (type) {
            case F32 -> numbers.get(ValueLayout.JAVA_FLOAT, 4L * index);
            case F16 -> Float.float16ToFloat(numbers.get(ValueLayout.JAVA_SHORT, 2L * index));
        };
    }

    /** Whether no number that was stored in a block since {@link #begin} is infinite or NaN; always true of f32. */
    public boolean isFinite(int block) {
        return !infinite[block];
    }

    /** A sequence takes a block and will store its positions from the first on: what it held counts no more. */
    public void begin(int block) {
        infinite[block] = false;
    }

    /**
     * Writes key and value of one position.
     *
     * @param k all KV heads one after another from {@code kOffset}, [kvHeads, headSize]; {@code v} likewise
     */
    public void store(int block, int positionInBlock, float[] k, int kOffset, float[] v, int vOffset) {
        switch (type) {
            case F32 -> storeFloats(block, positionInBlock, k, kOffset, v, vOffset);
            case F16 -> {
                storeHalves(block, positionInBlock, k, kOffset, v, vOffset);
                int width = kvHeads * headSize;
                if (!(largest(k, kOffset, width) < F16_INFINITE) || !(largest(v, vOffset, width) < F16_INFINITE)) {
                    infinite[block] = true;
                }
            }
        }
    }

    /** Copies keys and values of a whole block. */
    public void copyBlock(int from, int to) {
        copyBlock(keys, keyBytes(type, kvHeads, headSize), from, to);
        copyBlock(values, valueBytes(type, kvHeads, headSize), from, to);
        infinite[to] = infinite[from];
    }

    private static void copyBlock(MemorySegment numbers, long blockBytes, int from, int to) {
        MemorySegment.copy(numbers, from * blockBytes, numbers, to * blockBytes, blockBytes);
    }

    private void storeFloats(int block, int positionInBlock, float[] k, int kOffset, float[] v, int vOffset) {
        for (int head = 0; head < kvHeads; head++) {
            long key = keyOffset(block, head) + 4L * positionInBlock;
            long value = valueOffset(block, head) + 4L * positionInBlock * paddedHeadSize();
            for (int d = 0; d < headSize; d++) {
                keys.set(ValueLayout.JAVA_FLOAT, key + 4L * BLOCK_TOKENS * d, k[kOffset + head * headSize + d]);
            }
            MemorySegment.copy(v, vOffset + head * headSize, values, ValueLayout.JAVA_FLOAT, value, headSize);
        }
    }

    private void storeHalves(int block, int positionInBlock, float[] k, int kOffset, float[] v, int vOffset) {
        for (int head = 0; head < kvHeads; head++) {
            int from = head * headSize;
            storeKeyHalves(k, kOffset + from, keyOffset(block, head) + 2L * positionInBlock);
            storeValueHalves(v, vOffset + from, valueOffset(block, head) + 2L * positionInBlock * paddedHeadSize());
        }
    }

    private void storeKeyHalves(float[] k, int from, long to) {
        for (int d = 0; d < headSize; d++) {
            keys.set(ValueLayout.JAVA_SHORT, to + 2L * BLOCK_TOKENS * d, Float.floatToFloat16(k[from + d]));
        }
    }

    private void storeValueHalves(float[] v, int from, long to) {
        for (int d = 0; d < headSize; d++) {
            values.set(ValueLayout.JAVA_SHORT, to + 2L * d, Float.floatToFloat16(v[from + d]));
        }
    }

    /** NaN if one is. */
    private static float largest(float[] x, int from, int count) {
        float largest = 0f;
        for (int i = 0; i < count; i++) {
            largest = Math.max(largest, Math.abs(x[from + i]));
        }
        return largest;
    }
}
