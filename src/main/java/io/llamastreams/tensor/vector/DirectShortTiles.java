package io.llamastreams.tensor.vector;

import static io.llamastreams.tensor.vector.Lanes.F;
import static io.llamastreams.tensor.vector.Lanes.HALF;
import static io.llamastreams.tensor.vector.Lanes.HALF_SCALE;
import static io.llamastreams.tensor.vector.Lanes.I;
import static io.llamastreams.tensor.vector.Lanes.L;
import static io.llamastreams.tensor.vector.Lanes.LE;
import static io.llamastreams.tensor.vector.Lanes.W;
import static io.llamastreams.tensor.vector.Lanes.WB;

import io.llamastreams.tensor.kernel.MultiplyScratch;
import io.llamastreams.tensor.kernel.PackedInput;
import io.llamastreams.tensor.kernel.PanelMatrix;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * {@link DirectTiles} in lanes of 16 bits, with the sums of {@link ShortTiles}. Unrolled by hand, conversions written out, and
 * too large to be inlined, for the same reasons.
 */
final class DirectShortTiles {
    private static final int ROWS = PanelMatrix.PANEL_ROWS;
    private static final int BLOCK = PanelMatrix.BLOCK;

    /** Of an input row's sums of blocks. */
    private static final int STRIDE = MultiplyScratch.CHUNK / BLOCK * ROWS;

    /** Bytes of the scales of a block's 32 rows. */
    private static final int SCALE_BYTES = 2 * ROWS;

    private static final int Q4_BLOCK_BYTES = SCALE_BYTES + BLOCK / 2 * ROWS;

    private DirectShortTiles() {}

