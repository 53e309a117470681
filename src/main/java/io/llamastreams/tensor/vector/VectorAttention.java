package io.llamastreams.tensor.vector;

import static io.llamastreams.tensor.vector.Lanes.F;
import static io.llamastreams.tensor.vector.Lanes.L;

import io.llamastreams.tensor.kernel.AttentionScratch;
import io.llamastreams.tensor.kernel.Kernels;
import io.llamastreams.tensor.kernel.KvLayer;
import io.llamastreams.tensor.kernel.KvType;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Attention over pages: scores with positions in the lanes, then the weighted sum of values with head dimensions in the
 * lanes. No sum but the softmax denominator crosses lanes.
 *
 * <p>A stretch of positions at a time, so that its pages stay in the cache while all queries pass over them: tiles of queries,
 * which read each key and each value once, then single ones. Queries of the same row end at the same position; those of later
 * rows end later, and what they have to themselves is added by itself.
 */
final class VectorAttention {
    private static final int PAGE = KvLayer.BLOCK_TOKENS;

    /** Queries of the smaller tile. With two vectors each they keep both multipliers of a core busy; they take 8 registers. */
    private static final int TILE = 4;

    /** Queries of the larger tile, where there is one. */
    private static final int LARGE_TILE = TileChoice.wideRows(Lanes.bits());

    /** Vectors of keys in a stretch. */
    private static final int UNITS = 8;

    /** Positions of values in a stretch: those of 128 numbers fill a first-level cache. */
    private static final int VALUE_STRETCH = 4 * PAGE;

    /** Numbers of a query from this size on might become infinite when scaled for f16. */
    private static final float MAX_QUERY = 0x1p15f;

    private VectorAttention() {}

    /**
     * As {@link Kernels#attend}.
     *
     * @return false, with nothing written, if there are halves or queries that {@link F16KeyValueTiles} cannot read or scale
     */
    static boolean attend(
            float[] q,
            float[] out,
            int offset,
            int rowStride,
            int rows,
            int queryHeads,
            KvLayer kv,
            int kvHead,
            int[] blockTable,
            int positions,
            AttentionScratch scratch) {
        int queries = rows * queryHeads;
        int last = positions + rows - 1;
        int headSize = kv.headSize();
        boolean half = kv.type() == KvType.F16;
        if (half && !isFinite(kv, blockTable, last)) {
            return false;
        }
        for (int query = 0; query < queries; query++) {
            int at = offset + query / queryHeads * rowStride + query % queryHeads * headSize;
            scratch.queryOffsets[query] = at;
            if (half) {
                scratch.queryOffsets[query] = query * headSize;
                if (!scaleQuery(q, at, headSize, scratch.queries, query * headSize)) {
                    return false;
                }
            }
        }
        int stride = AttentionScratch.stride(last);
        score(half ? scratch.queries : q, queries, queryHeads, kv, kvHead, blockTable, positions, stride, scratch);
        float weightScale = half ? Lanes.HALF_SCALE : 1f;
        for (int query = 0; query < queries; query++) {
            scratch.inverses[query] =
                    1f / exponentiate(scratch.scores, query * stride, positions + query / queryHeads, weightScale);
        }
        weighValues(queries, queryHeads, kv, kvHead, blockTable, positions, stride, scratch);
        int width = kv.paddedHeadSize();
        for (int query = 0; query < queries; query++) {
            int at = offset + query / queryHeads * rowStride + query % queryHeads * headSize;
            scaled(scratch.sums, query * width, scratch.inverses[query], out, at, headSize);
        }
        return true;
    }

    private static boolean isFinite(KvLayer kv, int[] blockTable, int positions) {
        for (int page = 0; page < (positions + PAGE - 1) / PAGE; page++) {
            if (!kv.isFinite(blockTable[page])) {
                return false;
            }
        }
        return true;
    }

    /**
     * A query times {@link Lanes#HALF_SCALE}.
     *
     * @return false if a number of it is too large for that, or is not one
     */
    private static boolean scaleQuery(float[] q, int from, int headSize, float[] scaled, int to) {
        float largest = 0f;
        for (int d = 0; d < headSize; d++) {
            largest = Math.max(largest, Math.abs(q[from + d]));
            scaled[to + d] = q[from + d] * Lanes.HALF_SCALE;
        }
        return largest < MAX_QUERY;
    }

