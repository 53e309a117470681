package io.llamastreams.tensor.kernel;

import io.llamastreams.tensor.quant.TensorType;
import java.util.Arrays;

/**
 * The walk through a matrix product that all implementations share: panel by panel, chunk by chunk of k, tile by tile of
 * input rows; they supply the loops inside.
 *
 * <p>Plain weights: {@code sum = fma(w[k], x[k], sum)} for each k in order. Quantised weights: the products of a block of 32
 * are whole numbers whose sum is exact in any order, then {@code sum = fma(blockSum, weightScale * inputScale, sum)} for
 * each block in order.
 */
public abstract class TiledKernels implements Kernels {
    /** Below this, 127 / magnitude could be infinite; products of such a block are far below any other. */
    private static final float SMALLEST_BLOCK = 0x1p-100f;

    @Override
    public final void multiply(
            WeightMatrix weights,
            PackedInput x,
            int fromPanel,
            int toPanel,
            float[] out,
            int outStride,
            MultiplyScratch scratch) {
        InputForm wanted = inputForm(weights.type(), x.rows());
        if (weights.columns() != x.columns() || wanted != x.form()) {
            throw new IllegalArgumentException("product: expected input of " + weights.columns() + " columns, " + wanted
                    + ", found " + x.columns() + ", " + x.form());
        }
        switch (weights) {
            case PanelMatrix panels -> multiplyPanels(panels, x, fromPanel, toPanel, out, outStride, scratch);
            case RowMatrix rows -> {
                PanelMatrix window = scratch.window(rows);
                for (int panel = fromPanel; panel < toPanel; panel++) {
                    rows.layOut(panel, window);
                    multiplyPanels(window, x, panel, panel + 1, out, outStride, scratch);
                }
            }
        }
    }

    private void multiplyPanels(
            PanelMatrix weights,
            PackedInput x,
            int fromPanel,
            int toPanel,
            float[] out,
            int outStride,
            MultiplyScratch scratch) {
        for (int panel = fromPanel; panel < toPanel; panel++) {
            if (x.rows() == 1) {
                multiplyVector(weights, panel, x, scratch);
            } else {
                multiplyTiles(weights, panel, x, scratch);
            }
            int first = panel * PanelMatrix.PANEL_ROWS;
            int count = Math.min(PanelMatrix.PANEL_ROWS, weights.rows() - first);
            for (int row = 0; row < x.rows(); row++) {
                copySums(x.form(), scratch.sums, row * PanelMatrix.PANEL_ROWS, out, row * outStride + first, count);
            }
        }
    }

    private void multiplyTiles(PanelMatrix weights, int panel, PackedInput x, MultiplyScratch scratch) {
        int columns = weights.columns();
        int tiles = x.tiles();
        Arrays.fill(scratch.sums, 0, x.paddedRows() * PanelMatrix.PANEL_ROWS, 0f);
        if (tiles <= directTiles(weights.type())) {
            for (int tile = 0; tile < tiles; tile++) {
                addDirectly(weights, panel, x, tile, scratch);
            }
            return;
        }
        for (int k = 0; k < columns; k += MultiplyScratch.CHUNK) {
            int count = Math.min(MultiplyScratch.CHUNK, columns - k);
            decode(weights, panel, k, count, scratch);
            for (int tile = 0; tile < tiles; tile++) {
                int width = x.tileWidth(tile);
                int valuesOffset = x.valuesOffset(tile) + k * width;
                int scalesOffset = x.scalesOffset(tile) + k / PanelMatrix.BLOCK * width;
                int sumsOffset = x.tileStart(tile) * PanelMatrix.PANEL_ROWS;
                int blocks = count / PanelMatrix.BLOCK;
                switch (x.form()) {
                    case PLAIN -> addPlain(weights, panel, k, count, x, tile, scratch);
                    case BLOCKS_OF_FLOATS ->
                        addBlocks(scratch, blocks, x, valuesOffset, scalesOffset, width, sumsOffset);
                    case BLOCKS_OF_SHORTS ->
                        addShorts(scratch, blocks, x, valuesOffset, scalesOffset, width, sumsOffset);
                }
            }
        }
    }

    @Override
    public final void pack(float[] x, int stride, PackedInput out, int fromRow, int toRow) {
        for (int row = fromRow; row < toRow; row++) {
            int tile = out.tileOf(row);
            int inTile = row - out.tileStart(tile);
            int width = out.tileWidth(tile);
            if (out.form() == InputForm.PLAIN) {
                copyRow(x, row * stride, out.columns(), out.values, out.valuesOffset(tile) + inTile, width);
            } else {
                quantiseRow(x, row * stride, out, tile, inTile, width);
            }
        }
        if (toRow == out.rows()) {
            clearRowsFrom(toRow, out);
        }
    }

    /** The zero rows that fill the last tiles. */
    private static void clearRowsFrom(int firstRow, PackedInput out) {
        for (int row = firstRow; row < out.paddedRows(); row++) {
            int tile = out.tileOf(row);
            clearRow(out, tile, row - out.tileStart(tile), out.tileWidth(tile));
        }
    }

    private static void clearRow(PackedInput out, int tile, int row, int width) {
        int valuesAt = out.valuesOffset(tile);
        if (out.form() != InputForm.BLOCKS_OF_SHORTS) {
            for (int k = 0; k < out.columns(); k++) {
                out.values[valuesAt + k * width + row] = 0f;
            }
        }
        for (int block = 0; out.form().isQuantised() && block < out.columns() / PanelMatrix.BLOCK; block++) {
            int place = block * width + row;
            out.scales[out.scalesOffset(tile) + place] = 0f;
            if (out.form() == InputForm.BLOCKS_OF_SHORTS) {
                int from = valuesAt + place * PanelMatrix.BLOCK;
                Arrays.fill(out.pairs, from, from + PanelMatrix.BLOCK, 0);
            }
        }
    }

