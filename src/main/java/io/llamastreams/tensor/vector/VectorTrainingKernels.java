package io.llamastreams.tensor.vector;

import static io.llamastreams.tensor.vector.Lanes.F;
import static io.llamastreams.tensor.vector.Lanes.L;

import io.llamastreams.tensor.kernel.Kernels;
import io.llamastreams.tensor.kernel.TrainingKernels;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** The operations of training with vectors. */
public final class VectorTrainingKernels implements TrainingKernels {
    private static final int LANES = Kernels.LANES;

    private static final boolean WIDE_TILES = TileChoice.wideRows(Lanes.bits()) == 8;

    @Override
    public void addRowProducts(
            float[] panel,
            int panelAt,
            int count,
            float[] x,
            int xAt,
            int xStride,
            int rows,
            float[] out,
            int outAt,
            int outStride) {
        for (int v = 0; v < PANEL; v += 2 * L) {
            int n = 0;
            for (; WIDE_TILES && n + 8 <= rows; n += 8) {
                TrainingTiles.rows8(
                        panel,
                        panelAt + v,
                        count,
                        x,
                        xAt + n * xStride,
                        xStride,
                        out,
                        outAt + n * outStride + v,
                        outStride);
            }
            for (; n + 4 <= rows; n += 4) {
                TrainingTiles.rows4(
                        panel,
                        panelAt + v,
                        count,
                        x,
                        xAt + n * xStride,
                        xStride,
                        out,
                        outAt + n * outStride + v,
                        outStride);
            }
            for (; n < rows; n++) {
                TrainingTiles.rows1(
                        panel,
                        panelAt + v,
                        count,
                        x,
                        xAt + n * xStride,
                        xStride,
                        out,
                        outAt + n * outStride + v,
                        outStride);
            }
        }
    }

    @Override
    public void addColumnProducts(
            float[] panel,
            int panelAt,
            int count,
            float[] x,
            int xAt,
            int xStride,
            int columns,
            float[] out,
            int outAt,
            int outStride) {
        for (int v = 0; v < PANEL; v += 2 * L) {
            int n = 0;
            for (; WIDE_TILES && n + 8 <= columns; n += 8) {
                TrainingTiles.columns8(
                        panel, panelAt + v, count, x, xAt + n, xStride, out, outAt + n * outStride + v, outStride);
            }
            for (; n + 4 <= columns; n += 4) {
                TrainingTiles.columns4(
                        panel, panelAt + v, count, x, xAt + n, xStride, out, outAt + n * outStride + v, outStride);
            }
            for (; n < columns; n++) {
                TrainingTiles.columns1(
                        panel, panelAt + v, count, x, xAt + n, xStride, out, outAt + n * outStride + v, outStride);
            }
        }
    }

    @Override
    public float dot(float[] x, int xAt, float[] y, int yAt, int length) {
        FloatVector q0 = FloatVector.zero(F);
        FloatVector q1 = q0;
        FloatVector q2 = q0;
        FloatVector q3 = q0;
        for (int i = 0; i < length; i += LANES) {
            q0 = load(x, xAt, i, length).fma(load(y, yAt, i, length), q0);
            if (L <= 8) {
                q1 = load(x, xAt, i + L, length).fma(load(y, yAt, i + L, length), q1);
            }
            if (L == 4) {
                q2 = load(x, xAt, i + 2 * L, length).fma(load(y, yAt, i + 2 * L, length), q2);
                q3 = load(x, xAt, i + 3 * L, length).fma(load(y, yAt, i + 3 * L, length), q3);
            }
        }
        return VectorKernels.tree(q0, q1, q2, q3);
    }

    /** Numbers {@code i} to {@code i + L} of a row, with zeros past its end. */
    private static FloatVector load(float[] x, int at, int i, int length) {
        if (i + L <= length) {
            return FloatVector.fromArray(F, x, at + i);
        }
        return i < length ? FloatVector.fromArray(F, x, at + i, F.indexInRange(i, length)) : FloatVector.zero(F);
    }