    private static void scaled(float[] sums, int from, float inverse, float[] out, int to, int count) {
        for (int d = 0; d < count; d++) {
            out[to + d] = sums[from + d] * inverse;
        }
    }

    /** {@code scores[query][t] = q k[t] / sqrt(headSize)}, whole vectors of them, for each query as far as its row goes. */
    private static void score(
            float[] q,
            int queries,
            int queryHeads,
            KvLayer kv,
            int kvHead,
            int[] blockTable,
            int positions,
            int stride,
            AttentionScratch scratch) {
        float scale = 1f / (float) Math.sqrt(kv.headSize());
        int last = positions + (queries - 1) / queryHeads;
        int tiled = queries / TILE * TILE;
        for (int from = 0; from < last; from += UNITS * L) {
            findUnits(kv, kvHead, blockTable, from, last, scratch.addresses);
            for (int unit = 0; unit < UNITS && from + unit * L < last; unit += 2) {
                scoreTiles(q, tiled, queryHeads, kv, positions, from + unit * L, unit, stride, scale, scratch);
            }
            for (int query = tiled; query < queries; query++) {
                scoreSingle(q, query, kv, from, last, query * stride + from, scale, scratch);
            }
        }
    }

    /** Two vectors of keys, of the positions from {@code t} on. */
    private static void scoreTiles(
            float[] q,
            int queries,
            int queryHeads,
            KvLayer kv,
            int positions,
            int t,
            int unit,
            int stride,
            float scale,
            AttentionScratch scratch) {
        boolean half = kv.type() == KvType.F16;
        for (int query = 0; query < queries; ) {
            int size = tile(queries - query);
            int to = query * stride + t;
            // Of no use beyond the tile's last row.
            if (t < positions + (query + size - 1) / queryHeads) {
                if (size > TILE) {
                    if (half) {
                        F16KeyValueTiles.score8(kv, scratch, q, query, unit, to, stride, scale);
                    } else {
                        F32KeyValueTiles.score8(kv, scratch, q, query, unit, to, stride, scale);
                    }
                } else if (half) {
                    F16KeyValueTiles.score4(kv, scratch, q, query, unit, to, stride, scale);
                } else {
                    F32KeyValueTiles.score4(kv, scratch, q, query, unit, to, stride, scale);
                }
            }
            query += size;
        }
    }

    private static int tile(int queries) {
        return queries >= LARGE_TILE ? LARGE_TILE : TILE;
    }

    /** All vectors of a stretch that begins at {@code from}. */
    private static void scoreSingle(
            float[] q, int query, KvLayer kv, int from, int last, int to, float scale, AttentionScratch scratch) {
        if (kv.type() == KvType.F32) {
            F32KeyValueTiles.score1(kv, scratch, q, query, 0, to, scale);
            return;
        }
        for (int unit = 0; unit < UNITS && from + unit * L < last; unit += 4) {
            F16KeyValueTiles.score1(kv, scratch, q, query, unit, to + unit * L, scale);
        }
    }

    /** Where each vector of keys from position {@code from} on begins; past the end the last one again, to no purpose. */
    private static void findUnits(KvLayer kv, int kvHead, int[] blockTable, int from, int last, long[] units) {
        for (int unit = 0; unit < UNITS; unit++) {
            int t = Math.min(from + unit * L, (last - 1) / L * L);
            units[unit] = kv.keyOffset(blockTable[t / PAGE], kvHead)
                    + (long) kv.type().bytes() * (t % PAGE);
        }
    }

