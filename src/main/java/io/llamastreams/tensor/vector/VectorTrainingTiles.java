package io.llamastreams.tensor.vector;

import static io.llamastreams.tensor.vector.Lanes.F;
import static io.llamastreams.tensor.vector.Lanes.L;

import io.llamastreams.tensor.kernel.TrainingKernels;
import jdk.incubator.vector.FloatVector;

/**
 * Register tiles of training's products: two vectors of a panel times 8, 4 or 1 rows or columns of x, which lie as they lie
 * in memory: a copy would cost more than its strides do. Unrolled by hand, one loop a method, as in {@link VectorTiles}.
 */
final class VectorTrainingTiles {
    private static final int PANEL = TrainingKernels.PANEL;

    private VectorTrainingTiles() {}

    /** 8 rows of x: {@code out[n][m] += panel[k][m] * x[n][k]} for the two vectors m from {@code v}. */
    static void rows8(
            float[] panel, int v, int count, float[] x, int xAt, int xStride, float[] out, int at, int outStride) {
        FloatVector a0 = FloatVector.fromArray(F, out, at);
        FloatVector b0 = FloatVector.fromArray(F, out, at + L);
        FloatVector a1 = FloatVector.fromArray(F, out, at + 1 * outStride);
        FloatVector b1 = FloatVector.fromArray(F, out, at + 1 * outStride + L);
        FloatVector a2 = FloatVector.fromArray(F, out, at + 2 * outStride);
        FloatVector b2 = FloatVector.fromArray(F, out, at + 2 * outStride + L);
        FloatVector a3 = FloatVector.fromArray(F, out, at + 3 * outStride);
        FloatVector b3 = FloatVector.fromArray(F, out, at + 3 * outStride + L);
        FloatVector a4 = FloatVector.fromArray(F, out, at + 4 * outStride);
        FloatVector b4 = FloatVector.fromArray(F, out, at + 4 * outStride + L);
        FloatVector a5 = FloatVector.fromArray(F, out, at + 5 * outStride);
        FloatVector b5 = FloatVector.fromArray(F, out, at + 5 * outStride + L);
        FloatVector a6 = FloatVector.fromArray(F, out, at + 6 * outStride);
        FloatVector b6 = FloatVector.fromArray(F, out, at + 6 * outStride + L);
        FloatVector a7 = FloatVector.fromArray(F, out, at + 7 * outStride);
        FloatVector b7 = FloatVector.fromArray(F, out, at + 7 * outStride + L);
        int r0 = xAt;
        int r1 = xAt + 1 * xStride;
        int r2 = xAt + 2 * xStride;
        int r3 = xAt + 3 * xStride;
        int r4 = xAt + 4 * xStride;
        int r5 = xAt + 5 * xStride;
        int r6 = xAt + 6 * xStride;
        int r7 = xAt + 7 * xStride;
        for (int k = 0; k < count; k++) {
            FloatVector w0 = FloatVector.fromArray(F, panel, v + k * PANEL);
            FloatVector w1 = FloatVector.fromArray(F, panel, v + k * PANEL + L);
            FloatVector x0 = FloatVector.broadcast(F, x[r0 + k]);
            a0 = w0.fma(x0, a0);
            b0 = w1.fma(x0, b0);
            FloatVector x1 = FloatVector.broadcast(F, x[r1 + k]);
            a1 = w0.fma(x1, a1);
            b1 = w1.fma(x1, b1);
            FloatVector x2 = FloatVector.broadcast(F, x[r2 + k]);
            a2 = w0.fma(x2, a2);
            b2 = w1.fma(x2, b2);
            FloatVector x3 = FloatVector.broadcast(F, x[r3 + k]);
            a3 = w0.fma(x3, a3);
            b3 = w1.fma(x3, b3);
            FloatVector x4 = FloatVector.broadcast(F, x[r4 + k]);
            a4 = w0.fma(x4, a4);
            b4 = w1.fma(x4, b4);
            FloatVector x5 = FloatVector.broadcast(F, x[r5 + k]);
            a5 = w0.fma(x5, a5);
            b5 = w1.fma(x5, b5);
            FloatVector x6 = FloatVector.broadcast(F, x[r6 + k]);
            a6 = w0.fma(x6, a6);
            b6 = w1.fma(x6, b6);
            FloatVector x7 = FloatVector.broadcast(F, x[r7 + k]);
            a7 = w0.fma(x7, a7);
            b7 = w1.fma(x7, b7);
        }
        a0.intoArray(out, at);
        b0.intoArray(out, at + L);
        a1.intoArray(out, at + 1 * outStride);
        b1.intoArray(out, at + 1 * outStride + L);
        a2.intoArray(out, at + 2 * outStride);
        b2.intoArray(out, at + 2 * outStride + L);
        a3.intoArray(out, at + 3 * outStride);
        b3.intoArray(out, at + 3 * outStride + L);
        a4.intoArray(out, at + 4 * outStride);
        b4.intoArray(out, at + 4 * outStride + L);
        a5.intoArray(out, at + 5 * outStride);
        b5.intoArray(out, at + 5 * outStride + L);
        a6.intoArray(out, at + 6 * outStride);
        b6.intoArray(out, at + 6 * outStride + L);
        a7.intoArray(out, at + 7 * outStride);
        b7.intoArray(out, at + 7 * outStride + L);
    }

