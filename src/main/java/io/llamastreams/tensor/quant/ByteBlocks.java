package io.llamastreams.tensor.quant;

import java.lang.foreign.MemorySegment;
import java.util.List;

/** Q8_0: scale, then 32 signed bytes. */
final class ByteBlocks implements BlockFormat {
    private static final int LARGEST = 127;
    private static final List<Field> FIELDS = List.of(new Field(Element.F16, 1), new Field(Element.BYTE, BLOCK));

    @Override
    public List<Field> fields() {
        return FIELDS;
    }

    @Override
    public float limit() {
        return LARGEST * F16_LIMIT;
    }

    @Override
    public int whole(MemorySegment data, long at, int rows, int row, int k) {
        return data.get(BYTE, at + (long) SCALE_BYTES * rows + (long) k * rows + row);
    }

    /** The largest absolute value becomes 127. */
    @Override
    public void encodeBlock(float[] in, int inOffset, MemorySegment data, long at) {
        float largest = 0;
        for (int i = 0; i < BLOCK; i++) {
            largest = Math.max(largest, Math.abs(in[inOffset + i]));
        }
        float scale = largest / LARGEST;
        float inverse = scale == 0 ? 0 : 1 / scale;
        data.set(SHORT, at, Float.floatToFloat16(scale));
        for (int i = 0; i < BLOCK; i++) {
            data.set(BYTE, at + SCALE_BYTES + i, (byte) roundAwayFromZero(in[inOffset + i] * inverse));
        }
    }

    /** C's {@code roundf}: halves away from zero. The sum is exact in a double. */
    private static int roundAwayFromZero(float value) {
        int size = (int) (Math.abs((double) value) + 0.5);
        return value < 0 ? -size : size;
    }
}