    /**
     * Scores become {@code e^(score - max) * factor}, those past {@code positions} zero; returns the sum by the fixed tree,
     * without the factor.
     */
    private static float exponentiate(float[] scores, int at, int positions, float factor) {
        float max = VectorKernels.max(scores, at, positions);
        FloatVector q0 = FloatVector.zero(F);
        FloatVector q1 = q0;
        FloatVector q2 = q0;
        FloatVector q3 = q0;
        for (int t = 0; t < positions; t += Kernels.LANES) {
            q0 = q0.add(exp(scores, at, t, positions, max, factor));
            if (L <= 8) {
                q1 = q1.add(exp(scores, at, t + L, positions, max, factor));
            }
            if (L == 4) {
                q2 = q2.add(exp(scores, at, t + 2 * L, positions, max, factor));
                q3 = q3.add(exp(scores, at, t + 3 * L, positions, max, factor));
            }
        }
        return VectorKernels.tree(q0, q1, q2, q3);
    }

    /** Rows of scores are padded to whole pages, so that whole vectors may be read and written. */
    private static FloatVector exp(float[] scores, int at, int t, int positions, float max, float factor) {
        FloatVector e = Lanes.exp(FloatVector.fromArray(F, scores, at + t).sub(max));
        if (t + L > positions) {
            VectorMask<Float> inside = F.indexInRange(t, positions);
            e = FloatVector.zero(F).blend(e, inside);
        }
        e.mul(factor).intoArray(scores, at + t);
        return e;
    }

    /** {@code sums[query][d] = sum over t of weights[query][t] * value[t][d]}, t in order. */
    private static void weighValues(
            int queries,
            int queryHeads,
            KvLayer kv,
            int kvHead,
            int[] blockTable,
            int positions,
            int stride,
            AttentionScratch scratch) {
        int last = positions + (queries - 1) / queryHeads;
        java.util.Arrays.fill(scratch.sums, 0, queries * kv.paddedHeadSize(), 0f);
        for (int from = 0; from < last; from += VALUE_STRETCH) {
            int count = Math.min(VALUE_STRETCH, last - from);
            for (int page = 0; page * PAGE < count; page++) {
                scratch.addresses[page] = kv.valueOffset(blockTable[from / PAGE + page], kvHead);
            }
            int query = 0;
            while (queries - query >= TILE) {
                int size = tile(queries - query);
                // All of the tile go as far as its first row does.
                int common = Math.clamp(positions + query / queryHeads - from, 0, count);
                weighTile(kv, common, query, size, query * stride + from, stride, scratch);
                for (int i = query; i < query + size; i++) {
                    int own = Math.min(positions + i / queryHeads - from, count);
                    weighSingle(kv, common, own, i, i * stride + from, scratch);
                }
                query += size;
            }
            for (; query < queries; query++) {
                int own = Math.min(positions + query / queryHeads - from, count);
                weighSingle(kv, 0, own, query, query * stride + from, scratch);
            }
        }
    }

    /** Adds the first {@code count} positions of a stretch to the sums of some queries. */
    private static void weighTile(
            KvLayer kv, int count, int query, int size, int weight, int stride, AttentionScratch scratch) {
        boolean half = kv.type() == KvType.F16;
        int width = kv.paddedHeadSize();
        for (int d = 0; count > 0 && d < width; d += 2 * L) {
            int second = Math.min(d + L, width - L); // the same again where one is left over
            if (size > TILE) {
                if (half) {
                    F16KeyValueTiles.weigh8(kv, scratch, count, query, d, second, weight, stride);
                } else {
                    F32KeyValueTiles.weigh8(kv, scratch, count, query, d, second, weight, stride);
                }
            } else if (half) {
                F16KeyValueTiles.weigh4(kv, scratch, count, query, d, second, weight, stride);
            } else {
                F32KeyValueTiles.weigh4(kv, scratch, count, query, d, second, weight, stride);
            }
        }
    }

    /** Adds positions {@code start} to {@code end} of a stretch to the sums of one query. */
    private static void weighSingle(KvLayer kv, int start, int end, int query, int weight, AttentionScratch scratch) {
        int width = kv.paddedHeadSize();
        if (kv.type() == KvType.F16) {
            for (int d = 0; start < end && d < width; d += 4 * L) {
                F16KeyValueTiles.weigh1(kv, scratch, start, end, query, d, weight);
            }
        } else {
            for (int d = 0; start < end && d < width; d += 8 * L) {
                F32KeyValueTiles.weigh1(kv, scratch, start, end, query, d, weight);
            }
        }
    }
}
