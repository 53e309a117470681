package io.llamastreams.tensor.vector;

import static io.llamastreams.tensor.kernel.Kernels.DRAW_BLOCK;
import static io.llamastreams.tensor.vector.Lanes.F;
import static io.llamastreams.tensor.vector.Lanes.L;

import io.llamastreams.tensor.kernel.ExactMath;
import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Operations over a row of logits, in vectors. One small loop each: a vector that outlives its loop would be boxed. */
final class VectorSampling {
    private static final VectorSpecies<Double> D = VectorSpecies.of(double.class, F.vectorShape());

    /** From here on a float has no fraction; adding it and taking it away rounds smaller ones to whole numbers. */
    private static final float WHOLE = 0x1p23f;

    private VectorSampling() {}

    /** The largest number; NaN if one is NaN. Four maxima side by side, since one alone waits for itself. */
    static float max(float[] x, int offset, int length) {
        FloatVector m0 = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
        FloatVector m1 = m0;
        FloatVector m2 = m0;
        FloatVector m3 = m0;
        int i = 0;
        for (; i <= length - 4 * L; i += 4 * L) {
            m0 = m0.max(FloatVector.fromArray(F, x, offset + i));
            m1 = m1.max(FloatVector.fromArray(F, x, offset + i + L));
            m2 = m2.max(FloatVector.fromArray(F, x, offset + i + 2 * L));
            m3 = m3.max(FloatVector.fromArray(F, x, offset + i + 3 * L));
        }
        float result = m0.max(m1).max(m2.max(m3)).reduceLanes(VectorOperators.MAX);
        for (; i < length; i++) {
            result = Math.max(result, x[offset + i]);
        }
        return result;
    }

    static int argmax(float[] x, int offset, int length) {
        return firstEqual(x, offset, length, max(x, offset, length));
    }

    private static int firstEqual(float[] x, int offset, int length, float value) {
        int i = 0;
        for (; i < F.loopBound(length); i += L) {
            VectorMask<Float> equal = FloatVector.fromArray(F, x, offset + i).compare(VectorOperators.EQ, value);
            if (equal.anyTrue()) {
                return i + equal.firstTrue();
            }
        }
        for (; i < length; i++) {
            if (x[offset + i] == value) {
                return i;
            }
        }
        return -1;
    }

    static long drawWeights(
            float[] x, int offset, int length, float max, float temperature, float[] out, long[] blockSums) {
        long total = 0;
        for (int from = 0; from < length; from += DRAW_BLOCK) {
            int to = Math.min(length, from + DRAW_BLOCK);
            int vectorsEnd = from + F.loopBound(to - from);
            weigh(x, offset, from, vectorsEnd, max, temperature, out);
            long sum = sum(out, from, vectorsEnd);
            for (int i = vectorsEnd; i < to; i++) {
                float exponent = (x[offset + i] - max) / temperature;
                long weight = exponent < ExactMath.LEAST_DRAW_EXPONENT
                        ? 0
                        : (long) (ExactMath.exp(exponent) * ExactMath.DRAW_ONE);
                out[i] = weight;
                sum += weight;
            }
            blockSums[from / DRAW_BLOCK] = sum;
            total += sum;
        }
        return total;
    }

    private static void weigh(float[] x, int offset, int from, int to, float max, float temperature, float[] out) {
        for (int i = from; i < to; i += L) {
            FloatVector exponent =
                    FloatVector.fromArray(F, x, offset + i).sub(max).div(temperature);
            FloatVector scaled = Lanes.exp(exponent).mul(ExactMath.DRAW_ONE);
            FloatVector nearest = scaled.add(WHOLE).sub(WHOLE);
            FloatVector floor = nearest.sub(1f, nearest.compare(VectorOperators.GT, scaled));
            scaled.blend(floor, scaled.compare(VectorOperators.LT, WHOLE))
                    .blend(0f, exponent.compare(VectorOperators.LT, ExactMath.LEAST_DRAW_EXPONENT))
                    .intoArray(out, i);
        }
    }

    /** Sum of at most a block of whole numbers up to 2^40: exact in double in any order. */
    private static long sum(float[] weights, int from, int to) {
        DoubleVector low = DoubleVector.zero(D);
        DoubleVector high = DoubleVector.zero(D);
        for (int i = from; i < to; i += L) {
            FloatVector w = FloatVector.fromArray(F, weights, i);
            low = low.add(w.convertShape(VectorOperators.F2D, D, 0));
            high = high.add(w.convertShape(VectorOperators.F2D, D, 1));
        }
        return (long) low.add(high).reduceLanes(VectorOperators.ADD);
    }

    static void columnMaxima(float[] x, int offset, int length, float[] out, int columns) {
        Arrays.fill(out, 0, columns, Float.NEGATIVE_INFINITY);
        int line = 0;
        for (; line + columns <= length; line += columns) {
            raise(x, offset + line, out, columns);
        }
        for (int i = line; i < length; i++) {
            out[i - line] = Math.max(out[i - line], x[offset + i]);
        }
    }

    private static void raise(float[] x, int from, float[] out, int columns) {
        for (int column = 0; column < columns; column += L) {
            FloatVector.fromArray(F, out, column)
                    .max(FloatVector.fromArray(F, x, from + column))
                    .intoArray(out, column);
        }
    }

    static int indicesFrom(float[] x, int offset, int length, float least, int[] out) {
        int count = 0;
        int i = 0;
        for (; i < F.loopBound(length); i += L) {
            long found = FloatVector.fromArray(F, x, offset + i)
                    .compare(VectorOperators.GE, least)
                    .toLong();
            while (found != 0) {
                out[count++] = i + Long.numberOfTrailingZeros(found);
                found &= found - 1;
            }
        }
        for (; i < length; i++) {
            out[count] = i;
            count += x[offset + i] >= least ? 1 : 0;
        }
        return count;
    }
}
