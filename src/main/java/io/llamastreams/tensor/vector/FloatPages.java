package io.llamastreams.tensor.vector;

import static io.llamastreams.tensor.vector.Lanes.F;
import static io.llamastreams.tensor.vector.Lanes.L;
import static io.llamastreams.tensor.vector.Lanes.LE;

import io.llamastreams.tensor.kernel.AttentionScratch;
import io.llamastreams.tensor.kernel.KvLayer;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * The inner loops of attention over pages of f32, each in a method of its own, small enough to be compiled well. Where less is
 * left than a loop takes, it is given the last vector again, and writes the same result twice.
 */
final class FloatPages {
    private static final int PAGE = KvLayer.BLOCK_TOKENS;

    private FloatPages() {}

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
            long row = 4L * PAGE * d;
            FloatVector a = FloatVector.fromMemorySegment(F, keys, key + row, LE);
            FloatVector b = FloatVector.fromMemorySegment(F, keys, secondKey + row, LE);
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
            long row = 4L * PAGE * d;
            FloatVector a = FloatVector.fromMemorySegment(F, keys, key + row, LE);
            FloatVector b = FloatVector.fromMemorySegment(F, keys, secondKey + row, LE);
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

    /** Scores of one query at the positions of eight vectors of keys, one after another from {@code to} on. */
    static void scoreOne(KvLayer kv, AttentionScratch scratch, float[] q, int query, int unit, int to, float scale) {
        MemorySegment keys = kv.keys();
        long k0 = scratch.addresses[unit];
        long k1 = scratch.addresses[unit + 1];
        long k2 = scratch.addresses[unit + 2];
        long k3 = scratch.addresses[unit + 3];
        long k4 = scratch.addresses[unit + 4];
        long k5 = scratch.addresses[unit + 5];
        long k6 = scratch.addresses[unit + 6];
        long k7 = scratch.addresses[unit + 7];
        int headSize = kv.headSize();
        int q0 = scratch.queryOffsets[query];
        FloatVector a0 = FloatVector.zero(F);
        FloatVector a1 = a0;
        FloatVector a2 = a0;
        FloatVector a3 = a0;
        FloatVector a4 = a0;
        FloatVector a5 = a0;
        FloatVector a6 = a0;
        FloatVector a7 = a0;
        for (int d = 0; d < headSize; d++) {
            long row = 4L * PAGE * d;
            FloatVector x = FloatVector.broadcast(F, q[q0 + d]);
            a0 = FloatVector.fromMemorySegment(F, keys, k0 + row, LE).fma(x, a0);
            a1 = FloatVector.fromMemorySegment(F, keys, k1 + row, LE).fma(x, a1);
            a2 = FloatVector.fromMemorySegment(F, keys, k2 + row, LE).fma(x, a2);
            a3 = FloatVector.fromMemorySegment(F, keys, k3 + row, LE).fma(x, a3);
            a4 = FloatVector.fromMemorySegment(F, keys, k4 + row, LE).fma(x, a4);
            a5 = FloatVector.fromMemorySegment(F, keys, k5 + row, LE).fma(x, a5);
            a6 = FloatVector.fromMemorySegment(F, keys, k6 + row, LE).fma(x, a6);
            a7 = FloatVector.fromMemorySegment(F, keys, k7 + row, LE).fma(x, a7);
        }
        float[] scores = scratch.scores;
        a0.mul(scale).intoArray(scores, to);
        a1.mul(scale).intoArray(scores, to + L);
        a2.mul(scale).intoArray(scores, to + 2 * L);
        a3.mul(scale).intoArray(scores, to + 3 * L);
        a4.mul(scale).intoArray(scores, to + 4 * L);
        a5.mul(scale).intoArray(scores, to + 5 * L);
        a6.mul(scale).intoArray(scores, to + 6 * L);
        a7.mul(scale).intoArray(scores, to + 7 * L);
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
                long row = page + 4L * width * t;
                FloatVector a = FloatVector.fromMemorySegment(F, values, row + 4L * d, LE);
                FloatVector b = FloatVector.fromMemorySegment(F, values, row + 4L * secondD, LE);
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
                long row = page + 4L * width * t;
                FloatVector a = FloatVector.fromMemorySegment(F, values, row + 4L * d, LE);
                FloatVector b = FloatVector.fromMemorySegment(F, values, row + 4L * secondD, LE);
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
     * Adds positions {@code start} to {@code end} of a stretch, weighted, to the sums of one query: eight vectors from
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
        int d4 = Math.min(d + 4 * L, width - L);
        int d5 = Math.min(d + 5 * L, width - L);
        int d6 = Math.min(d + 6 * L, width - L);
        int d7 = Math.min(d + 7 * L, width - L);
        FloatVector a0 = FloatVector.fromArray(F, sums, sum + d);
        FloatVector a1 = FloatVector.fromArray(F, sums, sum + d1);
        FloatVector a2 = FloatVector.fromArray(F, sums, sum + d2);
        FloatVector a3 = FloatVector.fromArray(F, sums, sum + d3);
        FloatVector a4 = FloatVector.fromArray(F, sums, sum + d4);
        FloatVector a5 = FloatVector.fromArray(F, sums, sum + d5);
        FloatVector a6 = FloatVector.fromArray(F, sums, sum + d6);
        FloatVector a7 = FloatVector.fromArray(F, sums, sum + d7);
        for (int page = start / PAGE; page * PAGE < end; page++) {
            int t0 = Math.max(page * PAGE, start);
            int count = Math.min(page * PAGE + PAGE, end) - t0;
            long first = scratch.addresses[page] + 4L * width * (t0 - page * PAGE);
            for (int t = 0; t < count; t++) {
                long row = first + 4L * width * t;
                FloatVector x = FloatVector.broadcast(F, weights[weight + t0 + t]);
                a0 = FloatVector.fromMemorySegment(F, values, row + 4L * d, LE).fma(x, a0);
                a1 = FloatVector.fromMemorySegment(F, values, row + 4L * d1, LE).fma(x, a1);
                a2 = FloatVector.fromMemorySegment(F, values, row + 4L * d2, LE).fma(x, a2);
                a3 = FloatVector.fromMemorySegment(F, values, row + 4L * d3, LE).fma(x, a3);
                a4 = FloatVector.fromMemorySegment(F, values, row + 4L * d4, LE).fma(x, a4);
                a5 = FloatVector.fromMemorySegment(F, values, row + 4L * d5, LE).fma(x, a5);
                a6 = FloatVector.fromMemorySegment(F, values, row + 4L * d6, LE).fma(x, a6);
                a7 = FloatVector.fromMemorySegment(F, values, row + 4L * d7, LE).fma(x, a7);
            }
        }
        a0.intoArray(sums, sum + d);
        a1.intoArray(sums, sum + d1);
        a2.intoArray(sums, sum + d2);
        a3.intoArray(sums, sum + d3);
        a4.intoArray(sums, sum + d4);
        a5.intoArray(sums, sum + d5);
        a6.intoArray(sums, sum + d6);
        a7.intoArray(sums, sum + d7);
    }
}