    private static void copyRow(float[] x, int from, int columns, float[] values, int to, int width) {
        for (int k = 0; k < columns; k++) {
            values[to + k * width] = x[from + k];
        }
    }

    /** Per block: scale = largest magnitude / 127; whole number = x / scale, rounded half to even. */
    private void quantiseRow(float[] x, int from, PackedInput out, int tile, int row, int width) {
        for (int block = 0; block < out.columns() / PanelMatrix.BLOCK; block++) {
            int at = from + block * PanelMatrix.BLOCK;
            int place = block * width + row;
            float largest = largestMagnitude(x, at);
            // a NaN goes on: the scale is NaN then
            float inverse = largest < SMALLEST_BLOCK ? 0f : 127f / largest;
            out.scales[out.scalesOffset(tile) + place] = largest / 127f;
            if (out.form() == InputForm.BLOCKS_OF_SHORTS) {
                quantiseToPairs(x, at, inverse, out.pairs, out.valuesOffset(tile) + place * PanelMatrix.BLOCK);
                if (out.rows() == 1) {
                    out.corrections[block] = correction(out.pairs, block * PanelMatrix.BLOCK);
                }
            } else {
                int to = out.valuesOffset(tile) + block * PanelMatrix.BLOCK * width + row;
                for (int k = 0; k < PanelMatrix.BLOCK; k++) {
                    out.values[to + k * width] = (x[at + k] * inverse + ExactMath.ROUNDING) - ExactMath.ROUNDING;
                }
            }
        }
    }

    /** -8 times the sum of 32 whole numbers, modulo 2^16, as a pair. */
    private static int correction(int[] pairs, int from) {
        int sum = 0;
        for (int k = 0; k < PanelMatrix.BLOCK; k++) {
            sum += (short) pairs[from + k];
        }
        return -8 * sum & 0xffff | -8 * sum << 16;
    }

    @Override
    public final void ropeInPlace(float[] x, int offset, int heads, int headSize, float[] cosSin, int tableOffset) {
        for (int head = 0; head < heads; head++) {
            int h = offset + head * headSize;
            for (int i = 0; i < headSize; i += 2) {
                float cos = cosSin[tableOffset + i];
                float sin = cosSin[tableOffset + i + 1];
                float a = x[h + i];
                float b = x[h + i + 1];
                x[h + i] = Math.fma(a, cos, -(b * sin));
                x[h + i + 1] = Math.fma(a, sin, b * cos);
            }
        }
    }

    /** The largest magnitude of the 32 numbers from {@code from} on; NaN if one is NaN. */
    protected abstract float largestMagnitude(float[] x, int from);

    /**
     * Rounds {@code x[from + k] * inverse} for 32 k to whole numbers from -127 to 127, which go into {@code pairs} from
     * {@code to} on; any numbers if one is NaN.
     */
    protected abstract void quantiseToPairs(float[] x, int from, float inverse, int[] pairs, int to);

    /** One input row: the first 32 of {@code scratch.sums} become the products of the panel's rows, in the form's order. */
    protected abstract void multiplyVector(PanelMatrix weights, int panel, PackedInput x, MultiplyScratch scratch);

    /** Up to how many tiles of input rows are better multiplied by {@link #addDirectly} than by what takes decoded weights. */
    protected int directTiles(TensorType weights) {
        return 0;
    }

    /** Adds the products of a panel, read where it is, with a tile of input rows to {@code scratch.sums}. */
    protected void addDirectly(PanelMatrix weights, int panel, PackedInput x, int tile, MultiplyScratch scratch) {
        throw new IllegalStateException(name() + " has no direct tiles");
    }

    /**
     * Turns {@code count} numbers from {@code k} on of the panel's rows into floats in {@code scratch.plainTile}, or leaves
     * plain floats to {@link #addPlain}. Of quantised weights the whole numbers go to {@code scratch.tile} and their scales
     * to {@code scratch.scales}; where inputs are pairs of shorts, numbers go to {@code scratch.shortTile} instead, and scales
     * are in the form's order.
     */
    protected abstract void decode(PanelMatrix weights, int panel, int k, int count, MultiplyScratch scratch);

    /** Adds the products of plain weights, as decoded from {@code k} on, with a tile of input rows to {@code scratch.sums}. */
    protected abstract void addPlain(
            PanelMatrix weights, int panel, int k, int count, PackedInput x, int tile, MultiplyScratch scratch);

    /** Adds the products of quantised weights, block by block, to {@code scratch.sums}. */
    protected abstract void addBlocks(
            MultiplyScratch scratch,
            int blocks,
            PackedInput x,
            int valuesOffset,
            int scalesOffset,
            int width,
            int sumsOffset);

    /** As {@link #addBlocks}, of weights in {@code scratch.shortTile}; sums are in the form's order. */
    protected abstract void addShorts(
            MultiplyScratch scratch,
            int blocks,
            PackedInput x,
            int valuesOffset,
            int scalesOffset,
            int width,
            int sumsOffset);

    /** Copies the first {@code count} of a panel's 32 sums to {@code out}, from the form's order into that of the rows. */
    protected void copySums(InputForm form, float[] sums, int from, float[] out, int to, int count) {
        System.arraycopy(sums, from, out, to, count);
    }
}
