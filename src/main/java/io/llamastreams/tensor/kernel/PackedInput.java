package io.llamastreams.tensor.kernel;

/**
 * Input rows of a matrix product, laid out for it; filled by {@link Kernels#pack}, read by {@link Kernels#multiply}.
 *
 * <p>Rows are grouped in wide tiles of {@code tileColumns} rows and narrow ones of 4, such that few zero rows are needed to fill
 * them; a single row is a tile of its own.
 *
 * <pre>
 * rows = 11, tileColumns = 8:   tile 0: rows 0-7     tile 1: rows 8-10 and a zero row
 *
 * PLAIN              values  [k][row of the tile]
 * BLOCKS_OF_FLOATS   values  [k][row of the tile]                   scales [block][row of the tile]
 * BLOCKS_OF_SHORTS   pairs   [block][row of the tile][32]           scales likewise
 * </pre>
 *
 * A number of a quantised input is about its whole number times its block's scale. A pair is an int that holds the whole
 * number in its lower and in its upper half, so that one broadcast fills lanes of 16 bits.
 * Of a single row, {@code corrections} holds for each block -8 times the sum of its whole numbers, modulo 2^16, as a pair:
 * where the sums of products with numbers from 0 to 15 begin if those stand for -8 to 7.
 */
public final class PackedInput {
    /** Rows of a narrow tile. */
    private static final int NARROW = 4;

    private static final int MAX_NARROW_TILES = 2;

    private final InputForm form;
    private final int maxRows;
    private final int maxColumns;
    final float[] values;
    final int[] pairs;
    final float[] scales;
    final int[] corrections;
    private int rows;
    private int columns;
    private int tileColumns;
    private int wideTiles;
    private int narrowTiles;

    /** Room for {@code maxRows} rows of {@code maxColumns} numbers. */
    public PackedInput(InputForm form, int maxRows, int maxColumns) {
        this.form = form;
        this.maxRows = maxRows;
        this.maxColumns = maxColumns;
        int paddedRows = maxRows + 7;
        int numbers = Math.multiplyExact(paddedRows, maxColumns);
        int blocks = Math.multiplyExact(paddedRows, blocks(maxColumns));
        boolean shorts = form == InputForm.BLOCKS_OF_SHORTS;
        values = new float[shorts ? 0 : numbers];
        pairs = new int[shorts ? numbers : 0];
        corrections = new int[shorts ? blocks(maxColumns) : 0];
        scales = new float[form.isQuantised() ? blocks : 0];
    }

    /**
     * Says what comes next; contents are void until packed.
     *
     * @throws IllegalArgumentException if there is not room for it, or quantised rows are not whole blocks
     */
    public void prepare(int newRows, int newColumns, int newTileColumns) {
        if (newRows > maxRows || newColumns > maxColumns) {
            throw new IllegalArgumentException("packed input: expected at most [" + maxRows + ", " + maxColumns
                    + "], found [" + newRows + ", " + newColumns + "]");
        }
        if (form.isQuantised() && newColumns % PanelMatrix.BLOCK != 0) {
            throw new IllegalArgumentException("packed input: expected whole blocks of 32, found " + newColumns);
        }
        rows = newRows;
        columns = newColumns;
        tileColumns = newTileColumns;
        arrangeTiles();
    }

    /** As few rows as possible, zero rows included, and then as few narrow tiles as possible. */
    private void arrangeTiles() {
        if (rows == 1 || tileColumns <= NARROW) {
            wideTiles = (rows + tileColumns - 1) / tileColumns;
            narrowTiles = 0;
            return;
        }
        int fewest = Integer.MAX_VALUE;
        for (int narrow = 0; narrow <= MAX_NARROW_TILES; narrow++) {
            int wide = Math.max(0, rows - narrow * NARROW + tileColumns - 1) / tileColumns;
            int padded = wide * tileColumns + narrow * NARROW;
            if (padded < fewest) {
                fewest = padded;
                wideTiles = wide;
                narrowTiles = narrow;
            }
        }
    }

    public InputForm form() {
        return form;
    }

    public int rows() {
        return rows;
    }

    public int columns() {
        return columns;
    }

    public int tiles() {
        return wideTiles + narrowTiles;
    }

    /** First row of a tile. */
    public int tileStart(int tile) {
        return Math.min(tile, wideTiles) * tileColumns + Math.max(0, tile - wideTiles) * NARROW;
    }

    /** Rows of a tile, zero rows included: 1, 4 or tileColumns. */
    public int tileWidth(int tile) {
        if (rows == 1) {
            return 1;
        }
        return tile < wideTiles ? tileColumns : NARROW;
    }

    /** The tile in which a row lies. */
    public int tileOf(int row) {
        int wideRows = wideTiles * tileColumns;
        return row < wideRows ? row / tileColumns : wideTiles + (row - wideRows) / NARROW;
    }

    /** Rows of all tiles, zero rows included. */
    public int paddedRows() {
        return rows == 1 ? 1 : wideTiles * tileColumns + narrowTiles * NARROW;
    }

    /** Where the values or pairs of a tile begin. */
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

    public int[] pairs() {
        return pairs;
    }

    public float[] scales() {
        return scales;
    }

    /** Of a single row's blocks, if its form is pairs of shorts. */
    public int[] corrections() {
        return corrections;
    }

    private static int blocks(int columns) {
        return (columns + PanelMatrix.BLOCK - 1) / PanelMatrix.BLOCK;
    }
}
