package io.llamastreams.tensor.quant;

import java.lang.foreign.MemorySegment;

/**
 * Scalar decoding and encoding of rows of every {@link TensorType}, byte for byte as ggml does it. Any thread.
 */
public final class BlockFormats {
    private BlockFormats() {}

    /**
     * Decodes {@code count} numbers, whole blocks, into {@code out}.
     *
     * @param offset of the first block in {@code data}, in bytes
     * @throws IllegalArgumentException if {@code count} is not a multiple of the block
     * @throws IndexOutOfBoundsException if either side is too short
     */
    public static void decode(TensorType type, MemorySegment data, long offset, float[] out, int outOffset, int count) {
        type.format().decode(data, offset, 1, 0, blocks(type, count), out, outOffset);
    }

    /**
     * Encodes {@code count} numbers, whole blocks, from {@code in}. What NaN or infinity become in a quantised block is
     * not defined.
     *
     * @param offset of the first block in {@code data}, in bytes
     * @throws IllegalArgumentException if {@code count} is not a multiple of the block
     * @throws IndexOutOfBoundsException if either side is too short
     */
    public static void encode(TensorType type, float[] in, int inOffset, int count, MemorySegment data, long offset) {
        type.format().encode(in, inOffset, blocks(type, count), data, offset);
    }

    private static int blocks(TensorType type, int count) {
        return Math.toIntExact(type.bytes(count) / type.blockBytes());
    }

    /** A bfloat16 is the upper half of a float: every one is exact. */
    public static float bf16ToFloat(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /** Rounds to nearest even; a NaN stays one and becomes quiet. */
    public static short floatToBf16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) ((bits >> 16) | 0x40);
        }
        return (short) ((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
    }
}
