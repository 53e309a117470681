package io.llamastreams.benchmark;

import io.llamastreams.tensor.kernel.Kernels;
import io.llamastreams.tensor.kernel.PackedInput;
import io.llamastreams.tensor.quant.TensorType;

/** Inputs of matrix products. */
final class ProductInputs {
    private ProductInputs() {}

    /** Room for the input of a product with weights of a type, in the form that these kernels take. */
    static PackedInput prepared(Kernels kernels, TensorType weights, int rows, int columns) {
        PackedInput input = new PackedInput(kernels.inputForm(weights, rows), rows, columns);
        input.prepare(rows, columns, kernels.tileColumns());
        return input;
    }

    /** The input, laid out. */
    static PackedInput packed(Kernels kernels, TensorType weights, float[] x, int rows, int columns) {
        PackedInput input = prepared(kernels, weights, rows, columns);
        kernels.pack(x, columns, input, 0, rows);
        return input;
    }
}