    /** 4 rows of x: {@code out[n][m] += panel[k][m] * x[n][k]} for the two vectors m from {@code v}. */
    static void rows4(
            float[] panel, int v, int count, float[] x, int xAt, int xStride, float[] out, int at, int outStride) {
        FloatVector a0 = FloatVector.fromArray(F, out, at);
        FloatVector b0 = FloatVector.fromArray(F, out, at + L);
        FloatVector a1 = FloatVector.fromArray(F, out, at + 1 * outStride);
        FloatVector b1 = FloatVector.fromArray(F, out, at + 1 * outStride + L);
        FloatVector a2 = FloatVector.fromArray(F, out, at + 2 * outStride);
        FloatVector b2 = FloatVector.fromArray(F, out, at + 2 * outStride + L);
        FloatVector a3 = FloatVector.fromArray(F, out, at + 3 * outStride);
        FloatVector b3 = FloatVector.fromArray(F, out, at + 3 * outStride + L);
        int r0 = xAt;
        int r1 = xAt + 1 * xStride;
        int r2 = xAt + 2 * xStride;
        int r3 = xAt + 3 * xStride;
        for (int k = 0; k < count; k++) {
            FloatVector w0 = FloatVector.fromArray(F, panel, v + k * PANEL);
            FloatVector w1 = FloatVector.fromArray(F, panel, v + k * PANEL + L);
            FloatVector x0 = FloatVector.broadcast(F, x[r0 + k]);
            a0 = w0.fma(x0, a0);
            b0 = w1.fma(x0, b0);
            FloatVector x1 = FloatVector.broadcast(F, x[r1 + k]);
            a1 = w0.fma(x1, a1);
            b1 = w1.fma(x1, b1);
            FloatVector x2 = FloatVector.broadcast(F, x[r2 + k]);
            a2 = w0.fma(x2, a2);
            b2 = w1.fma(x2, b2);
            FloatVector x3 = FloatVector.broadcast(F, x[r3 + k]);
            a3 = w0.fma(x3, a3);
            b3 = w1.fma(x3, b3);
        }
        a0.intoArray(out, at);
        b0.intoArray(out, at + L);
        a1.intoArray(out, at + 1 * outStride);
        b1.intoArray(out, at + 1 * outStride + L);
        a2.intoArray(out, at + 2 * outStride);
        b2.intoArray(out, at + 2 * outStride + L);
        a3.intoArray(out, at + 3 * outStride);
        b3.intoArray(out, at + 3 * outStride + L);
    }

