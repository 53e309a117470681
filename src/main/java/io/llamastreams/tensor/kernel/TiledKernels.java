package io.llamastreams.tensor.kernel;

/**
 * The walk through a matrix product that all implementations share: panel by panel, chunk by chunk of k, tile by tile of
 * input rows; they supply the loops inside.
 *
 * <p>Plain weights: {@code sum = fma(w[k], x[k], sum)} for each k in order. Quantised weights: the products of a block of 32
 * are whole numbers whose sum is exact in any order, then {@code sum = fma(blockSum, weightScale * inputScale, sum)} for
 * each block in order.
 */
public abstract class TiledKernels implements Kernels {

    @Override
    public final void multiply(
            WeightMatrix weights,
            PackedInput x,
            int fromPanel,
            int toPanel,
            float[] out,
            int outStride,
            MultiplyScratch scratch) {
        if (weights.columns() != x.columns() || weights.isQuantised() != x.isQuantised()) {
            throw new IllegalArgumentException("product: expected input of " + weights.columns()
                    + (weights.isQuantised() ? " quantised" : " plain") + " columns, found " + x.columns()
                    + (x.isQuantised() ? " quantised" : " plain"));
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
                multiplyVector(weights, panel, x, scratch.sums);
            } else {
                multiplyTiles(weights, panel, x, scratch);
            }
            int first = panel * PanelMatrix.PANEL_ROWS;
            int count = Math.min(PanelMatrix.PANEL_ROWS, weights.rows() - first);
            for (int row = 0; row < x.rows(); row++) {
                System.arraycopy(scratch.sums, row * PanelMatrix.PANEL_ROWS, out, row * outStride + first, count);
            }
        }
    }

    private void multiplyTiles(PanelMatrix weights, int panel, PackedInput x, MultiplyScratch scratch) {
        int columns = weights.columns();
        int tiles = x.tiles();
        int paddedRows = x.tileStart(tiles - 1) + x.tileWidth(tiles - 1);
        java.util.Arrays.fill(scratch.sums, 0, paddedRows * PanelMatrix.PANEL_ROWS, 0f);
        for (int k = 0; k < columns; k += MultiplyScratch.CHUNK) {
            int count = Math.min(MultiplyScratch.CHUNK, columns - k);
            decode(weights, panel, k, count, scratch);
            for (int tile = 0; tile < tiles; tile++) {
                int width = x.tileWidth(tile);
                int valuesOffset = x.valuesOffset(tile) + k * width;
                int sumsOffset = x.tileStart(tile) * PanelMatrix.PANEL_ROWS;
                if (x.isQuantised()) {
                    int scalesOffset = x.scalesOffset(tile) + k / PanelMatrix.BLOCK * width;
                    addBlocks(scratch, count / PanelMatrix.BLOCK, x, valuesOffset, scalesOffset, width, sumsOffset);
                } else {
                    addPlain(scratch, count, x, valuesOffset, width, sumsOffset);
                }
            }
        }
    }

    @Override
    public final void pack(float[] x, int stride, PackedInput out, int fromTile, int toTile) {
        for (int tile = fromTile; tile < toTile; tile++) {
            int width = out.tileWidth(tile);
            int first = out.tileStart(tile);
            for (int r = 0; r < width; r++) {
                int row = first + r;
                if (row >= out.rows()) {
                    clearRow(out, tile, r, width);
                } else if (out.isQuantised()) {
                    quantiseRow(x, row * stride, out, out.valuesOffset(tile) + r, out.scalesOffset(tile) + r, width);
                } else {
                    copyRow(x, row * stride, out.columns(), out.values, out.valuesOffset(tile) + r, width);
                }
            }
        }
    }

    private static void clearRow(PackedInput out, int tile, int row, int width) {
        for (int k = 0; k < out.columns(); k++) {
            out.values[out.valuesOffset(tile) + k * width + row] = 0f;
        }
        for (int block = 0; out.isQuantised() && block < out.columns() / PanelMatrix.BLOCK; block++) {
            out.scales[out.scalesOffset(tile) + block * width + row] = 0f;
        }
    }

    private static void copyRow(float[] x, int from, int columns, float[] values, int to, int width) {
        for (int k = 0; k < columns; k++) {
            values[to + k * width] = x[from + k];
        }
    }

    /** Per block: scale = largest magnitude / 127; value = x / scale, rounded half to even. */
    private void quantiseRow(float[] x, int from, PackedInput out, int to, int scaleTo, int width) {
        for (int block = 0; block < out.columns() / PanelMatrix.BLOCK; block++) {
            int k0 = block * PanelMatrix.BLOCK;
            float largest = largestMagnitude(x, from + k0);
            float inverse = largest == 0f ? 0f : 127f / largest;
            out.scales[scaleTo + block * width] = largest / 127f;
            for (int k = k0; k < k0 + PanelMatrix.BLOCK; k++) {
                float rounded = (x[from + k] * inverse + ExactMath.ROUNDING) - ExactMath.ROUNDING;
                out.values[to + k * width] = rounded;
            }
        }
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

    /** One input row: {@code sums} becomes the products of the panel's 32 rows. */
    protected abstract void multiplyVector(PanelMatrix weights, int panel, PackedInput x, float[] sums);

    /**
     * Turns {@code count} numbers from {@code k} on of the panel's rows into floats in {@code scratch.tile}; of quantised
     * weights these are the whole numbers, and their scales go into {@code scratch.scales}.
     */
    protected abstract void decode(PanelMatrix weights, int panel, int k, int count, MultiplyScratch scratch);

    /** Adds the products of plain weights in {@code scratch.tile} with a tile of input rows to {@code scratch.sums}. */
    protected abstract void addPlain(
            MultiplyScratch scratch, int count, PackedInput x, int valuesOffset, int width, int sumsOffset);

    /** Adds the products of quantised weights, block by block, to {@code scratch.sums}. */
    protected abstract void addBlocks(
            MultiplyScratch scratch,
            int blocks,
            PackedInput x,
            int valuesOffset,
            int scalesOffset,
            int width,
            int sumsOffset);
}
