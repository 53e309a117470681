package io.llamastreams.tensor.vector;

import static io.llamastreams.tensor.vector.Lanes.F;
import static io.llamastreams.tensor.vector.Lanes.L;
import static io.llamastreams.tensor.vector.Lanes.LE;

import io.llamastreams.tensor.kernel.MultiplyScratch;
import io.llamastreams.tensor.kernel.PackedInput;
import io.llamastreams.tensor.kernel.PanelMatrix;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * Register tiles of a matrix product: two vectors of weight rows times 4 or 8 input rows, each pair with its own sum in a
 * register. Unrolled by hand, one loop a method, since sums in arrays or passed to helpers would live in memory.
 */
final class VectorTiles {
    private static final int ROWS = PanelMatrix.PANEL_ROWS;
    private static final int BLOCK = PanelMatrix.BLOCK;

    private VectorTiles() {}
    /**
     * 8 input rows, plain weights.
     *
     * @param tile weights, [count][32] of floats
     * @param tileAt byte at which the first vector of weight rows begins; the second one is next to it
     * @param x input, [count][8] from {@code xAt}
     * @param sums [8][32]; {@code at} is the first weight row's of the first input row
     */
    static void plain8(MemorySegment tile, long tileAt, int count, float[] x, int xAt, float[] sums, int at) {
        FloatVector a0 = FloatVector.fromArray(F, sums, at + 0 * ROWS);
        FloatVector b0 = FloatVector.fromArray(F, sums, at + 0 * ROWS + L);
        FloatVector a1 = FloatVector.fromArray(F, sums, at + 1 * ROWS);
        FloatVector b1 = FloatVector.fromArray(F, sums, at + 1 * ROWS + L);
        FloatVector a2 = FloatVector.fromArray(F, sums, at + 2 * ROWS);
        FloatVector b2 = FloatVector.fromArray(F, sums, at + 2 * ROWS + L);
        FloatVector a3 = FloatVector.fromArray(F, sums, at + 3 * ROWS);
        FloatVector b3 = FloatVector.fromArray(F, sums, at + 3 * ROWS + L);
        FloatVector a4 = FloatVector.fromArray(F, sums, at + 4 * ROWS);
        FloatVector b4 = FloatVector.fromArray(F, sums, at + 4 * ROWS + L);
        FloatVector a5 = FloatVector.fromArray(F, sums, at + 5 * ROWS);
        FloatVector b5 = FloatVector.fromArray(F, sums, at + 5 * ROWS + L);
        FloatVector a6 = FloatVector.fromArray(F, sums, at + 6 * ROWS);
        FloatVector b6 = FloatVector.fromArray(F, sums, at + 6 * ROWS + L);
        FloatVector a7 = FloatVector.fromArray(F, sums, at + 7 * ROWS);
        FloatVector b7 = FloatVector.fromArray(F, sums, at + 7 * ROWS + L);
        for (int k = 0; k < count; k++) {
            long row = tileAt + 4L * ROWS * k;
            FloatVector w0 = FloatVector.fromMemorySegment(F, tile, row, LE);
            FloatVector w1 = FloatVector.fromMemorySegment(F, tile, row + 4L * L, LE);
            FloatVector x0 = FloatVector.broadcast(F, x[xAt + k * 8 + 0]);
            a0 = w0.fma(x0, a0);
            b0 = w1.fma(x0, b0);
            FloatVector x1 = FloatVector.broadcast(F, x[xAt + k * 8 + 1]);
            a1 = w0.fma(x1, a1);
            b1 = w1.fma(x1, b1);
            FloatVector x2 = FloatVector.broadcast(F, x[xAt + k * 8 + 2]);
            a2 = w0.fma(x2, a2);
            b2 = w1.fma(x2, b2);
            FloatVector x3 = FloatVector.broadcast(F, x[xAt + k * 8 + 3]);
            a3 = w0.fma(x3, a3);
            b3 = w1.fma(x3, b3);
            FloatVector x4 = FloatVector.broadcast(F, x[xAt + k * 8 + 4]);
            a4 = w0.fma(x4, a4);
            b4 = w1.fma(x4, b4);
            FloatVector x5 = FloatVector.broadcast(F, x[xAt + k * 8 + 5]);
            a5 = w0.fma(x5, a5);
            b5 = w1.fma(x5, b5);
            FloatVector x6 = FloatVector.broadcast(F, x[xAt + k * 8 + 6]);
            a6 = w0.fma(x6, a6);
            b6 = w1.fma(x6, b6);
            FloatVector x7 = FloatVector.broadcast(F, x[xAt + k * 8 + 7]);
            a7 = w0.fma(x7, a7);
            b7 = w1.fma(x7, b7);
        }
        a0.intoArray(sums, at + 0 * ROWS);
        b0.intoArray(sums, at + 0 * ROWS + L);
        a1.intoArray(sums, at + 1 * ROWS);
        b1.intoArray(sums, at + 1 * ROWS + L);
        a2.intoArray(sums, at + 2 * ROWS);
        b2.intoArray(sums, at + 2 * ROWS + L);
        a3.intoArray(sums, at + 3 * ROWS);
        b3.intoArray(sums, at + 3 * ROWS + L);
        a4.intoArray(sums, at + 4 * ROWS);
        b4.intoArray(sums, at + 4 * ROWS + L);
        a5.intoArray(sums, at + 5 * ROWS);
        b5.intoArray(sums, at + 5 * ROWS + L);
        a6.intoArray(sums, at + 6 * ROWS);
        b6.intoArray(sums, at + 6 * ROWS + L);
        a7.intoArray(sums, at + 7 * ROWS);
        b7.intoArray(sums, at + 7 * ROWS + L);
    }

