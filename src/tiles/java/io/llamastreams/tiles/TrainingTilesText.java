package io.llamastreams.tiles;

import java.util.ArrayList;
import java.util.List;

/** Tiles of training's products: 2 vectors of a panel x {8 | 4 | 1} {rows | columns} of x. */
final class TrainingTilesText {
    private static final String ROWS = """
            /** {rows} of n: {@code out[n][m] += panel[k][m] * x[n][k]} for the two vectors m from {@code v}. */
            static void rows{rows}(
                    float[] panel, int v, int count, float[] x, int xAt, int xStride, float[] out, int at, int outStride) {
                // The sums so far: a of the first vector with each row of x, b of the second.
                each row, vector: FloatVector {v}{row} = FloatVector.fromArray(F, out, at{+row*outStride}{+v});
                // Where each row of x begins.
                each row: int r{row} = xAt{+row*xStride};
                for (int k = 0; k < count; k++) {
                    each vector: FloatVector {v}w = FloatVector.fromArray(F, panel, v + k * PANEL{+v});
                    each row {
                        FloatVector x{row} = FloatVector.broadcast(F, x[r{row} + k]);
                        each vector: {v}{row} = {v}w.fma(x{row}, {v}{row});
                    }
                }
                each row, vector: {v}{row}.intoArray(out, at{+row*outStride}{+v});
            }
            """;

    private static final String COLUMNS = """
            /** {rows} of n: {@code out[n][m] += panel[k][m] * x[k][n]} for the two vectors m from {@code v}. */
            static void columns{rows}(
                    float[] panel, int v, int count, float[] x, int xAt, int xStride, float[] out, int at, int outStride) {
                // The sums so far: a of the first vector with each column of x, b of the second.
                each row, vector: FloatVector {v}{row} = FloatVector.fromArray(F, out, at{+row*outStride}{+v});
                for (int k = 0; k < count; k++) {
                    each vector: FloatVector {v}w = FloatVector.fromArray(F, panel, v + k * PANEL{+v});
                    each row {
                        FloatVector x{row} = FloatVector.broadcast(F, x[xAt + k * xStride{+row}]);
                        each vector: {v}{row} = {v}w.fma(x{row}, {v}{row});
                    }
                }
                each row, vector: {v}{row}.intoArray(out, at{+row*outStride}{+v});
            }
            """;

    private TrainingTilesText() {}

    static JavaClass javaClass() {
        List<String> methods = new ArrayList<>();
        for (String method : List.of(ROWS, COLUMNS)) {
            for (int rows : new int[] {8, 4, 1}) {
                methods.add(new TileTemplate(rows, 2, "L").expand(method));
            }
        }
        return new JavaClass("TrainingTiles", """
                Register tiles of training's products: two vectors of a panel times 8, 4 or 1 rows or columns of x, which lie as they
                lie in memory: a copy would cost more than its strides do.
                """, "private static final int PANEL = TrainingKernels.PANEL;", methods);
    }
}
