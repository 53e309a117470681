package io.llamastreams.tensor.vector;

import io.llamastreams.tensor.kernel.InputForm;
import io.llamastreams.tensor.quant.TensorType;

/**
 * Which loop multiplies: decided here alone, by type of the weights, rows of the input and bits of the vectors. A type of weights
 * is a row of the table; the package's description says why it is so.
 *
 * @param rowAt512 loop of a single input row, in vectors of 512 bits
 * @param rowBelow the same in shorter vectors
 * @param few loop of more rows than one, in at most so many tiles:
 * @param fewAt512 tiles in vectors of 512 bits
 * @param fewBelow tiles in shorter vectors
 * @param many loop of more tiles than these
 */
record TileChoice(RowLoop rowAt512, RowLoop rowBelow, TileLoop few, int fewAt512, int fewBelow, TileLoop many) {
    private static final TileChoice F32 =
            new TileChoice(RowLoop.F32, RowLoop.F32, TileLoop.F32_PANEL, 0, 0, TileLoop.F32_PANEL);
    private static final TileChoice F16 =
            new TileChoice(RowLoop.F16, RowLoop.F16, TileLoop.PLAIN_DECODED, 0, 0, TileLoop.PLAIN_DECODED);
    private static final TileChoice BF16 =
            new TileChoice(RowLoop.BF16, RowLoop.BF16, TileLoop.PLAIN_DECODED, 0, 0, TileLoop.PLAIN_DECODED);
    private static final TileChoice Q8_0 =
            new TileChoice(RowLoop.Q8_FLOATS, RowLoop.Q8_SHORTS, TileLoop.Q8_PANEL, 3, 1, TileLoop.Q8_DECODED);
    private static final TileChoice Q4_0 =
            new TileChoice(RowLoop.Q4_SHORTS, RowLoop.Q4_SHORTS, TileLoop.Q4_PANEL, 3, 1, TileLoop.Q4_DECODED);

    /** Loops of a single input row. All read the panel. */
    enum RowLoop {
        F32(InputForm.PLAIN),
        F16(InputForm.PLAIN),
        BF16(InputForm.PLAIN),
        Q8_FLOATS(InputForm.BLOCKS_OF_FLOATS),
        Q8_SHORTS(InputForm.BLOCKS_OF_SHORTS),
        Q4_SHORTS(InputForm.BLOCKS_OF_SHORTS);

        private final InputForm input;

        RowLoop(InputForm input) {
            this.input = input;
        }
    }

    /** Loops of tiles of input rows. */
    enum TileLoop {
        /** {@link PlainTiles} that read the panel. */
        F32_PANEL(InputForm.PLAIN),
        /** {@link PlainTiles}. */
        PLAIN_DECODED(InputForm.PLAIN),
        /** {@link Q8PanelTiles}. */
        Q8_PANEL(InputForm.BLOCKS_OF_FLOATS),
        /** {@link DecodedFloatTiles}. */
        Q8_DECODED(InputForm.BLOCKS_OF_FLOATS),
        /** {@link Q4PanelTiles}. */
        Q4_PANEL(InputForm.BLOCKS_OF_SHORTS),
        /** {@link DecodedShortTiles}. */
        Q4_DECODED(InputForm.BLOCKS_OF_SHORTS);

        private final InputForm input;

        TileLoop(InputForm input) {
            this.input = input;
        }
    }

    TileChoice {
        if (few.input != many.input) {
            throw new IllegalArgumentException("tiles: expected the same input for " + few + " and " + many + ", found "
                    + few.input + ", " + many.input);
        }
    }

    static TileChoice of(TensorType weights) {
        return switch (weights) {
            case F32 -> F32;
            case F16 -> F16;
            case BF16 -> BF16;
            case Q8_0 -> Q8_0;
            case Q4_0 -> Q4_0;
        };
    }

    RowLoop row(int bits) {
        return bits == 512 ? rowAt512 : rowBelow;
    }

    /** Most tiles whose loop is {@link #few}. */
    int fewTiles(int bits) {
        return bits == 512 ? fewAt512 : fewBelow;
    }

    InputForm input(int rows, int bits) {
        return rows == 1 ? row(bits).input : many.input;
    }

    /** Rows of a wide tile, of inputs as well as of queries; a narrow one has 4. */
    static int wideRows(int bits) {
        return bits == 512 ? 8 : 4;
    }

    /** Vectors of 32-bit lanes that the loop of a single row of plain weights holds. */
    static int plainRowVectors(int bits) {
        return bits == 512 ? 2 : 4;
    }

    /** Vectors of 16-bit lanes that loops hold: of a single row of Q4_0, and of tiles of decoded weights. */
    static int shortVectors(int rows, int bits) {
        return rows == 8 || bits == 512 ? 1 : 2;
    }
}
