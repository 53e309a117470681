package io.llamastreams.tiles;

import java.util.List;

/** Tiles of plain weights, whose sums run over all k: 2 weight vectors x {8 | 4} input rows. */
final class PlainTilesText {
    private static final String METHOD = """
            /**
             * Two vectors of weight rows, {rows} input rows.
             *
             * @param weights [count][32] of floats
             * @param at byte at which the first vector of weight rows begins; the second one is next to it
             * @param x input, [count][{rows}] from {@code xAt}
             * @param sums to which is added, [input row][32]; {@code to} is the first weight row's of the first input row
             */
            static void tile2x{rows}(
                    MemorySegment weights, long at, int count, float[] x, int xAt, float[] sums, int to) {
                // The sums so far: a of the first vector with each input row, b of the second.
                each row, vector: FloatVector {v}{row} = FloatVector.fromArray(F, sums, to + {row} * ROWS{+v});
                for (int k = 0; k < count; k++) {
                    long row = at + 4L * ROWS * k;
                    each vector: FloatVector {v}w = FloatVector.fromMemorySegment(F, weights, row{+v*4L}, LE);
                    each row {
                        FloatVector x{row} = FloatVector.broadcast(F, x[xAt + k * {rows} + {row}]);
                        each vector: {v}{row} = {v}w.fma(x{row}, {v}{row});
                    }
                }
                each row, vector: {v}{row}.intoArray(sums, to + {row} * ROWS{+v});
            }
            """;

    private PlainTilesText() {}

    static JavaClass javaClass() {
        return new JavaClass(
                "PlainTiles",
                """
                Register tiles of plain weights: two vectors of weight rows times 4 or 8 input rows, each pair with its own sum in a
                register. F32 is read where it lies in its panel, other formats where they were decoded to.
                """,
                "private static final int ROWS = PanelMatrix.PANEL_ROWS;",
                List.of(method(8), method(4)));
    }

    private static String method(int rows) {
        return new TileTemplate(rows, 2, "L").expand(METHOD);
    }
}
