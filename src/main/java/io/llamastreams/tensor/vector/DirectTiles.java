package io.llamastreams.tensor.vector;

import static io.llamastreams.tensor.vector.Lanes.B;
import static io.llamastreams.tensor.vector.Lanes.F;
import static io.llamastreams.tensor.vector.Lanes.HALF;
import static io.llamastreams.tensor.vector.Lanes.HALF_SCALE;
import static io.llamastreams.tensor.vector.Lanes.I;
import static io.llamastreams.tensor.vector.Lanes.L;
import static io.llamastreams.tensor.vector.Lanes.LE;
import static io.llamastreams.tensor.vector.Lanes.S;

import io.llamastreams.tensor.kernel.PackedInput;
import io.llamastreams.tensor.kernel.PanelMatrix;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Register tiles that take quantised weights straight from a panel's memory, for inputs of few tiles: to write weights out as
 * {@link VectorTiles} wants them would cost as much as the products with one tile. The same sums as there.
 * {@link DirectShortTiles} are those in lanes of 16 bits.
 *
 * <p>Scales of f16 become floats as {@link Lanes#halfToFloat} makes them, written out: called here it would put vectors on the
 * heap.
 *
 * <p>Unrolled by hand; the methods are too large to be inlined into their callers, and must stay so: see {@link ShortTiles}.
 */
final class DirectTiles {
    private static final int ROWS = PanelMatrix.PANEL_ROWS;
    private static final int BLOCK = PanelMatrix.BLOCK;

    /** Bytes of the scales of a block's 32 rows. */
    private static final int SCALE_BYTES = 2 * ROWS;

    private static final int Q8_BLOCK_BYTES = SCALE_BYTES + BLOCK * ROWS;

    private DirectTiles() {}

    /**
     * Q8_0, 4 input rows, two vectors of weight rows.
     *
     * @param at where the panel begins
     * @param v first weight row of the panel
     * @param xAt where the values of the input rows begin
     * @param xScaleAt where their scales begin
     * @param sums to which is added, [input row][32]; {@code to} is weight row v of the first input row
     */
    @SuppressWarnings("NarrowCalculation") // within a block
    static void bytes4(
            MemorySegment data,
            long at,
            int v,
            int blocks,
            PackedInput input,
            int xAt,
            int xScaleAt,
            float[] sums,
            int to) {
        float[] x = input.values();
        float[] xScales = input.scales();
        for (int block = 0; block < blocks; block++) {
            FloatVector zero = FloatVector.zero(F);
            FloatVector a0 = zero;
            FloatVector b0 = zero;
            FloatVector a1 = zero;
            FloatVector b1 = zero;
            FloatVector a2 = zero;
            FloatVector b2 = zero;
            FloatVector a3 = zero;
            FloatVector b3 = zero;
            long byteAt = at + (long) Q8_BLOCK_BYTES * block + SCALE_BYTES + v;
            int valueAt = xAt + block * BLOCK * 4;
            for (int k = 0; k < BLOCK; k++) {
                long row = byteAt + ROWS * k;
                FloatVector aw = (FloatVector)
                        ByteVector.fromMemorySegment(B, data, row, LE).convertShape(VectorOperators.B2F, F, 0);
                FloatVector bw = (FloatVector)
                        ByteVector.fromMemorySegment(B, data, row + L, LE).convertShape(VectorOperators.B2F, F, 0);
                FloatVector x0 = FloatVector.broadcast(F, x[valueAt + k * 4 + 0]);
                a0 = aw.fma(x0, a0);
                b0 = bw.fma(x0, b0);
                FloatVector x1 = FloatVector.broadcast(F, x[valueAt + k * 4 + 1]);
                a1 = aw.fma(x1, a1);
                b1 = bw.fma(x1, b1);
                FloatVector x2 = FloatVector.broadcast(F, x[valueAt + k * 4 + 2]);
                a2 = aw.fma(x2, a2);
                b2 = bw.fma(x2, b2);
                FloatVector x3 = FloatVector.broadcast(F, x[valueAt + k * 4 + 3]);
                a3 = aw.fma(x3, a3);
                b3 = bw.fma(x3, b3);
            }
            long scaleAt = at + (long) Q8_BLOCK_BYTES * block + 2L * v;
            FloatVector as = ((IntVector)
                            ShortVector.fromMemorySegment(S, data, scaleAt, LE).convertShape(VectorOperators.S2I, I, 0))
                    .lanewise(VectorOperators.LSHL, 13)
                    .and(HALF)
                    .reinterpretAsFloats()
                    .mul(HALF_SCALE);
            FloatVector bs = ((IntVector) ShortVector.fromMemorySegment(S, data, scaleAt + 2L * L, LE)
                            .convertShape(VectorOperators.S2I, I, 0))
                    .lanewise(VectorOperators.LSHL, 13)
                    .and(HALF)
                    .reinterpretAsFloats()
                    .mul(HALF_SCALE);
            int s = xScaleAt + block * 4;
            a0.fma(as.mul(xScales[s + 0]), FloatVector.fromArray(F, sums, to + 0 * ROWS))
                    .intoArray(sums, to + 0 * ROWS);
            b0.fma(bs.mul(xScales[s + 0]), FloatVector.fromArray(F, sums, to + 0 * ROWS + L))
                    .intoArray(sums, to + 0 * ROWS + L);
            a1.fma(as.mul(xScales[s + 1]), FloatVector.fromArray(F, sums, to + 1 * ROWS))
                    .intoArray(sums, to + 1 * ROWS);
            b1.fma(bs.mul(xScales[s + 1]), FloatVector.fromArray(F, sums, to + 1 * ROWS + L))
                    .intoArray(sums, to + 1 * ROWS + L);
            a2.fma(as.mul(xScales[s + 2]), FloatVector.fromArray(F, sums, to + 2 * ROWS))
                    .intoArray(sums, to + 2 * ROWS);
            b2.fma(bs.mul(xScales[s + 2]), FloatVector.fromArray(F, sums, to + 2 * ROWS + L))
                    .intoArray(sums, to + 2 * ROWS + L);
            a3.fma(as.mul(xScales[s + 3]), FloatVector.fromArray(F, sums, to + 3 * ROWS))
                    .intoArray(sums, to + 3 * ROWS);
            b3.fma(bs.mul(xScales[s + 3]), FloatVector.fromArray(F, sums, to + 3 * ROWS + L))
                    .intoArray(sums, to + 3 * ROWS + L);
        }
    }

    /**
     * Q8_0, 8 input rows, two vectors of weight rows.
     *
     * @param at where the panel begins
     * @param v first weight row of the panel
     * @param xAt where the values of the input rows begin
     * @param xScaleAt where their scales begin
     * @param sums to which is added, [input row][32]; {@code to} is weight row v of the first input row
     */
    @SuppressWarnings("NarrowCalculation") // within a block
    static void bytes8(
            MemorySegment data,
            long at,
            int v,
            int blocks,
            PackedInput input,
            int xAt,
            int xScaleAt,
            float[] sums,
            int to) {
        float[] x = input.values();
        float[] xScales = input.scales();
        for (int block = 0; block < blocks; block++) {
            FloatVector zero = FloatVector.zero(F);
            FloatVector a0 = zero;
            FloatVector b0 = zero;
            FloatVector a1 = zero;
            FloatVector b1 = zero;
            FloatVector a2 = zero;
            FloatVector b2 = zero;
            FloatVector a3 = zero;
            FloatVector b3 = zero;
            FloatVector a4 = zero;
            FloatVector b4 = zero;
            FloatVector a5 = zero;
            FloatVector b5 = zero;
            FloatVector a6 = zero;
            FloatVector b6 = zero;
            FloatVector a7 = zero;
            FloatVector b7 = zero;
            long byteAt = at + (long) Q8_BLOCK_BYTES * block + SCALE_BYTES + v;
            int valueAt = xAt + block * BLOCK * 8;
            for (int k = 0; k < BLOCK; k++) {
                long row = byteAt + ROWS * k;
                FloatVector aw = (FloatVector)
                        ByteVector.fromMemorySegment(B, data, row, LE).convertShape(VectorOperators.B2F, F, 0);
                FloatVector bw = (FloatVector)
                        ByteVector.fromMemorySegment(B, data, row + L, LE).convertShape(VectorOperators.B2F, F, 0);
                FloatVector x0 = FloatVector.broadcast(F, x[valueAt + k * 8 + 0]);
                a0 = aw.fma(x0, a0);
                b0 = bw.fma(x0, b0);
                FloatVector x1 = FloatVector.broadcast(F, x[valueAt + k * 8 + 1]);
                a1 = aw.fma(x1, a1);
                b1 = bw.fma(x1, b1);
                FloatVector x2 = FloatVector.broadcast(F, x[valueAt + k * 8 + 2]);
                a2 = aw.fma(x2, a2);
                b2 = bw.fma(x2, b2);
                FloatVector x3 = FloatVector.broadcast(F, x[valueAt + k * 8 + 3]);
                a3 = aw.fma(x3, a3);
                b3 = bw.fma(x3, b3);
                FloatVector x4 = FloatVector.broadcast(F, x[valueAt + k * 8 + 4]);
                a4 = aw.fma(x4, a4);
                b4 = bw.fma(x4, b4);
                FloatVector x5 = FloatVector.broadcast(F, x[valueAt + k * 8 + 5]);
                a5 = aw.fma(x5, a5);
                b5 = bw.fma(x5, b5);
                FloatVector x6 = FloatVector.broadcast(F, x[valueAt + k * 8 + 6]);
                a6 = aw.fma(x6, a6);
                b6 = bw.fma(x6, b6);
                FloatVector x7 = FloatVector.broadcast(F, x[valueAt + k * 8 + 7]);
                a7 = aw.fma(x7, a7);
                b7 = bw.fma(x7, b7);
            }
            long scaleAt = at + (long) Q8_BLOCK_BYTES * block + 2L * v;
            FloatVector as = ((IntVector)
                            ShortVector.fromMemorySegment(S, data, scaleAt, LE).convertShape(VectorOperators.S2I, I, 0))
                    .lanewise(VectorOperators.LSHL, 13)
                    .and(HALF)
                    .reinterpretAsFloats()
                    .mul(HALF_SCALE);
            FloatVector bs = ((IntVector) ShortVector.fromMemorySegment(S, data, scaleAt + 2L * L, LE)
                            .convertShape(VectorOperators.S2I, I, 0))
                    .lanewise(VectorOperators.LSHL, 13)
                    .and(HALF)
                    .reinterpretAsFloats()
                    .mul(HALF_SCALE);
            int s = xScaleAt + block * 8;
            a0.fma(as.mul(xScales[s + 0]), FloatVector.fromArray(F, sums, to + 0 * ROWS))
                    .intoArray(sums, to + 0 * ROWS);
            b0.fma(bs.mul(xScales[s + 0]), FloatVector.fromArray(F, sums, to + 0 * ROWS + L))
                    .intoArray(sums, to + 0 * ROWS + L);
            a1.fma(as.mul(xScales[s + 1]), FloatVector.fromArray(F, sums, to + 1 * ROWS))
                    .intoArray(sums, to + 1 * ROWS);
            b1.fma(bs.mul(xScales[s + 1]), FloatVector.fromArray(F, sums, to + 1 * ROWS + L))
                    .intoArray(sums, to + 1 * ROWS + L);
            a2.fma(as.mul(xScales[s + 2]), FloatVector.fromArray(F, sums, to + 2 * ROWS))
                    .intoArray(sums, to + 2 * ROWS);
            b2.fma(bs.mul(xScales[s + 2]), FloatVector.fromArray(F, sums, to + 2 * ROWS + L))
                    .intoArray(sums, to + 2 * ROWS + L);
            a3.fma(as.mul(xScales[s + 3]), FloatVector.fromArray(F, sums, to + 3 * ROWS))
                    .intoArray(sums, to + 3 * ROWS);
            b3.fma(bs.mul(xScales[s + 3]), FloatVector.fromArray(F, sums, to + 3 * ROWS + L))
                    .intoArray(sums, to + 3 * ROWS + L);
            a4.fma(as.mul(xScales[s + 4]), FloatVector.fromArray(F, sums, to + 4 * ROWS))
                    .intoArray(sums, to + 4 * ROWS);
            b4.fma(bs.mul(xScales[s + 4]), FloatVector.fromArray(F, sums, to + 4 * ROWS + L))
                    .intoArray(sums, to + 4 * ROWS + L);
            a5.fma(as.mul(xScales[s + 5]), FloatVector.fromArray(F, sums, to + 5 * ROWS))
                    .intoArray(sums, to + 5 * ROWS);
            b5.fma(bs.mul(xScales[s + 5]), FloatVector.fromArray(F, sums, to + 5 * ROWS + L))
                    .intoArray(sums, to + 5 * ROWS + L);
            a6.fma(as.mul(xScales[s + 6]), FloatVector.fromArray(F, sums, to + 6 * ROWS))
                    .intoArray(sums, to + 6 * ROWS);
            b6.fma(bs.mul(xScales[s + 6]), FloatVector.fromArray(F, sums, to + 6 * ROWS + L))
                    .intoArray(sums, to + 6 * ROWS + L);
            a7.fma(as.mul(xScales[s + 7]), FloatVector.fromArray(F, sums, to + 7 * ROWS))
                    .intoArray(sums, to + 7 * ROWS);
            b7.fma(bs.mul(xScales[s + 7]), FloatVector.fromArray(F, sums, to + 7 * ROWS + L))
                    .intoArray(sums, to + 7 * ROWS + L);
        }
    }
}
