package io.llamastreams.tensor.quant;

import java.lang.foreign.MemorySegment;

/**
 * Formats of 32 whole numbers with a scale of f16 before them: a number is its whole number times the scale. Source: ggml's
 * {@code quantize_row_*_ref} and {@code dequantize_row_*}, byte for byte.
 */
public sealed interface BlockFormat extends NumberFormat permits ByteBlocks, NibbleBlocks {
    /** Numbers in a block. */
    int BLOCK = 32;

    /** Bytes of the scale. */
    int SCALE_BYTES = 2;

    /**
     * The whole number of one element.
     *
     * @param at where the block, of {@code rows} rows side by side, begins
     */
    int whole(MemorySegment data, long at, int rows, int row, int k);

    void encodeBlock(float[] in, int inOffset, MemorySegment data, long at);

    default float scale(MemorySegment data, long at, int row) {
        return Float.float16ToFloat(data.get(SHORT, at + (long) SCALE_BYTES * row));
    }

    @Override
    default int blockElements() {
        return BLOCK;
    }

    @Override
    default void decode(MemorySegment data, long at, int rows, int row, int blocks, float[] out, int outOffset) {
        long bytes = (long) blockBytes() * rows;
        for (int block = 0; block < blocks; block++) {
            float scale = scale(data, at + bytes * block, row);
            for (int k = 0; k < BLOCK; k++) {
                out[outOffset + block * BLOCK + k] = whole(data, at + bytes * block, rows, row, k) * scale;
            }
        }
    }

    @Override
    default void encode(float[] in, int inOffset, int blocks, MemorySegment data, long at) {
        for (int block = 0; block < blocks; block++) {
            encodeBlock(in, inOffset + block * BLOCK, data, at + (long) blockBytes() * block);
        }
    }
}
