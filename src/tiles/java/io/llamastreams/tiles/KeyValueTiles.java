package io.llamastreams.tiles;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Loops of attention over pages: {F32 | F16} x {score | weigh} x {8 | 4 queries with 2 vectors each | 1 query with some}.
 *
 * @param load a vector of a segment {@code %1$s} from byte {@code %2$s} on
 * @param bytes of a number
 * @param singleVectors of keys or values that the loops of one query hold
 */
record KeyValueTiles(String name, String comment, String load, int bytes, int singleVectors) {
    static final List<KeyValueTiles> TABLE = List.of(
            new KeyValueTiles("F32KeyValueTiles", """
                    The inner loops of attention over pages of f32, each in a method of its own, small enough to be compiled well. Where
                    less is left than a loop takes, it is given the last vector again, and writes the same result twice.
                    """, "FloatVector.fromMemorySegment(F, %1$s, %2$s, LE)", 4, 8),
            new KeyValueTiles("F16KeyValueTiles", """
                    The inner loops of attention over pages of finite f16.

                    <p>A half's 15 bits of exponent and fraction, moved to where an f32 has them, are its magnitude times 2^-112,
                    subnormal ones included: a load that widens, a shift and a mask, exactly. What is multiplied with it is therefore
                    scaled by 2^112, which is exact as well, and so each product and each sum has the bits that {@link F32KeyValueTiles}
                    would give it. An infinite half or NaN would come out as a finite number: {@link KvLayer#isFinite} says where they
                    are.

                    <p>The conversion is written out wherever it is needed: as a method that the compiler may leave out of a loop of this
                    size, it would put each vector on the heap.
                    """, """
                    ((IntVector) ShortVector.fromMemorySegment(S, %1$s, %2$s, LE)
                                    .convertShape(VectorOperators.S2I, I, 0))
                            .lanewise(VectorOperators.LSHL, 13)
                            .and(HALF)
                            .reinterpretAsFloats()""", 2, 4));

    /** A load, with what stands before it in its line. */
    private static final Pattern LOAD = Pattern.compile("(?m)^( *)(.*)LOAD\\((\\w+), ([^)]+)\\)");

    private static final String SCORE = """
            /**
             * Scores of {rows} queries at the positions of two vectors of keys.
             *
             * @param query the first of them
             * @param unit the first vector: number of its address
             * @param to where the first query's scores go, those of the second vector after those of the first; those of the next
             *     query {@code stride} further
             */
            static void score{rows}(
                    KvLayer kv, AttentionScratch scratch, float[] q, int query, int unit, int to, int stride, float scale) {
                MemorySegment keys = kv.keys();
                long key = scratch.addresses[unit];
                long secondKey = scratch.addresses[unit + 1];
                int headSize = kv.headSize();
                each row: int q{row} = scratch.queryOffsets[query{+row}];
                // Scores of each query: a at the first vector of positions, b at the second.
                FloatVector a0 = FloatVector.zero(F);
                each next row: FloatVector a{row} = a0;
                each row: FloatVector b{row} = a0;
                for (int d = 0; d < headSize; d++) {
                    long row = BYTES * PAGE * d;
                    FloatVector a = LOAD(keys, key + row);
                    FloatVector b = LOAD(keys, secondKey + row);
                    FloatVector x = FloatVector.broadcast(F, q[q0 + d]);
                    each vector: {v}0 = {v}.fma(x, {v}0);
                    each next row {
                        x = FloatVector.broadcast(F, q[q{row} + d]);
                        each vector: {v}{row} = {v}.fma(x, {v}{row});
                    }
                }
                float[] scores = scratch.scores;
                each row, vector: {v}{row}.mul(scale).intoArray(scores, to{+row*stride}{+v});
            }
            """;

    private static final String SCORE_ONE = """
            /** Scores of one query at the positions of {rows} vectors of keys, one after another from {@code to} on. */
            static void score1(KvLayer kv, AttentionScratch scratch, float[] q, int query, int unit, int to, float scale) {
                MemorySegment keys = kv.keys();
                each row: long k{row} = scratch.addresses[unit{+row}];
                int headSize = kv.headSize();
                int q0 = scratch.queryOffsets[query];
                // Scores at each vector of positions.
                FloatVector a0 = FloatVector.zero(F);
                each next row: FloatVector a{row} = a0;
                for (int d = 0; d < headSize; d++) {
                    long row = BYTES * PAGE * d;
                    FloatVector x = FloatVector.broadcast(F, q[q0 + d]);
                    each row: a{row} = LOAD(keys, k{row} + row).fma(x, a{row});
                }
                float[] scores = scratch.scores;
                each row: a{row}.mul(scale).intoArray(scores, to{+row*L});
            }
            """;

