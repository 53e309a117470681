package io.llamastreams.tensor.quant;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Scalar decoding and encoding of every {@link TensorType}, byte for byte as ggml does it. Any thread.
 *
 * <p>All numbers are little-endian and need no alignment. Scales are f16, rounded to nearest even. Source: ggml's
 * {@code quantize_row_*_ref} and {@code dequantize_row_*}.
 */
public final class BlockFormats {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private static final int BLOCK = 32;
    private static final int HALF_BLOCK = BLOCK / 2;
    private static final int SCALE_BYTES = 2;

    private BlockFormats() {}

    /**
     * Decodes {@code count} numbers, whole blocks, into {@code out}.
     *
     * @param offset of the first block in {@code data}, in bytes
     * @throws IllegalArgumentException if {@code count} is not a multiple of the block
     * @throws IndexOutOfBoundsException if either side is too short
     */
    public static void decode(TensorType type, MemorySegment data, long offset, float[] out, int outOffset, int count) {
        type.bytes(count);
        switch (type) {
            case F32 -> {
                for (int i = 0; i < count; i++) {
                    out[outOffset + i] = Float.intBitsToFloat(data.get(INT, offset + 4L * i));
                }
            }
            case F16 -> {
                for (int i = 0; i < count; i++) {
                    out[outOffset + i] = Float.float16ToFloat(data.get(SHORT, offset + 2L * i));
                }
            }
            case BF16 -> {
                for (int i = 0; i < count; i++) {
                    out[outOffset + i] = bf16ToFloat(data.get(SHORT, offset + 2L * i));
                }
            }
            case Q4_0 -> {
                for (int i = 0; i < count; i += BLOCK) {
                    decodeQ4Block(data, offset + (long) i / BLOCK * type.blockBytes(), out, outOffset + i);
                }
            }
            case Q8_0 -> {
                for (int i = 0; i < count; i += BLOCK) {
                    decodeQ8Block(data, offset + (long) i / BLOCK * type.blockBytes(), out, outOffset + i);
                }
            }
        }
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
        type.bytes(count);
        switch (type) {
            case F32 -> {
                for (int i = 0; i < count; i++) {
                    data.set(INT, offset + 4L * i, Float.floatToRawIntBits(in[inOffset + i]));
                }
            }
            case F16 -> {
                for (int i = 0; i < count; i++) {
                    data.set(SHORT, offset + 2L * i, Float.floatToFloat16(in[inOffset + i]));
                }
            }
            case BF16 -> {
                for (int i = 0; i < count; i++) {
                    data.set(SHORT, offset + 2L * i, floatToBf16(in[inOffset + i]));
                }
            }
            case Q4_0 -> {
                for (int i = 0; i < count; i += BLOCK) {
                    encodeQ4Block(in, inOffset + i, data, offset + (long) i / BLOCK * type.blockBytes());
                }
            }
            case Q8_0 -> {
                for (int i = 0; i < count; i += BLOCK) {
                    encodeQ8Block(in, inOffset + i, data, offset + (long) i / BLOCK * type.blockBytes());
                }
            }
        }
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

    private static void decodeQ8Block(MemorySegment data, long at, float[] out, int outOffset) {
        float scale = Float.float16ToFloat(data.get(SHORT, at));
        for (int i = 0; i < BLOCK; i++) {
            out[outOffset + i] = data.get(BYTE, at + SCALE_BYTES + i) * scale;
        }
    }

    private static void decodeQ4Block(MemorySegment data, long at, float[] out, int outOffset) {
        float scale = Float.float16ToFloat(data.get(SHORT, at));
        for (int i = 0; i < HALF_BLOCK; i++) {
            int pair = data.get(BYTE, at + SCALE_BYTES + i);
            out[outOffset + i] = ((pair & 15) - 8) * scale;
            out[outOffset + i + HALF_BLOCK] = ((pair >> 4 & 15) - 8) * scale;
        }
    }

    /** The largest absolute value becomes 127. */
    private static void encodeQ8Block(float[] in, int inOffset, MemorySegment data, long at) {
        float largest = 0;
        for (int i = 0; i < BLOCK; i++) {
            largest = Math.max(largest, Math.abs(in[inOffset + i]));
        }
        float scale = largest / 127;
        float inverse = scale == 0 ? 0 : 1 / scale;
        data.set(SHORT, at, Float.floatToFloat16(scale));
        for (int i = 0; i < BLOCK; i++) {
            data.set(BYTE, at + SCALE_BYTES + i, (byte) roundAwayFromZero(in[inOffset + i] * inverse));
        }
    }

    /** The first value of largest size, with its sign, becomes nibble 0, that is -8 times the scale. */
    private static void encodeQ4Block(float[] in, int inOffset, MemorySegment data, long at) {
        float largest = 0;
        for (int i = 0; i < BLOCK; i++) {
            if (Math.abs(in[inOffset + i]) > Math.abs(largest)) {
                largest = in[inOffset + i];
            }
        }
        float scale = largest / -8;
        float inverse = scale == 0 ? 0 : 1 / scale;
        data.set(SHORT, at, Float.floatToFloat16(scale));
        for (int i = 0; i < HALF_BLOCK; i++) {
            int low = nibble(in[inOffset + i] * inverse);
            int high = nibble(in[inOffset + i + HALF_BLOCK] * inverse);
            data.set(BYTE, at + SCALE_BYTES + i, (byte) (low | high << 4));
        }
    }

    private static int nibble(float scaled) {
        return Math.min(15, (int) (scaled + 8.5f));
    }

    /** C's {@code roundf}: halves away from zero. The sum is exact in a double. */
    private static int roundAwayFromZero(float value) {
        int size = (int) (Math.abs((double) value) + 0.5);
        return value < 0 ? -size : size;
    }
}
