package io.llamastreams.tensor.vector;

import static io.llamastreams.tensor.vector.Lanes.F;
import static io.llamastreams.tensor.vector.Lanes.HALF;
import static io.llamastreams.tensor.vector.Lanes.HALF_SCALE;
import static io.llamastreams.tensor.vector.Lanes.I;
import static io.llamastreams.tensor.vector.Lanes.L;
import static io.llamastreams.tensor.vector.Lanes.LE;
import static io.llamastreams.tensor.vector.Lanes.S;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.S2I;

import io.llamastreams.tensor.kernel.AttentionScratch;
import io.llamastreams.tensor.kernel.KvLayer;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * The inner loops of attention over pages of finite f16.
 *
 * <p>A half's 15 bits of exponent and fraction, moved to where an f32 has them, are its magnitude times 2^-112, subnormal
 * ones included: a load that widens, a shift and a mask, exactly. What is multiplied with it is therefore scaled by 2^112,
 * which is exact as well, and so each product and each sum has the bits that {@link FloatPages} would give it. An infinite
 * half or NaN would come out as a finite number: {@link KvLayer#isFinite} says where they are.
 *
 * <p>The conversion is written out wherever it is needed: as a method that the compiler may leave out of a loop of this size,
 * it would put each vector on the heap.
 */
final class HalfPages {
    private static final int PAGE = KvLayer.BLOCK_TOKENS;

    /** Numbers of a query from this size on might become infinite when scaled. */
    private static final float MAX_QUERY = 0x1p15f;

    private HalfPages() {}

    /**
     * A query times {@link Lanes#HALF_SCALE}.
     *
     * @return false if a number of it is too large for that, or is not one
     */
    static boolean scale(float[] q, int from, int headSize, float[] scaled, int to) {
        float largest = 0f;
        for (int d = 0; d < headSize; d++) {
            largest = Math.max(largest, Math.abs(q[from + d]));
            scaled[to + d] = q[from + d] * HALF_SCALE;
        }
        return largest < MAX_QUERY;
    }

    /**
     * Scores of four queries at the positions of two vectors of keys.
     *
     * @param query the first of them
     * @param unit the first vector: number of its address
     * @param to where the first query's scores go, those of the second vector after those of the first; those of the next
     *     query {@code stride} further
     */
    static void scoreFour(
            KvLayer kv, AttentionScratch scratch, float[] q, int query, int unit, int to, int stride, float scale) {
        MemorySegment keys = kv.keys();
        long key = scratch.addresses[unit];
        long secondKey = scratch.addresses[unit + 1];
        int headSize = kv.headSize();
        int q0 = scratch.queryOffsets[query];
        int q1 = scratch.queryOffsets[query + 1];
        int q2 = scratch.queryOffsets[query + 2];
        int q3 = scratch.queryOffsets[query + 3];
        FloatVector a0 = FloatVector.zero(F);
        FloatVector a1 = a0;
        FloatVector a2 = a0;
        FloatVector a3 = a0;
        FloatVector b0 = a0;
        FloatVector b1 = a0;
        FloatVector b2 = a0;
        FloatVector b3 = a0;
        for (int d = 0; d < headSize; d++) {
            long row = 2L * PAGE * d;
            FloatVector a = ((IntVector) ShortVector.fromMemorySegment(S, keys, key + row, LE)
                            .convertShape(S2I, I, 0))
                    .lanewise(LSHL, 13)
                    .and(HALF)
                    .reinterpretAsFloats();
            FloatVector b = ((IntVector) ShortVector.fromMemorySegment(S, keys, secondKey + row, LE)
                            .convertShape(S2I, I, 0))
                    .lanewise(LSHL, 13)
                    .and(HALF)
                    .reinterpretAsFloats();
            FloatVector x = FloatVector.broadcast(F, q[q0 + d]);
            a0 = a.fma(x, a0);
            b0 = b.fma(x, b0);
            x = FloatVector.broadcast(F, q[q1 + d]);
            a1 = a.fma(x, a1);
            b1 = b.fma(x, b1);
            x = FloatVector.broadcast(F, q[q2 + d]);
            a2 = a.fma(x, a2);
            b2 = b.fma(x, b2);
            x = FloatVector.broadcast(F, q[q3 + d]);
            a3 = a.fma(x, a3);
            b3 = b.fma(x, b3);
        }
        float[] scores = scratch.scores;
        a0.mul(scale).intoArray(scores, to);
        b0.mul(scale).intoArray(scores, to + L);
        a1.mul(scale).intoArray(scores, to + stride);
        b1.mul(scale).intoArray(scores, to + stride + L);
        a2.mul(scale).intoArray(scores, to + 2 * stride);
        b2.mul(scale).intoArray(scores, to + 2 * stride + L);
        a3.mul(scale).intoArray(scores, to + 3 * stride);
        b3.mul(scale).intoArray(scores, to + 3 * stride + L);
    }

    /** As {@link #scoreFour}, for eight queries: they take 18 registers and more. */
    static void scoreEight(
            KvLayer kv, AttentionScratch scratch, float[] q, int query, int unit, int to, int stride, float scale) {
        MemorySegment keys = kv.keys();
        long key = scratch.addresses[unit];
        long secondKey = scratch.addresses[unit + 1];
        int headSize = kv.headSize();
        int q0 = scratch.queryOffsets[query];
        int q1 = scratch.queryOffsets[query + 1];
        int q2 = scratch.queryOffsets[query + 2];
        int q3 = scratch.queryOffsets[query + 3];
        int q4 = scratch.queryOffsets[query + 4];
        int q5 = scratch.queryOffsets[query + 5];
        int q6 = scratch.queryOffsets[query + 6];
        int q7 = scratch.queryOffsets[query + 7];
        FloatVector a0 = FloatVector.zero(F);
        FloatVector a1 = a0;
        FloatVector a2 = a0;
        FloatVector a3 = a0;
        FloatVector a4 = a0;
        FloatVector a5 = a0;
        FloatVector a6 = a0;
        FloatVector a7 = a0;
        FloatVector b0 = a0;
        FloatVector b1 = a0;
        FloatVector b2 = a0;
        FloatVector b3 = a0;
        FloatVector b4 = a0;
        FloatVector b5 = a0;
        FloatVector b6 = a0;
        FloatVector b7 = a0;
        for (int d = 0; d < headSize; d++) {
            long row = 2L * PAGE * d;
            FloatVector a = ((IntVector) ShortVector.fromMemorySegment(S, keys, key + row, LE)
                            .convertShape(S2I, I, 0))
                    .lanewise(LSHL, 13)
                    .and(HALF)
                    .reinterpretAsFloats();
            FloatVector b = ((IntVector) ShortVector.fromMemorySegment(S, keys, secondKey + row, LE)
                            .convertShape(S2I, I, 0))
                    .lanewise(LSHL, 13)
                    .and(HALF)
                    .reinterpretAsFloats();
            FloatVector x = FloatVector.broadcast(F, q[q0 + d]);
            a0 = a.fma(x, a0);
            b0 = b.fma(x, b0);
            x = FloatVector.broadcast(F, q[q1 + d]);
            a1 = a.fma(x, a1);
            b1 = b.fma(x, b1);
            x = FloatVector.broadcast(F, q[q2 + d]);
            a2 = a.fma(x, a2);
            b2 = b.fma(x, b2);
            x = FloatVector.broadcast(F, q[q3 + d]);
            a3 = a.fma(x, a3);
            b3 = b.fma(x, b3);
            x = FloatVector.broadcast(F, q[q4 + d]);
            a4 = a.fma(x, a4);
            b4 = b.fma(x, b4);
            x = FloatVector.broadcast(F, q[q5 + d]);
            a5 = a.fma(x, a5);
            b5 = b.fma(x, b5);
            x = FloatVector.broadcast(F, q[q6 + d]);
            a6 = a.fma(x, a6);
            b6 = b.fma(x, b6);
            x = FloatVector.broadcast(F, q[q7 + d]);
            a7 = a.fma(x, a7);
            b7 = b.fma(x, b7);
        }
        float[] scores = scratch.scores;
        a0.mul(scale).intoArray(scores, to);
        b0.mul(scale).intoArray(scores, to + L);
        a1.mul(scale).intoArray(scores, to + stride);
        b1.mul(scale).intoArray(scores, to + stride + L);
        a2.mul(scale).intoArray(scores, to + 2 * stride);
        b2.mul(scale).intoArray(scores, to + 2 * stride + L);
        a3.mul(scale).intoArray(scores, to + 3 * stride);
        b3.mul(scale).intoArray(scores, to + 3 * stride + L);
        a4.mul(scale).intoArray(scores, to + 4 * stride);
        b4.mul(scale).intoArray(scores, to + 4 * stride + L);
        a5.mul(scale).intoArray(scores, to + 5 * stride);
        b5.mul(scale).intoArray(scores, to + 5 * stride + L);
        a6.mul(scale).intoArray(scores, to + 6 * stride);
        b6.mul(scale).intoArray(scores, to + 6 * stride + L);
        a7.mul(scale).intoArray(scores, to + 7 * stride);
        b7.mul(scale).intoArray(scores, to + 7 * stride + L);
    }

    /** Scores of one query at the positions of four vectors of keys, one after another from {@code to} on. */
    static void scoreOne(KvLayer kv, AttentionScratch scratch, float[] q, int query, int unit, int to, float scale) {
        MemorySegment keys = kv.keys();
        long k0 = scratch.addresses[unit];
        long k1 = scratch.addresses[unit + 1];
        long k2 = scratch.addresses[unit + 2];
        long k3 = scratch.addresses[unit + 3];
        int headSize = kv.headSize();
        int q0 = scratch.queryOffsets[query];
        FloatVector a0 = FloatVector.zero(F);
        FloatVector a1 = a0;
        FloatVector a2 = a0;
        FloatVector a3 = a0;
        for (int d = 0; d < headSize; d++) {
            long row = 2L * PAGE * d;
            FloatVector x = FloatVector.broadcast(F, q[q0 + d]);
            a0 = ((IntVector)
                            ShortVector.fromMemorySegment(S, keys, k0 + row, LE).convertShape(S2I, I, 0))
                    .lanewise(LSHL, 13)
                    .and(HALF)
                    .reinterpretAsFloats()
                    .fma(x, a0);
            a1 = ((IntVector)
                            ShortVector.fromMemorySegment(S, keys, k1 + row, LE).convertShape(S2I, I, 0))
                    .lanewise(LSHL, 13)
                    .and(HALF)
                    .reinterpretAsFloats()
                    .fma(x, a1);
            a2 = ((IntVector)
                            ShortVector.fromMemorySegment(S, keys, k2 + row, LE).convertShape(S2I, I, 0))
                    .lanewise(LSHL, 13)
                    .and(HALF)
                    .reinterpretAsFloats()
                    .fma(x, a2);
            a3 = ((IntVector)
                            ShortVector.fromMemorySegment(S, keys, k3 + row, LE).convertShape(S2I, I, 0))
                    .lanewise(LSHL, 13)
                    .and(HALF)
                    .reinterpretAsFloats()
                    .fma(x, a3);
        }
        float[] scores = scratch.scores;
        a0.mul(scale).intoArray(scores, to);
        a1.mul(scale).intoArray(scores, to + L);
        a2.mul(scale).intoArray(scores, to + 2 * L);
        a3.mul(scale).intoArray(scores, to + 3 * L);
    }

    /**
     * Adds the first {@code count} positions of a stretch, weighted, to the sums of four queries.
     *
     * @param query the first of them
     * @param d where in the sums, and in each value, two vectors begin: {@code d} and {@code secondD}
     * @param weight where the first query's weights for the stretch begin; those of the next query {@code stride} further
     */
    static void weighFour(
            KvLayer kv, AttentionScratch scratch, int count, int query, int d, int secondD, int weight, int stride) {
        MemorySegment values = kv.values();
        float[] weights = scratch.scores;
        float[] sums = scratch.sums;
        int width = kv.paddedHeadSize();
        int at = query * width + d;
        int second = query * width + secondD;
        int w1 = weight + stride;
        int w2 = weight + 2 * stride;
        int w3 = weight + 3 * stride;
        FloatVector a0 = FloatVector.fromArray(F, sums, at);
        FloatVector b0 = FloatVector.fromArray(F, sums, second);
        FloatVector a1 = FloatVector.fromArray(F, sums, at + width);
        FloatVector b1 = FloatVector.fromArray(F, sums, second + width);
        FloatVector a2 = FloatVector.fromArray(F, sums, at + 2 * width);
        FloatVector b2 = FloatVector.fromArray(F, sums, second + 2 * width);
        FloatVector a3 = FloatVector.fromArray(F, sums, at + 3 * width);
        FloatVector b3 = FloatVector.fromArray(F, sums, second + 3 * width);
        for (int t0 = 0; t0 < count; t0 += PAGE) {
            long page = scratch.addresses[t0 / PAGE];
            int end = Math.min(PAGE, count - t0);
            for (int t = 0; t < end; t++) {
                long row = page + 2L * width * t;
                FloatVector a = ((IntVector) ShortVector.fromMemorySegment(S, values, row + 2L * d, LE)
                                .convertShape(S2I, I, 0))
                        .lanewise(LSHL, 13)
                        .and(HALF)
                        .reinterpretAsFloats();
                FloatVector b = ((IntVector) ShortVector.fromMemorySegment(S, values, row + 2L * secondD, LE)
                                .convertShape(S2I, I, 0))
                        .lanewise(LSHL, 13)
                        .and(HALF)
                        .reinterpretAsFloats();
                FloatVector x = FloatVector.broadcast(F, weights[weight + t0 + t]);
                a0 = a.fma(x, a0);
                b0 = b.fma(x, b0);
                x = FloatVector.broadcast(F, weights[w1 + t0 + t]);
                a1 = a.fma(x, a1);
                b1 = b.fma(x, b1);
                x = FloatVector.broadcast(F, weights[w2 + t0 + t]);
                a2 = a.fma(x, a2);
                b2 = b.fma(x, b2);
                x = FloatVector.broadcast(F, weights[w3 + t0 + t]);
                a3 = a.fma(x, a3);
                b3 = b.fma(x, b3);
            }
        }
        a0.intoArray(sums, at);
        b0.intoArray(sums, second);
        a1.intoArray(sums, at + width);
        b1.intoArray(sums, second + width);
        a2.intoArray(sums, at + 2 * width);
        b2.intoArray(sums, second + 2 * width);
        a3.intoArray(sums, at + 3 * width);
        b3.intoArray(sums, second + 3 * width);
    }

    /** As {@link #weighFour}, for eight queries. */
    static void weighEight(
            KvLayer kv, AttentionScratch scratch, int count, int query, int d, int secondD, int weight, int stride) {
        MemorySegment values = kv.values();
        float[] weights = scratch.scores;
        float[] sums = scratch.sums;
        int width = kv.paddedHeadSize();
        int at = query * width + d;
        int second = query * width + secondD;
        int w1 = weight + stride;
        int w2 = weight + 2 * stride;
        int w3 = weight + 3 * stride;
        int w4 = weight + 4 * stride;
        int w5 = weight + 5 * stride;
        int w6 = weight + 6 * stride;
        int w7 = weight + 7 * stride;
        FloatVector a0 = FloatVector.fromArray(F, sums, at);
        FloatVector b0 = FloatVector.fromArray(F, sums, second);
        FloatVector a1 = FloatVector.fromArray(F, sums, at + width);
        FloatVector b1 = FloatVector.fromArray(F, sums, second + width);
        FloatVector a2 = FloatVector.fromArray(F, sums, at + 2 * width);
        FloatVector b2 = FloatVector.fromArray(F, sums, second + 2 * width);
        FloatVector a3 = FloatVector.fromArray(F, sums, at + 3 * width);
        FloatVector b3 = FloatVector.fromArray(F, sums, second + 3 * width);
        FloatVector a4 = FloatVector.fromArray(F, sums, at + 4 * width);
        FloatVector b4 = FloatVector.fromArray(F, sums, second + 4 * width);
        FloatVector a5 = FloatVector.fromArray(F, sums, at + 5 * width);
        FloatVector b5 = FloatVector.fromArray(F, sums, second + 5 * width);
        FloatVector a6 = FloatVector.fromArray(F, sums, at + 6 * width);
        FloatVector b6 = FloatVector.fromArray(F, sums, second + 6 * width);
        FloatVector a7 = FloatVector.fromArray(F, sums, at + 7 * width);
        FloatVector b7 = FloatVector.fromArray(F, sums, second + 7 * width);
        for (int t0 = 0; t0 < count; t0 += PAGE) {
            long page = scratch.addresses[t0 / PAGE];
            int end = Math.min(PAGE, count - t0);
            for (int t = 0; t < end; t++) {
                long row = page + 2L * width * t;
                FloatVector a = ((IntVector) ShortVector.fromMemorySegment(S, values, row + 2L * d, LE)
                                .convertShape(S2I, I, 0))
                        .lanewise(LSHL, 13)
                        .and(HALF)
                        .reinterpretAsFloats();
                FloatVector b = ((IntVector) ShortVector.fromMemorySegment(S, values, row + 2L * secondD, LE)
                                .convertShape(S2I, I, 0))
                        .lanewise(LSHL, 13)
                        .and(HALF)
                        .reinterpretAsFloats();
                FloatVector x = FloatVector.broadcast(F, weights[weight + t0 + t]);
                a0 = a.fma(x, a0);
                b0 = b.fma(x, b0);
                x = FloatVector.broadcast(F, weights[w1 + t0 + t]);
                a1 = a.fma(x, a1);
                b1 = b.fma(x, b1);
                x = FloatVector.broadcast(F, weights[w2 + t0 + t]);
                a2 = a.fma(x, a2);
                b2 = b.fma(x, b2);
                x = FloatVector.broadcast(F, weights[w3 + t0 + t]);
                a3 = a.fma(x, a3);
                b3 = b.fma(x, b3);
                x = FloatVector.broadcast(F, weights[w4 + t0 + t]);
                a4 = a.fma(x, a4);
                b4 = b.fma(x, b4);
                x = FloatVector.broadcast(F, weights[w5 + t0 + t]);
                a5 = a.fma(x, a5);
                b5 = b.fma(x, b5);
                x = FloatVector.broadcast(F, weights[w6 + t0 + t]);
                a6 = a.fma(x, a6);
                b6 = b.fma(x, b6);
                x = FloatVector.broadcast(F, weights[w7 + t0 + t]);
                a7 = a.fma(x, a7);
                b7 = b.fma(x, b7);
            }
        }
        a0.intoArray(sums, at);
        b0.intoArray(sums, second);
        a1.intoArray(sums, at + width);
        b1.intoArray(sums, second + width);
        a2.intoArray(sums, at + 2 * width);
        b2.intoArray(sums, second + 2 * width);
        a3.intoArray(sums, at + 3 * width);
        b3.intoArray(sums, second + 3 * width);
        a4.intoArray(sums, at + 4 * width);
        b4.intoArray(sums, second + 4 * width);
        a5.intoArray(sums, at + 5 * width);
        b5.intoArray(sums, second + 5 * width);
        a6.intoArray(sums, at + 6 * width);
        b6.intoArray(sums, second + 6 * width);
        a7.intoArray(sums, at + 7 * width);
        b7.intoArray(sums, second + 7 * width);
    }

    /**
     * Adds positions {@code start} to {@code end} of a stretch, weighted, to the sums of one query: four vectors from
     * {@code d} on.
     *
     * @param weight where the query's weights for the stretch begin
     */
    static void weighOne(KvLayer kv, AttentionScratch scratch, int start, int end, int query, int d, int weight) {
        MemorySegment values = kv.values();
        float[] weights = scratch.scores;
        float[] sums = scratch.sums;
        int width = kv.paddedHeadSize();
        int sum = query * width;
        int d1 = Math.min(d + L, width - L);
        int d2 = Math.min(d + 2 * L, width - L);
        int d3 = Math.min(d + 3 * L, width - L);
        FloatVector a0 = FloatVector.fromArray(F, sums, sum + d);
        FloatVector a1 = FloatVector.fromArray(F, sums, sum + d1);
        FloatVector a2 = FloatVector.fromArray(F, sums, sum + d2);
        FloatVector a3 = FloatVector.fromArray(F, sums, sum + d3);
        for (int page = start / PAGE; page * PAGE < end; page++) {
            int t0 = Math.max(page * PAGE, start);
            int count = Math.min(page * PAGE + PAGE, end) - t0;
            long first = scratch.addresses[page] + 2L * width * (t0 - page * PAGE);
            for (int t = 0; t < count; t++) {
                long row = first + 2L * width * t;
                FloatVector x = FloatVector.broadcast(F, weights[weight + t0 + t]);
                a0 = ((IntVector) ShortVector.fromMemorySegment(S, values, row + 2L * d, LE)
                                .convertShape(S2I, I, 0))
                        .lanewise(LSHL, 13)
                        .and(HALF)
                        .reinterpretAsFloats()
                        .fma(x, a0);
                a1 = ((IntVector) ShortVector.fromMemorySegment(S, values, row + 2L * d1, LE)
                                .convertShape(S2I, I, 0))
                        .lanewise(LSHL, 13)
                        .and(HALF)
                        .reinterpretAsFloats()
                        .fma(x, a1);
                a2 = ((IntVector) ShortVector.fromMemorySegment(S, values, row + 2L * d2, LE)
                                .convertShape(S2I, I, 0))
                        .lanewise(LSHL, 13)
                        .and(HALF)
                        .reinterpretAsFloats()
                        .fma(x, a2);
                a3 = ((IntVector) ShortVector.fromMemorySegment(S, values, row + 2L * d3, LE)
                                .convertShape(S2I, I, 0))
                        .lanewise(LSHL, 13)
                        .and(HALF)
                        .reinterpretAsFloats()
                        .fma(x, a3);
            }
        }
        a0.intoArray(sums, sum + d);
        a1.intoArray(sums, sum + d1);
        a2.intoArray(sums, sum + d2);
        a3.intoArray(sums, sum + d3);
    }
}