    /** 1 rows of x: {@code out[n][m] += panel[k][m] * x[n][k]} for the two vectors m from {@code v}. */
    static void rows1(
            float[] panel, int v, int count, float[] x, int xAt, int xStride, float[] out, int at, int outStride) {
        FloatVector a0 = FloatVector.fromArray(F, out, at);
        FloatVector b0 = FloatVector.fromArray(F, out, at + L);
        int r0 = xAt;
        for (int k = 0; k < count; k++) {
            FloatVector w0 = FloatVector.fromArray(F, panel, v + k * PANEL);
            FloatVector w1 = FloatVector.fromArray(F, panel, v + k * PANEL + L);
            FloatVector x0 = FloatVector.broadcast(F, x[r0 + k]);
            a0 = w0.fma(x0, a0);
            b0 = w1.fma(x0, b0);
        }
        a0.intoArray(out, at);
        b0.intoArray(out, at + L);
    }

    /** 8 columns of x: {@code out[n][m] += panel[k][m] * x[k][n]} for the two vectors m from {@code v}. */
    static void columns8(
            float[] panel, int v, int count, float[] x, int xAt, int xStride, float[] out, int at, int outStride) {
        FloatVector a0 = FloatVector.fromArray(F, out, at);
        FloatVector b0 = FloatVector.fromArray(F, out, at + L);
        FloatVector a1 = FloatVector.fromArray(F, out, at + 1 * outStride);
        FloatVector b1 = FloatVector.fromArray(F, out, at + 1 * outStride + L);
        FloatVector a2 = FloatVector.fromArray(F, out, at + 2 * outStride);
        FloatVector b2 = FloatVector.fromArray(F, out, at + 2 * outStride + L);
        FloatVector a3 = FloatVector.fromArray(F, out, at + 3 * outStride);
        FloatVector b3 = FloatVector.fromArray(F, out, at + 3 * outStride + L);
        FloatVector a4 = FloatVector.fromArray(F, out, at + 4 * outStride);
        FloatVector b4 = FloatVector.fromArray(F, out, at + 4 * outStride + L);
        FloatVector a5 = FloatVector.fromArray(F, out, at + 5 * outStride);
        FloatVector b5 = FloatVector.fromArray(F, out, at + 5 * outStride + L);
        FloatVector a6 = FloatVector.fromArray(F, out, at + 6 * outStride);
        FloatVector b6 = FloatVector.fromArray(F, out, at + 6 * outStride + L);
        FloatVector a7 = FloatVector.fromArray(F, out, at + 7 * outStride);
        FloatVector b7 = FloatVector.fromArray(F, out, at + 7 * outStride + L);
        for (int k = 0; k < count; k++) {
            FloatVector w0 = FloatVector.fromArray(F, panel, v + k * PANEL);
            FloatVector w1 = FloatVector.fromArray(F, panel, v + k * PANEL + L);
            FloatVector x0 = FloatVector.broadcast(F, x[xAt + k * xStride]);
            a0 = w0.fma(x0, a0);
            b0 = w1.fma(x0, b0);
            FloatVector x1 = FloatVector.broadcast(F, x[xAt + k * xStride + 1]);
            a1 = w0.fma(x1, a1);
            b1 = w1.fma(x1, b1);
            FloatVector x2 = FloatVector.broadcast(F, x[xAt + k * xStride + 2]);
            a2 = w0.fma(x2, a2);
            b2 = w1.fma(x2, b2);
            FloatVector x3 = FloatVector.broadcast(F, x[xAt + k * xStride + 3]);
            a3 = w0.fma(x3, a3);
            b3 = w1.fma(x3, b3);
            FloatVector x4 = FloatVector.broadcast(F, x[xAt + k * xStride + 4]);
            a4 = w0.fma(x4, a4);
            b4 = w1.fma(x4, b4);
            FloatVector x5 = FloatVector.broadcast(F, x[xAt + k * xStride + 5]);
            a5 = w0.fma(x5, a5);
            b5 = w1.fma(x5, b5);
            FloatVector x6 = FloatVector.broadcast(F, x[xAt + k * xStride + 6]);
            a6 = w0.fma(x6, a6);
            b6 = w1.fma(x6, b6);
            FloatVector x7 = FloatVector.broadcast(F, x[xAt + k * xStride + 7]);
            a7 = w0.fma(x7, a7);
            b7 = w1.fma(x7, b7);
        }
        a0.intoArray(out, at);
        b0.intoArray(out, at + L);
        a1.intoArray(out, at + 1 * outStride);
        b1.intoArray(out, at + 1 * outStride + L);
        a2.intoArray(out, at + 2 * outStride);
        b2.intoArray(out, at + 2 * outStride + L);
        a3.intoArray(out, at + 3 * outStride);
        b3.intoArray(out, at + 3 * outStride + L);
        a4.intoArray(out, at + 4 * outStride);
        b4.intoArray(out, at + 4 * outStride + L);
        a5.intoArray(out, at + 5 * outStride);
        b5.intoArray(out, at + 5 * outStride + L);
        a6.intoArray(out, at + 6 * outStride);
        b6.intoArray(out, at + 6 * outStride + L);
        a7.intoArray(out, at + 7 * outStride);
        b7.intoArray(out, at + 7 * outStride + L);
    }

