package io.llamastreams.tensor.kernel;

import io.llamastreams.tensor.quant.TensorType;

/**
 * A weight matrix [rows, columns], still in the number format of its file. Products go through it in panels of 32 rows, the
 * last of which may be short. Both forms give equal bits. Read-only once it is filled; any thread.
 */
public sealed interface WeightMatrix permits PanelMatrix, RowMatrix {

    TensorType type();

    int rows();

    int columns();

    /** Panels of 32 rows, the last one perhaps not full. */
    default int panels() {
        return (rows() + PanelMatrix.PANEL_ROWS - 1) / PanelMatrix.PANEL_ROWS;
    }

    /** Whether products take an input quantised to 8 bits. */
    default boolean isQuantised() {
        return type().blockElements() > 1;
    }

    /** Bytes of weights, without filling. */
    default long weightBytes() {
        return type().bytes(columns()) * rows();
    }

    /** Reads one row as floats: {@code columns} numbers from {@code outOffset}. */
    void readRow(int row, float[] out, int outOffset);
}
