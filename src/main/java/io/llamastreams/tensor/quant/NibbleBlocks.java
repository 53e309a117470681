package io.llamastreams.tensor.quant;

import java.lang.foreign.MemorySegment;
import java.util.List;

/** Q4_0: scale, then 16 bytes, whose low nibbles are elements 0-15 and whose high ones are elements 16-31; 8 stands for zero. */
final class NibbleBlocks implements BlockFormat {
    private static final int HALF_BLOCK = BLOCK / 2;
    private static final List<Field> FIELDS = List.of(new Field(Element.F16, 1), new Field(Element.BYTE, HALF_BLOCK));

    @Override
    public List<Field> fields() {
        return FIELDS;
    }

    @Override
    public float limit() {
        return 8 * F16_LIMIT;
    }

    @Override
    public int whole(MemorySegment data, long at, int rows, int row, int k) {
        int pair = data.get(BYTE, at + (long) SCALE_BYTES * rows + (long) (k % HALF_BLOCK) * rows + row);
        return (k < HALF_BLOCK ? pair & 15 : pair >> 4 & 15) - 8;
    }

    /** The first value of largest size, with its sign, becomes nibble 0, that is -8 times the scale. */
    @Override
    public void encodeBlock(float[] in, int inOffset, MemorySegment data, long at) {
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
}