    /** 4 columns of x: {@code out[n][m] += panel[k][m] * x[k][n]} for the two vectors m from {@code v}. */
    static void columns4(
            float[] panel, int v, int count, float[] x, int xAt, int xStride, float[] out, int at, int outStride) {
        FloatVector a0 = FloatVector.fromArray(F, out, at);
        FloatVector b0 = FloatVector.fromArray(F, out, at + L);
        FloatVector a1 = FloatVector.fromArray(F, out, at + 1 * outStride);
        FloatVector b1 = FloatVector.fromArray(F, out, at + 1 * outStride + L);
        FloatVector a2 = FloatVector.fromArray(F, out, at + 2 * outStride);
        FloatVector b2 = FloatVector.fromArray(F, out, at + 2 * outStride + L);
        FloatVector a3 = FloatVector.fromArray(F, out, at + 3 * outStride);
        FloatVector b3 = FloatVector.fromArray(F, out, at + 3 * outStride + L);
        for (int k = 0; k < count; k++) {
            FloatVector w0 = FloatVector.fromArray(F, panel, v + k * PANEL);
            FloatVector w1 = FloatVector.fromArray(F, panel, v + k * PANEL + L);
            FloatVector x0 = FloatVector.broadcast(F, x[xAt + k * xStride]);
            a0 = w0.fma(x0, a0);
            b0 = w1.fma(x0, b0);
            FloatVector x1 = FloatVector.broadcast(F, x[xAt + k * xStride + 1]);
            a1 = w0.fma(x1, a1);
            b1 = w1.fma(x1, b1);
            FloatVector x2 = FloatVector.broadcast(F, x[xAt + k * xStride + 2]);
            a2 = w0.fma(x2, a2);
            b2 = w1.fma(x2, b2);
            FloatVector x3 = FloatVector.broadcast(F, x[xAt + k * xStride + 3]);
            a3 = w0.fma(x3, a3);
            b3 = w1.fma(x3, b3);
        }
        a0.intoArray(out, at);
        b0.intoArray(out, at + L);
        a1.intoArray(out, at + 1 * outStride);
        b1.intoArray(out, at + 1 * outStride + L);
        a2.intoArray(out, at + 2 * outStride);
        b2.intoArray(out, at + 2 * outStride + L);
        a3.intoArray(out, at + 3 * outStride);
        b3.intoArray(out, at + 3 * outStride + L);
    }

    /** 1 columns of x: {@code out[n][m] += panel[k][m] * x[k][n]} for the two vectors m from {@code v}. */
    static void columns1(
            float[] panel, int v, int count, float[] x, int xAt, int xStride, float[] out, int at, int outStride) {
        FloatVector a0 = FloatVector.fromArray(F, out, at);
        FloatVector b0 = FloatVector.fromArray(F, out, at + L);
        for (int k = 0; k < count; k++) {
            FloatVector w0 = FloatVector.fromArray(F, panel, v + k * PANEL);
            FloatVector w1 = FloatVector.fromArray(F, panel, v + k * PANEL + L);
            FloatVector x0 = FloatVector.broadcast(F, x[xAt + k * xStride]);
            a0 = w0.fma(x0, a0);
            b0 = w1.fma(x0, b0);
        }
        a0.intoArray(out, at);
        b0.intoArray(out, at + L);
    }
}
