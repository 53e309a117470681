package io.llamastreams.tensor.kernel;

import io.llamastreams.tensor.quant.BlockFormats;
import io.llamastreams.tensor.quant.TensorType;
import java.lang.foreign.MemorySegment;

/**
 * A weight matrix in file order: row by row, as in a GGUF file, usually mapped from there and so shared by all processes
 * that use it. Each product lays out the panel at hand anew in memory of its thread, which takes time and saves a copy of
 * the weights.
 */
public final class RowMatrix implements WeightMatrix {
    private final TensorType type;
    private final int rows;
    private final int columns;
    private final MemorySegment data;

    /**
     * A view of rows that lie somewhere.
     *
     * @param data exactly the matrix, rows in order; must outlive this
     * @throws IllegalArgumentException if a row is not whole blocks, or the data has another size
     */
    public RowMatrix(TensorType type, int rows, int columns, MemorySegment data) {
        long bytes = Math.multiplyExact(type.bytes(columns), (long) rows);
        if (data.byteSize() != bytes) {
            throw new IllegalArgumentException("matrix [" + rows + ", " + columns + "] of " + type + ": expected "
                    + bytes + " bytes, found " + data.byteSize());
        }
        this.type = type;
        this.rows = rows;
        this.columns = columns;
        this.data = data;
    }

    @Override
    public TensorType type() {
        return type;
    }

    @Override
    public int rows() {
        return rows;
    }

    @Override
    public int columns() {
        return columns;
    }

    @Override
    public void readRow(int row, float[] out, int outOffset) {
        BlockFormats.decode(type, data, row * type.bytes(columns), out, outOffset, columns);
    }

    /** Lays out one panel in a window of this shape. */
    void layOut(int panel, PanelMatrix window) {
        window.packPanels(data, panel, panel + 1);
    }
}