    /**
     * 4 input rows, plain weights.
     *
     * @param tile weights, [count][32] of floats
     * @param tileAt byte at which the first vector of weight rows begins; the second one is next to it
     * @param x input, [count][4] from {@code xAt}
     * @param sums [4][32]; {@code at} is the first weight row's of the first input row
     */
    static void plain4(MemorySegment tile, long tileAt, int count, float[] x, int xAt, float[] sums, int at) {
        FloatVector a0 = FloatVector.fromArray(F, sums, at + 0 * ROWS);
        FloatVector b0 = FloatVector.fromArray(F, sums, at + 0 * ROWS + L);
        FloatVector a1 = FloatVector.fromArray(F, sums, at + 1 * ROWS);
        FloatVector b1 = FloatVector.fromArray(F, sums, at + 1 * ROWS + L);
        FloatVector a2 = FloatVector.fromArray(F, sums, at + 2 * ROWS);
        FloatVector b2 = FloatVector.fromArray(F, sums, at + 2 * ROWS + L);
        FloatVector a3 = FloatVector.fromArray(F, sums, at + 3 * ROWS);
        FloatVector b3 = FloatVector.fromArray(F, sums, at + 3 * ROWS + L);
        for (int k = 0; k < count; k++) {
            long row = tileAt + 4L * ROWS * k;
            FloatVector w0 = FloatVector.fromMemorySegment(F, tile, row, LE);
            FloatVector w1 = FloatVector.fromMemorySegment(F, tile, row + 4L * L, LE);
            FloatVector x0 = FloatVector.broadcast(F, x[xAt + k * 4 + 0]);
            a0 = w0.fma(x0, a0);
            b0 = w1.fma(x0, b0);
            FloatVector x1 = FloatVector.broadcast(F, x[xAt + k * 4 + 1]);
            a1 = w0.fma(x1, a1);
            b1 = w1.fma(x1, b1);
            FloatVector x2 = FloatVector.broadcast(F, x[xAt + k * 4 + 2]);
            a2 = w0.fma(x2, a2);
            b2 = w1.fma(x2, b2);
            FloatVector x3 = FloatVector.broadcast(F, x[xAt + k * 4 + 3]);
            a3 = w0.fma(x3, a3);
            b3 = w1.fma(x3, b3);
        }
        a0.intoArray(sums, at + 0 * ROWS);
        b0.intoArray(sums, at + 0 * ROWS + L);
        a1.intoArray(sums, at + 1 * ROWS);
        b1.intoArray(sums, at + 1 * ROWS + L);
        a2.intoArray(sums, at + 2 * ROWS);
        b2.intoArray(sums, at + 2 * ROWS + L);
        a3.intoArray(sums, at + 3 * ROWS);
        b3.intoArray(sums, at + 3 * ROWS + L);
    }

