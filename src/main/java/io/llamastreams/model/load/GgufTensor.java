package io.llamastreams.model.load;

import io.llamastreams.tensor.quant.BlockFormats;
import io.llamastreams.tensor.quant.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * One tensor of a file: a read-only view of the mapped bytes, valid while the file's arena is open.
 *
 * @param name as in the file
 * @param type number format
 * @param shape one to four dimensions in GGUF order: {@code shape[0]} is the length of a row, contiguous in memory
 * @param fileOffset where the tensor begins in the file, in bytes
 * @param data exactly the tensor's bytes, rows in order
 */
public record GgufTensor(String name, TensorType type, long[] shape, long fileOffset, MemorySegment data) {

    public GgufTensor {
        shape = shape.clone();
    }

    @Override
    public long[] shape() {
        return shape.clone();
    }

    /** Numbers in a row. */
    public long columns() {
        return shape[0];
    }

    /** Rows: the product of all dimensions but the first; 1 for a vector. */
    public long rows() {
        return elements() / shape[0];
    }

    public long elements() {
        long product = 1;
        for (long dimension : shape) {
            product *= dimension;
        }
        return product;
    }

    /**
     * All numbers, decoded into a new array: for norms and for tests, not for matrices.
     *
     * @throws ArithmeticException if they do not fit an array
     */
    public float[] toFloats() {
        float[] floats = new float[Math.toIntExact(elements())];
        BlockFormats.decode(type, data, 0, floats, 0, floats.length);
        return floats;
    }

    @Override
    public String toString() {
        return name + " " + type + " " + Arrays.toString(shape);
    }
}