    private static final String WEIGH = """
            /**
             * Adds the first {@code count} positions of a stretch, weighted, to the sums of {rows} queries.
             *
             * @param query the first of them
             * @param d where in the sums, and in each value, two vectors begin: {@code d} and {@code secondD}
             * @param weight where the first query's weights for the stretch begin; those of the next query {@code stride} further
             */
            static void weigh{rows}(
                    KvLayer kv, AttentionScratch scratch, int count, int query, int d, int secondD, int weight, int stride) {
                MemorySegment values = kv.values();
                float[] weights = scratch.scores;
                float[] sums = scratch.sums;
                int width = kv.paddedHeadSize();
                int at = query * width + d;
                int second = query * width + secondD;
                each next row: int w{row} = weight{+row*stride};
                // The sums of each query so far: a from d on, b from secondD on.
                each row {
                    FloatVector a{row} = FloatVector.fromArray(F, sums, at{+row*width});
                    FloatVector b{row} = FloatVector.fromArray(F, sums, second{+row*width});
                }
                for (int t0 = 0; t0 < count; t0 += PAGE) {
                    long page = scratch.addresses[t0 / PAGE];
                    int end = Math.min(PAGE, count - t0);
                    for (int t = 0; t < end; t++) {
                        long row = page + BYTES * width * t;
                        FloatVector a = LOAD(values, row + BYTES * d);
                        FloatVector b = LOAD(values, row + BYTES * secondD);
                        FloatVector x = FloatVector.broadcast(F, weights[weight + t0 + t]);
                        each vector: {v}0 = {v}.fma(x, {v}0);
                        each next row {
                            x = FloatVector.broadcast(F, weights[w{row} + t0 + t]);
                            each vector: {v}{row} = {v}.fma(x, {v}{row});
                        }
                    }
                }
                each row {
                    a{row}.intoArray(sums, at{+row*width});
                    b{row}.intoArray(sums, second{+row*width});
                }
            }
            """;

    private static final String WEIGH_ONE = """
            /**
             * Adds positions {@code start} to {@code end} of a stretch, weighted, to the sums of one query: {rows} vectors from
             * {@code d0} on.
             *
             * @param weight where the query's weights for the stretch begin
             */
            static void weigh1(KvLayer kv, AttentionScratch scratch, int start, int end, int query, int d0, int weight) {
                MemorySegment values = kv.values();
                float[] weights = scratch.scores;
                float[] sums = scratch.sums;
                int width = kv.paddedHeadSize();
                int sum = query * width;
                // Beyond the end the last vector again.
                each next row: int d{row} = Math.min(d0{+row*L}, width - L);
                each row: FloatVector a{row} = FloatVector.fromArray(F, sums, sum + d{row});
                for (int page = start / PAGE; page * PAGE < end; page++) {
                    int t0 = Math.max(page * PAGE, start);
                    int count = Math.min(page * PAGE + PAGE, end) - t0;
                    long first = scratch.addresses[page] + BYTES * width * (t0 - page * PAGE);
                    for (int t = 0; t < count; t++) {
                        long row = first + BYTES * width * t;
                        FloatVector x = FloatVector.broadcast(F, weights[weight + t0 + t]);
                        each row: a{row} = LOAD(values, row + BYTES * d{row}).fma(x, a{row});
                    }
                }
                each row: a{row}.intoArray(sums, sum + d{row});
            }
            """;

    JavaClass javaClass() {
        return new JavaClass(
                name,
                comment,
                "private static final int PAGE = KvLayer.BLOCK_TOKENS;",
                List.of(
                        method(SCORE, 4),
                        method(SCORE, 8),
                        method(SCORE_ONE, singleVectors),
                        method(WEIGH, 4),
                        method(WEIGH, 8),
                        method(WEIGH_ONE, singleVectors)));
    }

    private String method(String template, int rows) {
        String text = new TileTemplate(rows, 2, "L").expand(template).replace("BYTES", bytes + "L");
        return LOAD.matcher(text).replaceAll(found -> {
            String indent = found.group(1);
            return indent
                    + found.group(2)
                    + load.formatted(found.group(3), found.group(4)).replace("\n", "\n" + indent);
        });
    }
}