    /** 8 input rows, quantised weights: as {@link #plain8}, but block sums first, which are scaled and added. */
    static void blocks8(MultiplyScratch scratch, int v, int blocks, PackedInput input, int xAt, int scaleAt, int at) {
        float[] tile = scratch.tile;
        float[] scales = scratch.scales;
        float[] sums = scratch.sums;
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
            int tileAt = block * BLOCK * ROWS + v;
            int valueAt = xAt + block * BLOCK * 8;
            for (int k = 0; k < BLOCK; k++) {
                FloatVector w0 = FloatVector.fromArray(F, tile, tileAt + k * ROWS);
                FloatVector w1 = FloatVector.fromArray(F, tile, tileAt + k * ROWS + L);
                FloatVector x0 = FloatVector.broadcast(F, x[valueAt + k * 8 + 0]);
                a0 = w0.fma(x0, a0);
                b0 = w1.fma(x0, b0);
                FloatVector x1 = FloatVector.broadcast(F, x[valueAt + k * 8 + 1]);
                a1 = w0.fma(x1, a1);
                b1 = w1.fma(x1, b1);
                FloatVector x2 = FloatVector.broadcast(F, x[valueAt + k * 8 + 2]);
                a2 = w0.fma(x2, a2);
                b2 = w1.fma(x2, b2);
                FloatVector x3 = FloatVector.broadcast(F, x[valueAt + k * 8 + 3]);
                a3 = w0.fma(x3, a3);
                b3 = w1.fma(x3, b3);
                FloatVector x4 = FloatVector.broadcast(F, x[valueAt + k * 8 + 4]);
                a4 = w0.fma(x4, a4);
                b4 = w1.fma(x4, b4);
                FloatVector x5 = FloatVector.broadcast(F, x[valueAt + k * 8 + 5]);
                a5 = w0.fma(x5, a5);
                b5 = w1.fma(x5, b5);
                FloatVector x6 = FloatVector.broadcast(F, x[valueAt + k * 8 + 6]);
                a6 = w0.fma(x6, a6);
                b6 = w1.fma(x6, b6);
                FloatVector x7 = FloatVector.broadcast(F, x[valueAt + k * 8 + 7]);
                a7 = w0.fma(x7, a7);
                b7 = w1.fma(x7, b7);
            }
            FloatVector s0 = FloatVector.fromArray(F, scales, block * ROWS + v);
            FloatVector s1 = FloatVector.fromArray(F, scales, block * ROWS + v + L);
            int s = scaleAt + block * 8;
            a0.fma(s0.mul(xScales[s + 0]), FloatVector.fromArray(F, sums, at + 0 * ROWS))
                    .intoArray(sums, at + 0 * ROWS);
            b0.fma(s1.mul(xScales[s + 0]), FloatVector.fromArray(F, sums, at + 0 * ROWS + L))
                    .intoArray(sums, at + 0 * ROWS + L);
            a1.fma(s0.mul(xScales[s + 1]), FloatVector.fromArray(F, sums, at + 1 * ROWS))
                    .intoArray(sums, at + 1 * ROWS);
            b1.fma(s1.mul(xScales[s + 1]), FloatVector.fromArray(F, sums, at + 1 * ROWS + L))
                    .intoArray(sums, at + 1 * ROWS + L);
            a2.fma(s0.mul(xScales[s + 2]), FloatVector.fromArray(F, sums, at + 2 * ROWS))
                    .intoArray(sums, at + 2 * ROWS);
            b2.fma(s1.mul(xScales[s + 2]), FloatVector.fromArray(F, sums, at + 2 * ROWS + L))
                    .intoArray(sums, at + 2 * ROWS + L);
            a3.fma(s0.mul(xScales[s + 3]), FloatVector.fromArray(F, sums, at + 3 * ROWS))
                    .intoArray(sums, at + 3 * ROWS);
            b3.fma(s1.mul(xScales[s + 3]), FloatVector.fromArray(F, sums, at + 3 * ROWS + L))
                    .intoArray(sums, at + 3 * ROWS + L);
            a4.fma(s0.mul(xScales[s + 4]), FloatVector.fromArray(F, sums, at + 4 * ROWS))
                    .intoArray(sums, at + 4 * ROWS);
            b4.fma(s1.mul(xScales[s + 4]), FloatVector.fromArray(F, sums, at + 4 * ROWS + L))
                    .intoArray(sums, at + 4 * ROWS + L);
            a5.fma(s0.mul(xScales[s + 5]), FloatVector.fromArray(F, sums, at + 5 * ROWS))
                    .intoArray(sums, at + 5 * ROWS);
            b5.fma(s1.mul(xScales[s + 5]), FloatVector.fromArray(F, sums, at + 5 * ROWS + L))
                    .intoArray(sums, at + 5 * ROWS + L);
            a6.fma(s0.mul(xScales[s + 6]), FloatVector.fromArray(F, sums, at + 6 * ROWS))
                    .intoArray(sums, at + 6 * ROWS);
            b6.fma(s1.mul(xScales[s + 6]), FloatVector.fromArray(F, sums, at + 6 * ROWS + L))
                    .intoArray(sums, at + 6 * ROWS + L);
            a7.fma(s0.mul(xScales[s + 7]), FloatVector.fromArray(F, sums, at + 7 * ROWS))
                    .intoArray(sums, at + 7 * ROWS);
            b7.fma(s1.mul(xScales[s + 7]), FloatVector.fromArray(F, sums, at + 7 * ROWS + L))
                    .intoArray(sums, at + 7 * ROWS + L);
        }
    }

    /** 4 input rows, quantised weights: as {@link #plain4}, but block sums first, which are scaled and added. */
    static void blocks4(MultiplyScratch scratch, int v, int blocks, PackedInput input, int xAt, int scaleAt, int at) {
        float[] tile = scratch.tile;
        float[] scales = scratch.scales;
        float[] sums = scratch.sums;
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
            int tileAt = block * BLOCK * ROWS + v;
            int valueAt = xAt + block * BLOCK * 4;
            for (int k = 0; k < BLOCK; k++) {
                FloatVector v0 = FloatVector.fromArray(F, tile, tileAt + k * ROWS);
                FloatVector w0 = FloatVector.fromArray(F, tile, tileAt + k * ROWS + L);
                FloatVector x00 = FloatVector.broadcast(F, x[valueAt + k * 4 + 0]);
                a0 = v0.fma(x00, a0);
                b0 = w0.fma(x00, b0);
                FloatVector x01 = FloatVector.broadcast(F, x[valueAt + k * 4 + 1]);
                a1 = v0.fma(x01, a1);
                b1 = w0.fma(x01, b1);
                FloatVector x02 = FloatVector.broadcast(F, x[valueAt + k * 4 + 2]);
                a2 = v0.fma(x02, a2);
                b2 = w0.fma(x02, b2);
                FloatVector x03 = FloatVector.broadcast(F, x[valueAt + k * 4 + 3]);
                a3 = v0.fma(x03, a3);
                b3 = w0.fma(x03, b3);
            }
            FloatVector s0 = FloatVector.fromArray(F, scales, block * ROWS + v);
            FloatVector s1 = FloatVector.fromArray(F, scales, block * ROWS + v + L);
            int s = scaleAt + block * 4;
            a0.fma(s0.mul(xScales[s + 0]), FloatVector.fromArray(F, sums, at + 0 * ROWS))
                    .intoArray(sums, at + 0 * ROWS);
            b0.fma(s1.mul(xScales[s + 0]), FloatVector.fromArray(F, sums, at + 0 * ROWS + L))
                    .intoArray(sums, at + 0 * ROWS + L);
            a1.fma(s0.mul(xScales[s + 1]), FloatVector.fromArray(F, sums, at + 1 * ROWS))
                    .intoArray(sums, at + 1 * ROWS);
            b1.fma(s1.mul(xScales[s + 1]), FloatVector.fromArray(F, sums, at + 1 * ROWS + L))
                    .intoArray(sums, at + 1 * ROWS + L);
            a2.fma(s0.mul(xScales[s + 2]), FloatVector.fromArray(F, sums, at + 2 * ROWS))
                    .intoArray(sums, at + 2 * ROWS);
            b2.fma(s1.mul(xScales[s + 2]), FloatVector.fromArray(F, sums, at + 2 * ROWS + L))
                    .intoArray(sums, at + 2 * ROWS + L);
            a3.fma(s0.mul(xScales[s + 3]), FloatVector.fromArray(F, sums, at + 3 * ROWS))
                    .intoArray(sums, at + 3 * ROWS);
            b3.fma(s1.mul(xScales[s + 3]), FloatVector.fromArray(F, sums, at + 3 * ROWS + L))
                    .intoArray(sums, at + 3 * ROWS + L);
        }
    }
}
