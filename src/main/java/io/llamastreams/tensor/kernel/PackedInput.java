package io.llamastreams.tensor.kernel;

/**
 * Input rows of a matrix product, laid out for it; filled by {@link Kernels#pack}, read by {@link Kernels#multiply}.
 *
 * <p>Rows are grouped in tiles: as many of {@code tileColumns} as fit, then one of 4, filled up with zeros, where up to 4 are
 * left; a single row is a tile of its own. In a tile the numbers lie [k][row of the tile].
 *
 * <pre>
 * rows = 11, tileColumns = 8:   tile 0: rows 0-7 [k][8]    tile 1: rows 8-10 and a zero row [k][4]
 * </pre>
 *
 * A quantised input holds, per block of 32 numbers, whole numbers from -127 to 127 (as floats, in which their products and
 * sums are exact) and one scale: x is about value * scale.
 */
public final class PackedInput {
    private final int maxRows;
    private final int maxColumns;
    final float[] values;
    final float[] scales;
    private int rows;
    private int columns;
    private int tileColumns;
    private boolean quantised;

    /** Room for {@code maxRows} rows of {@code maxColumns} numbers. */
    public PackedInput(int maxRows, int maxColumns) {
        this.maxRows = maxRows;
        this.maxColumns = maxColumns;
        int paddedRows = maxRows + 7;
        values = new float[Math.multiplyExact(paddedRows, maxColumns)];
        scales = new float[Math.multiplyExact(paddedRows, blocks(maxColumns))];
    }

    /**
     * Says what comes next; contents are void until packed.
     *
     * @throws IllegalArgumentException if there is not room for it, or quantised rows are not whole blocks
     */
    public void prepare(int newRows, int newColumns, boolean newQuantised, int newTileColumns) {
        if (newRows > maxRows || newColumns > maxColumns) {
            throw new IllegalArgumentException("packed input: expected at most [" + maxRows + ", " + maxColumns
                    + "], found [" + newRows + ", " + newColumns + "]");
        }
        if (newQuantised && newColumns % PanelMatrix.BLOCK != 0) {
            throw new IllegalArgumentException("packed input: expected whole blocks of 32, found " + newColumns);
        }
        rows = newRows;
        columns = newColumns;
        quantised = newQuantised;
        tileColumns = newTileColumns;
    }

    public int rows() {
        return rows;
    }

    public int columns() {
        return columns;
    }

    public boolean isQuantised() {
        return quantised;
    }

    public int tiles() {
        return (rows + tileColumns - 1) / tileColumns;
    }

    /** First row of a tile. */
    public int tileStart(int tile) {
        return tile * tileColumns;
    }

    /** Rows of a tile, zero rows included: 1, 4 or tileColumns. */
    public int tileWidth(int tile) {
        if (rows == 1) {
            return 1;
        }
        int left = rows - tile * tileColumns;
        return left <= 4 ? Math.min(4, tileColumns) : tileColumns;
    }

    /** Where the values of a tile begin, [k][tileWidth]. */
    public int valuesOffset(int tile) {
        return tileStart(tile) * columns;
    }

    /** Where the scales of a tile begin, [k / 32][tileWidth]. */
    public int scalesOffset(int tile) {
        return tileStart(tile) * blocks(columns);
    }

    public float[] values() {
        return values;
    }

    public float[] scales() {
        return scales;
    }

    private static int blocks(int columns) {
        return (columns + PanelMatrix.BLOCK - 1) / PanelMatrix.BLOCK;
    }
}
