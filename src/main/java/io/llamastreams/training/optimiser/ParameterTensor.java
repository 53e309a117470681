package io.llamastreams.training.optimiser;

/**
 * Where one tensor lies in the array of all parameters: {@code rows * columns} numbers from {@code offset}, row by row.
 *
 * @param rows 1 for a vector, such as a norm's weights
 * @param decayed whether weight decay applies: matrices yes, norms no
 */
public record ParameterTensor(String name, int rows, int columns, int offset, boolean decayed) {

    public ParameterTensor {
        if (name.isBlank()) {
            throw new IllegalArgumentException("tensor at " + offset + ": expected a name, found none");
        }
        if (rows < 1 || columns < 1 || offset < 0 || (long) offset + (long) rows * columns > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("tensor " + name
                    + ": expected a shape from 1 x 1 that ends before 2^31, found " + rows + " x " + columns + " at "
                    + offset);
        }
    }

    /** How many numbers. */
    public int size() {
        return rows * columns;
    }

    /** Offset of the first number behind. */
    public int end() {
        return offset + size();
    }
}