    @Override
    public float softmaxInPlace(float[] x, int at, int length) {
        float max = VectorKernels.max(x, at, length);
        float sum = expInPlace(x, at, length, max);
        float inverse = 1f / sum;
        int i = 0;
        for (; i < F.loopBound(length); i += L) {
            FloatVector.fromArray(F, x, at + i).mul(inverse).intoArray(x, at + i);
        }
        for (; i < length; i++) {
            x[at + i] *= inverse;
        }
        return max + (float) StrictMath.log(sum);
    }

    /** {@code x = exp(x - max)}; gives the sum. */
    private static float expInPlace(float[] x, int at, int length, float max) {
        FloatVector q0 = FloatVector.zero(F);
        FloatVector q1 = q0;
        FloatVector q2 = q0;
        FloatVector q3 = q0;
        for (int i = 0; i < length; i += LANES) {
            q0 = q0.add(expStored(x, at, i, length, max));
            if (L <= 8) {
                q1 = q1.add(expStored(x, at, i + L, length, max));
            }
            if (L == 4) {
                q2 = q2.add(expStored(x, at, i + 2 * L, length, max));
                q3 = q3.add(expStored(x, at, i + 3 * L, length, max));
            }
        }
        return VectorKernels.tree(q0, q1, q2, q3);
    }

    private static FloatVector expStored(float[] x, int at, int i, int length, float max) {
        if (i + L <= length) {
            FloatVector e = Lanes.exp(FloatVector.fromArray(F, x, at + i).sub(max));
            e.intoArray(x, at + i);
            return e;
        }
        if (i >= length) {
            return FloatVector.zero(F);
        }
        VectorMask<Float> rest = F.indexInRange(i, length);
        FloatVector e = Lanes.exp(FloatVector.fromArray(F, x, at + i, rest).sub(max));
        e.intoArray(x, at + i, rest);
        return FloatVector.zero(F).blend(e, rest);
    }

    @Override
    public void swiglu(float[] gate, int gateAt, float[] up, int upAt, float[] out, int outAt, int length) {
        int i = 0;
        for (; i < F.loopBound(length); i += L) {
            FloatVector g = FloatVector.fromArray(F, gate, gateAt + i);
            FloatVector u = FloatVector.fromArray(F, up, upAt + i);
            g.div(Lanes.exp(g.neg()).add(1f)).mul(u).intoArray(out, outAt + i);
        }
        if (i < length) {
            VectorMask<Float> rest = F.indexInRange(i, length);
            FloatVector g = FloatVector.fromArray(F, gate, gateAt + i, rest);
            FloatVector u = FloatVector.fromArray(F, up, upAt + i, rest);
            g.div(Lanes.exp(g.neg()).add(1f)).mul(u).intoArray(out, outAt + i, rest);
        }
    }

    @Override
    public void swigluGradient(
            float[] gate,
            int gateAt,
            float[] up,
            int upAt,
            float[] gradient,
            int gradientAt,
            float[] toGate,
            int toGateAt,
            float[] toUp,
            int toUpAt,
            int length) {
        FloatVector one = FloatVector.broadcast(F, 1f);
        for (int i = 0; i < length; i += L) {
            VectorMask<Float> here = F.indexInRange(i, length);
            FloatVector g = FloatVector.fromArray(F, gate, gateAt + i, here);
            FloatVector u = FloatVector.fromArray(F, up, upAt + i, here);
            FloatVector d = FloatVector.fromArray(F, gradient, gradientAt + i, here);
            FloatVector sigmoid = one.div(Lanes.exp(g.neg()).add(1f));
            FloatVector slope = g.fma(one.sub(sigmoid), one).mul(sigmoid);
            d.mul(u).mul(slope).intoArray(toGate, toGateAt + i, here);
            d.mul(g.mul(sigmoid)).intoArray(toUp, toUpAt + i, here);
        }
    }
}
