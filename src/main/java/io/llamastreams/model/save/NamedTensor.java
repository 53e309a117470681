package io.llamastreams.model.save;

import java.util.Objects;

/**
 * Weights on the heap, as training holds them: a matrix [rows, columns] row after row, or a norm as one row. The numbers are
 * not copied and must not change while they are written.
 *
 * @param name as llama.cpp calls it, such as {@code blk.0.attn_q.weight}
 * @param data holds the numbers from {@code offset} on, and perhaps others around them
 */
public record NamedTensor(String name, int rows, int columns, float[] data, int offset) {

    /** @throws IllegalArgumentException naming the tensor, if the shape is empty or not within the data */
    public NamedTensor {
        if (rows < 1 || columns < 1) {
            throw new IllegalArgumentException(
                    "tensor " + name + ": expected at least 1 row and 1 column, found [" + rows + ", " + columns + "]");
        }
        if (offset < 0 || offset + (long) rows * columns > data.length) {
            throw new IllegalArgumentException("tensor " + name + ": expected " + (long) rows * columns
                    + " numbers from " + offset + " on, found an array of " + data.length);
        }
        Objects.requireNonNull(name, "name");
    }

    /** A norm. */
    public static NamedTensor vector(String name, float[] data) {
        return new NamedTensor(name, 1, data.length, data, 0);
    }

    int elements() {
        return rows * columns;
    }

    String thing() {
        return "tensor " + name;
    }
}
