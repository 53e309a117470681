package io.llamastreams.tensor.vector;

import static io.llamastreams.tensor.vector.Lanes.F;
import static io.llamastreams.tensor.vector.Lanes.L;
import static io.llamastreams.tensor.vector.Lanes.LE;

import io.llamastreams.tensor.kernel.Kernels;
import io.llamastreams.tensor.kernel.KvLayer;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Attention over pages: scores with positions in the lanes, then the weighted sum of values with head dimensions in the
 * lanes. No sum but the softmax denominator crosses lanes.
 */
final class VectorAttention {
    private static final int PAGE = KvLayer.BLOCK_TOKENS;

    private VectorAttention() {}

    static void attend(
            float[] q,
            int qOffset,
            int queryHeads,
            KvLayer kv,
            int kvHead,
            int[] blockTable,
            int positions,
            float[] out,
            int outOffset,
            float[] scratch) {
        int stride = KvLayer.padded(positions);
        int headSize = kv.headSize();
        float scale = 1f / (float) Math.sqrt(headSize);
        int head = 0;
        for (; head + 4 <= queryHeads; head += 4) {
            scoreFourHeads(
                    q, qOffset + head * headSize, kv, kvHead, blockTable, positions, scale, scratch, head * stride);
        }
        for (; head < queryHeads; head++) {
            scoreHead(q, qOffset + head * headSize, kv, kvHead, blockTable, positions, scale, scratch, head * stride);
        }
        int sums = queryHeads * stride;
        for (head = 0; head < queryHeads; head++) {
            float inverse = 1f / exponentiate(scratch, head * stride, positions);
            weighValues(kv, kvHead, blockTable, positions, scratch, head * stride, sums);
            int to = outOffset + head * headSize;
            for (int d = 0; d < headSize; d++) {
                out[to + d] = scratch[sums + d] * inverse;
            }
        }
    }

    private static void scoreHead(
            float[] q,
            int qAt,
            KvLayer kv,
            int kvHead,
            int[] blockTable,
            int positions,
            float scale,
            float[] scores,
            int to) {
        int pages = (positions + PAGE - 1) / PAGE;
        int page = 0;
        for (; page + 4 <= pages; page += 4) {
            long p0 = kv.keyOffset(blockTable[page], kvHead);
            long p1 = kv.keyOffset(blockTable[page + 1], kvHead);
            long p2 = kv.keyOffset(blockTable[page + 2], kvHead);
            long p3 = kv.keyOffset(blockTable[page + 3], kvHead);
            for (int v = 0; v < PAGE; v += L) {
                fourPages(
                        kv.keys(),
                        p0 + 4L * v,
                        p1 + 4L * v,
                        p2 + 4L * v,
                        p3 + 4L * v,
                        q,
                        qAt,
                        kv.headSize(),
                        scale,
                        scores,
                        to + page * PAGE + v);
            }
        }
        for (; page < pages; page++) {
            long p = kv.keyOffset(blockTable[page], kvHead);
            for (int v = 0; v < PAGE; v += L) {
                onePage(kv.keys(), p + 4L * v, q, qAt, kv.headSize(), scale, scores, to + page * PAGE + v);
            }
        }
    }

