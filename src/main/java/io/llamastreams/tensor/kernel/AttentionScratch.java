package io.llamastreams.tensor.kernel;

/**
 * Working memory of one thread in {@link Kernels#attend}. A query is one head of one row; queries are numbered row by row.
 */
public final class AttentionScratch {
    /** Most positions whose pages an implementation works on at a time. */
    public static final int STRETCH = 128;

    /** Queries that share a pass over the pages: enough that reading and converting a page costs little beside using it. */
    private static final int QUERIES = 32;

    /** Scores of rows that share a pass stay within 256 KiB, or they would drive the pages out of a second-level cache. */
    private static final int SCORES = 1 << 16;

    /** Scores, then weights: [query][{@link #stride}]. */
    public final float[] scores;

    /** Queries in another form, if the implementation wants one: [query][headSize]. */
    public final float[] queries;

    /** Where each query begins. */
    public final int[] queryOffsets;

    /** Weighted sums of values: [query][padded headSize]. */
    public final float[] sums;

    /** One over the sum of each query's weights. */
    public final float[] inverses;

    /** Byte offsets of what is worked on within a stretch. */
    public final long[] addresses = new long[8];

    private final int queryHeads;

    /**
     * Takes memory for at least one row.
     *
     * @param queryHeads that share one KV head
     * @param maxPositions most positions that a row attends to
     */
    public AttentionScratch(int queryHeads, int headSize, int maxPositions) {
        this.queryHeads = queryHeads;
        int count = queryHeads * Math.max(1, QUERIES / queryHeads);
        int oneRow = Math.multiplyExact(queryHeads, stride(maxPositions));
        scores = new float[Math.max(oneRow, (int) Math.min(SCORES, (long) count * stride(maxPositions)))];
        queries = new float[Math.multiplyExact(count, headSize)];
        queryOffsets = new int[count];
        sums = new float[Math.multiplyExact(count, KvLayer.padded(headSize))];
        inverses = new float[count];
    }

    /** Room for one query's scores over so many positions. */
    public static int stride(int positions) {
        return (positions + STRETCH - 1) / STRETCH * STRETCH;
    }

    /** Rows that may share a call of {@link Kernels#attend} whose last row attends to so many positions; at least 1. */
    public int maxRows(int positions) {
        return Math.clamp(scores.length / ((long) queryHeads * stride(positions)), 1, queryOffsets.length / queryHeads);
    }
}