    /**
     * Q4_0, 4 input rows, one vector of weight rows.
     *
     * @param at where the panel begins
     * @param v first weight row of the panel
     * @param xAt where the values of the input rows begin
     * @param xScaleAt where their scales begin
     * @param sums to which is added, [input row][32]; {@code to} is weight row v of the first input row
     */
    @SuppressWarnings("NarrowCalculation") // within a block
    static void nibbles4(
            MemorySegment data,
            long at,
            int v,
            int blocks,
            PackedInput input,
            int xAt,
            int xScaleAt,
            float[] sums,
            int to) {
        int[] x = input.pairs();
        float[] xScales = input.scales();
        for (int block = 0; block < blocks; block++) {
            ShortVector zero = ShortVector.zero(W);
            ShortVector a0 = zero;
            ShortVector a1 = zero;
            ShortVector a2 = zero;
            ShortVector a3 = zero;
            long byteAt = at + (long) Q4_BLOCK_BYTES * block + SCALE_BYTES + v;
            int pairAt = xAt + block * 4 * BLOCK;
            for (int j = 0; j < BLOCK / 2; j++) {
                ShortVector both = (ShortVector) ByteVector.fromMemorySegment(WB, data, byteAt + ROWS * j, LE)
                        .convertShape(VectorOperators.ZERO_EXTEND_B2S, W, 0);
                ShortVector lower = both.and((short) 15).sub((short) 8);
                ShortVector upper = both.lanewise(VectorOperators.LSHR, 4).sub((short) 8);
                ShortVector x0 =
                        IntVector.broadcast(I, x[pairAt + j + 0 * BLOCK]).reinterpretAsShorts();
                a0 = a0.add(lower.mul(x0));
                ShortVector y0 = IntVector.broadcast(I, x[pairAt + j + 0 * BLOCK + BLOCK / 2])
                        .reinterpretAsShorts();
                a0 = a0.add(upper.mul(y0));
                ShortVector x1 =
                        IntVector.broadcast(I, x[pairAt + j + 1 * BLOCK]).reinterpretAsShorts();
                a1 = a1.add(lower.mul(x1));
                ShortVector y1 = IntVector.broadcast(I, x[pairAt + j + 1 * BLOCK + BLOCK / 2])
                        .reinterpretAsShorts();
                a1 = a1.add(upper.mul(y1));
                ShortVector x2 =
                        IntVector.broadcast(I, x[pairAt + j + 2 * BLOCK]).reinterpretAsShorts();
                a2 = a2.add(lower.mul(x2));
                ShortVector y2 = IntVector.broadcast(I, x[pairAt + j + 2 * BLOCK + BLOCK / 2])
                        .reinterpretAsShorts();
                a2 = a2.add(upper.mul(y2));
                ShortVector x3 =
                        IntVector.broadcast(I, x[pairAt + j + 3 * BLOCK]).reinterpretAsShorts();
                a3 = a3.add(lower.mul(x3));
                ShortVector y3 = IntVector.broadcast(I, x[pairAt + j + 3 * BLOCK + BLOCK / 2])
                        .reinterpretAsShorts();
                a3 = a3.add(upper.mul(y3));
            }
            long scaleAt = at + (long) Q4_BLOCK_BYTES * block + 2L * v;
            IntVector halves =
                    ShortVector.fromMemorySegment(W, data, scaleAt, LE).reinterpretAsInts();
            FloatVector ae = halves.lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, 3)
                    .and(HALF)
                    .reinterpretAsFloats()
                    .mul(HALF_SCALE);
            FloatVector ao = halves.lanewise(VectorOperators.ASHR, 3)
                    .and(HALF)
                    .reinterpretAsFloats()
                    .mul(HALF_SCALE);
            int s = xScaleAt + block * 4;
            IntVector ia0 = a0.reinterpretAsInts();
            ((FloatVector) ia0.lanewise(VectorOperators.LSHL, 16)
                            .lanewise(VectorOperators.ASHR, 16)
                            .convertShape(VectorOperators.I2F, F, 0))
                    .fma(ae.mul(xScales[s + 0]), FloatVector.fromArray(F, sums, to + 0 * ROWS))
                    .intoArray(sums, to + 0 * ROWS);
            ((FloatVector) ia0.lanewise(VectorOperators.ASHR, 16).convertShape(VectorOperators.I2F, F, 0))
                    .fma(ao.mul(xScales[s + 0]), FloatVector.fromArray(F, sums, to + 0 * ROWS + L))
                    .intoArray(sums, to + 0 * ROWS + L);
            IntVector ia1 = a1.reinterpretAsInts();
            ((FloatVector) ia1.lanewise(VectorOperators.LSHL, 16)
                            .lanewise(VectorOperators.ASHR, 16)
                            .convertShape(VectorOperators.I2F, F, 0))
                    .fma(ae.mul(xScales[s + 1]), FloatVector.fromArray(F, sums, to + 1 * ROWS))
                    .intoArray(sums, to + 1 * ROWS);
            ((FloatVector) ia1.lanewise(VectorOperators.ASHR, 16).convertShape(VectorOperators.I2F, F, 0))
                    .fma(ao.mul(xScales[s + 1]), FloatVector.fromArray(F, sums, to + 1 * ROWS + L))
                    .intoArray(sums, to + 1 * ROWS + L);
            IntVector ia2 = a2.reinterpretAsInts();
            ((FloatVector) ia2.lanewise(VectorOperators.LSHL, 16)
                            .lanewise(VectorOperators.ASHR, 16)
                            .convertShape(VectorOperators.I2F, F, 0))
                    .fma(ae.mul(xScales[s + 2]), FloatVector.fromArray(F, sums, to + 2 * ROWS))
                    .intoArray(sums, to + 2 * ROWS);
            ((FloatVector) ia2.lanewise(VectorOperators.ASHR, 16).convertShape(VectorOperators.I2F, F, 0))
                    .fma(ao.mul(xScales[s + 2]), FloatVector.fromArray(F, sums, to + 2 * ROWS + L))
                    .intoArray(sums, to + 2 * ROWS + L);
            IntVector ia3 = a3.reinterpretAsInts();
            ((FloatVector) ia3.lanewise(VectorOperators.LSHL, 16)
                            .lanewise(VectorOperators.ASHR, 16)
                            .convertShape(VectorOperators.I2F, F, 0))
                    .fma(ae.mul(xScales[s + 3]), FloatVector.fromArray(F, sums, to + 3 * ROWS))
                    .intoArray(sums, to + 3 * ROWS);
            ((FloatVector) ia3.lanewise(VectorOperators.ASHR, 16).convertShape(VectorOperators.I2F, F, 0))
                    .fma(ao.mul(xScales[s + 3]), FloatVector.fromArray(F, sums, to + 3 * ROWS + L))
                    .intoArray(sums, to + 3 * ROWS + L);
        }
    }

    /**
     * Q4_0, 8 input rows, one vector of weight rows. Leaves sums of blocks, [input row][CHUNK / 32][32] of {@code out}: with
     * their scaling in here this would grow to the compiler's limits, beyond which vectors are objects and all is 20 times
     * slower, now and then.
     *
     * @param at where the blocks begin
     * @param v first weight row of the panel
     * @param xAt where the values of the input rows begin
     */
    @SuppressWarnings("NarrowCalculation") // within a block
    static void sums8(MemorySegment data, long at, int v, int blocks, int[] x, int xAt, short[] out) {
        for (int block = 0; block < blocks; block++) {
            ShortVector zero = ShortVector.zero(W);
            ShortVector a0 = zero;
            ShortVector a1 = zero;
            ShortVector a2 = zero;
            ShortVector a3 = zero;
            ShortVector a4 = zero;
            ShortVector a5 = zero;
            ShortVector a6 = zero;
            ShortVector a7 = zero;
            long byteAt = at + (long) Q4_BLOCK_BYTES * block + SCALE_BYTES + v;
            int pairAt = xAt + block * 8 * BLOCK;
            for (int j = 0; j < BLOCK / 2; j++) {
                ShortVector both = (ShortVector) ByteVector.fromMemorySegment(WB, data, byteAt + ROWS * j, LE)
                        .convertShape(VectorOperators.ZERO_EXTEND_B2S, W, 0);
                ShortVector lower = both.and((short) 15).sub((short) 8);
                ShortVector upper = both.lanewise(VectorOperators.LSHR, 4).sub((short) 8);
                ShortVector x0 =
                        IntVector.broadcast(I, x[pairAt + j + 0 * BLOCK]).reinterpretAsShorts();
                a0 = a0.add(lower.mul(x0));
                ShortVector y0 = IntVector.broadcast(I, x[pairAt + j + 0 * BLOCK + BLOCK / 2])
                        .reinterpretAsShorts();
                a0 = a0.add(upper.mul(y0));
                ShortVector x1 =
                        IntVector.broadcast(I, x[pairAt + j + 1 * BLOCK]).reinterpretAsShorts();
                a1 = a1.add(lower.mul(x1));
                ShortVector y1 = IntVector.broadcast(I, x[pairAt + j + 1 * BLOCK + BLOCK / 2])
                        .reinterpretAsShorts();
                a1 = a1.add(upper.mul(y1));
                ShortVector x2 =
                        IntVector.broadcast(I, x[pairAt + j + 2 * BLOCK]).reinterpretAsShorts();
                a2 = a2.add(lower.mul(x2));
                ShortVector y2 = IntVector.broadcast(I, x[pairAt + j + 2 * BLOCK + BLOCK / 2])
                        .reinterpretAsShorts();
                a2 = a2.add(upper.mul(y2));
                ShortVector x3 =
                        IntVector.broadcast(I, x[pairAt + j + 3 * BLOCK]).reinterpretAsShorts();
                a3 = a3.add(lower.mul(x3));
                ShortVector y3 = IntVector.broadcast(I, x[pairAt + j + 3 * BLOCK + BLOCK / 2])
                        .reinterpretAsShorts();
                a3 = a3.add(upper.mul(y3));
                ShortVector x4 =
                        IntVector.broadcast(I, x[pairAt + j + 4 * BLOCK]).reinterpretAsShorts();
                a4 = a4.add(lower.mul(x4));
                ShortVector y4 = IntVector.broadcast(I, x[pairAt + j + 4 * BLOCK + BLOCK / 2])
                        .reinterpretAsShorts();
                a4 = a4.add(upper.mul(y4));
                ShortVector x5 =
                        IntVector.broadcast(I, x[pairAt + j + 5 * BLOCK]).reinterpretAsShorts();
                a5 = a5.add(lower.mul(x5));
                ShortVector y5 = IntVector.broadcast(I, x[pairAt + j + 5 * BLOCK + BLOCK / 2])
                        .reinterpretAsShorts();
                a5 = a5.add(upper.mul(y5));
                ShortVector x6 =
                        IntVector.broadcast(I, x[pairAt + j + 6 * BLOCK]).reinterpretAsShorts();
                a6 = a6.add(lower.mul(x6));
                ShortVector y6 = IntVector.broadcast(I, x[pairAt + j + 6 * BLOCK + BLOCK / 2])
                        .reinterpretAsShorts();
                a6 = a6.add(upper.mul(y6));
                ShortVector x7 =
                        IntVector.broadcast(I, x[pairAt + j + 7 * BLOCK]).reinterpretAsShorts();
                a7 = a7.add(lower.mul(x7));
                ShortVector y7 = IntVector.broadcast(I, x[pairAt + j + 7 * BLOCK + BLOCK / 2])
                        .reinterpretAsShorts();
                a7 = a7.add(upper.mul(y7));
            }
            int to = block * ROWS + v;
            a0.intoArray(out, to + 0 * STRIDE);
            a1.intoArray(out, to + 1 * STRIDE);
            a2.intoArray(out, to + 2 * STRIDE);
            a3.intoArray(out, to + 3 * STRIDE);
            a4.intoArray(out, to + 4 * STRIDE);
            a5.intoArray(out, to + 5 * STRIDE);
            a6.intoArray(out, to + 6 * STRIDE);
            a7.intoArray(out, to + 7 * STRIDE);
        }
    }
}