    private static void fourPages(
            MemorySegment keys,
            long p0,
            long p1,
            long p2,
            long p3,
            float[] q,
            int qAt,
            int headSize,
            float scale,
            float[] scores,
            int to) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector e = a;
        for (int d = 0; d < headSize; d++) {
            FloatVector x = FloatVector.broadcast(F, q[qAt + d]);
            long row = 4L * PAGE * d;
            a = FloatVector.fromMemorySegment(F, keys, p0 + row, LE).fma(x, a);
            b = FloatVector.fromMemorySegment(F, keys, p1 + row, LE).fma(x, b);
            c = FloatVector.fromMemorySegment(F, keys, p2 + row, LE).fma(x, c);
            e = FloatVector.fromMemorySegment(F, keys, p3 + row, LE).fma(x, e);
        }
        a.mul(scale).intoArray(scores, to);
        b.mul(scale).intoArray(scores, to + PAGE);
        c.mul(scale).intoArray(scores, to + 2 * PAGE);
        e.mul(scale).intoArray(scores, to + 3 * PAGE);
    }

    private static void onePage(
            MemorySegment keys, long p, float[] q, int qAt, int headSize, float scale, float[] scores, int to) {
        FloatVector a = FloatVector.zero(F);
        for (int d = 0; d < headSize; d++) {
            a = FloatVector.fromMemorySegment(F, keys, p + 4L * PAGE * d, LE)
                    .fma(FloatVector.broadcast(F, q[qAt + d]), a);
        }
        a.mul(scale).intoArray(scores, to);
    }

    private static void scoreFourHeads(
            float[] q,
            int qAt,
            KvLayer kv,
            int kvHead,
            int[] blockTable,
            int positions,
            float scale,
            float[] scores,
            int to) {
        int pages = (positions + PAGE - 1) / PAGE;
        int stride = KvLayer.padded(positions);
        for (int page = 0; page < pages; page++) {
            long p = kv.keyOffset(blockTable[page], kvHead);
            for (int v = 0; v < PAGE; v += L) {
                fourHeads(kv.keys(), p + 4L * v, q, qAt, kv.headSize(), scale, scores, to + page * PAGE + v, stride);
            }
        }
    }

    private static void fourHeads(
            MemorySegment keys,
            long p,
            float[] q,
            int qAt,
            int headSize,
            float scale,
            float[] scores,
            int to,
            int stride) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector e = a;
        for (int d = 0; d < headSize; d++) {
            FloatVector key = FloatVector.fromMemorySegment(F, keys, p + 4L * PAGE * d, LE);
            a = key.fma(FloatVector.broadcast(F, q[qAt + d]), a);
            b = key.fma(FloatVector.broadcast(F, q[qAt + headSize + d]), b);
            c = key.fma(FloatVector.broadcast(F, q[qAt + 2 * headSize + d]), c);
            e = key.fma(FloatVector.broadcast(F, q[qAt + 3 * headSize + d]), e);
        }
        a.mul(scale).intoArray(scores, to);
        b.mul(scale).intoArray(scores, to + stride);
        c.mul(scale).intoArray(scores, to + 2 * stride);
        e.mul(scale).intoArray(scores, to + 3 * stride);
    }

    /** Scores become e^(score - max), those past {@code positions} zero; returns their sum by the fixed tree. */
    private static float exponentiate(float[] scores, int at, int positions) {
        float max = VectorKernels.max(scores, at, positions);
        FloatVector q0 = FloatVector.zero(F);
        FloatVector q1 = q0;
        FloatVector q2 = q0;
        FloatVector q3 = q0;
        for (int t = 0; t < positions; t += Kernels.LANES) {
            q0 = q0.add(exp(scores, at, t, positions, max));
            if (L <= 8) {
                q1 = q1.add(exp(scores, at, t + L, positions, max));
            }
            if (L == 4) {
                q2 = q2.add(exp(scores, at, t + 2 * L, positions, max));
                q3 = q3.add(exp(scores, at, t + 3 * L, positions, max));
            }
        }
        return VectorKernels.tree(q0, q1, q2, q3);
    }

    /** Rows of scores are padded to whole pages, so that whole vectors may be read and written. */
    private static FloatVector exp(float[] scores, int at, int t, int positions, float max) {
        FloatVector e = Lanes.exp(FloatVector.fromArray(F, scores, at + t).sub(max));
        if (t + L > positions) {
            VectorMask<Float> inside = F.indexInRange(t, positions);
            e = FloatVector.zero(F).blend(e, inside);
        }
        e.intoArray(scores, at + t);
        return e;
    }

    /** {@code scratch[sums + d] = sum over t of weights[t] * value[t][d]}, t in order. */
    private static void weighValues(
            KvLayer kv, int kvHead, int[] blockTable, int positions, float[] scratch, int weights, int sums) {
        int width = kv.paddedHeadSize();
        int d = 0;
        for (; d + 4 * L <= width; d += 4 * L) {
            fourVectors(kv, kvHead, blockTable, positions, scratch, weights, d, sums);
        }
        for (; d < width; d += L) {
            oneVector(kv, kvHead, blockTable, positions, scratch, weights, d, sums);
        }
    }

    private static void fourVectors(
            KvLayer kv, int kvHead, int[] blockTable, int positions, float[] scratch, int weights, int d, int sums) {
        MemorySegment values = kv.values();
        long rowBytes = 4L * kv.paddedHeadSize();
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector e = a;
        for (int t0 = 0; t0 < positions; t0 += PAGE) {
            long at = kv.valueOffset(blockTable[t0 / PAGE], kvHead) + 4L * d;
            int count = Math.min(PAGE, positions - t0);
            for (int t = 0; t < count; t++) {
                FloatVector w = FloatVector.broadcast(F, scratch[weights + t0 + t]);
                long row = at + rowBytes * t;
                a = FloatVector.fromMemorySegment(F, values, row, LE).fma(w, a);
                b = FloatVector.fromMemorySegment(F, values, row + 4L * L, LE).fma(w, b);
                c = FloatVector.fromMemorySegment(F, values, row + 8L * L, LE).fma(w, c);
                e = FloatVector.fromMemorySegment(F, values, row + 12L * L, LE).fma(w, e);
            }
        }
        a.intoArray(scratch, sums + d);
        b.intoArray(scratch, sums + d + L);
        c.intoArray(scratch, sums + d + 2 * L);
        e.intoArray(scratch, sums + d + 3 * L);
    }

    private static void oneVector(
            KvLayer kv, int kvHead, int[] blockTable, int positions, float[] scratch, int weights, int d, int sums) {
        MemorySegment values = kv.values();
        long rowBytes = 4L * kv.paddedHeadSize();
        FloatVector a = FloatVector.zero(F);
        for (int t0 = 0; t0 < positions; t0 += PAGE) {
            long at = kv.valueOffset(blockTable[t0 / PAGE], kvHead) + 4L * d;
            int count = Math.min(PAGE, positions - t0);
            for (int t = 0; t < count; t++) {
                a = FloatVector.fromMemorySegment(F, values, at + rowBytes * t, LE)
                        .fma(FloatVector.broadcast(F, scratch[weights + t0 + t]), a);
            }
        }
        a.intoArray(scratch, sums + d);
    }
}
