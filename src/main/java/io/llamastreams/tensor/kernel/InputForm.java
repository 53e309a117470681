package io.llamastreams.tensor.kernel;

/** How the input of a matrix product is laid out: what kernels want depends on the weights' type and on their vectors. */
public enum InputForm {
    /** Numbers as they are, for plain weights. */
    PLAIN,

    /** Blocks of 32 numbers from -127 to 127, as floats in which their products and sums are exact, and a scale each. */
    BLOCKS_OF_FLOATS,

    /** The same whole numbers, as pairs of equal shorts; sums of products are whole in 16 bits, modulo 2^16. */
    BLOCKS_OF_SHORTS;

    public boolean isQuantised() {
        return this != PLAIN;
    }
}
