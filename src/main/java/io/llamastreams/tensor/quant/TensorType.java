package io.llamastreams.tensor.quant;

import java.util.Optional;

/**
 * Number formats of weights, with the ids that GGUF gives them.
 *
 * <p>A row of a matrix is a sequence of blocks of {@link #blockElements()} numbers in {@link #blockBytes()} bytes each.
 * Source: GGUF specification, "ggml_type"; block layouts in ggml's {@code ggml-common.h}.
 */
public enum TensorType {
    F32(0, 1, 4),
    F16(1, 1, 2),
    /** 32 numbers: f16 scale, 16 bytes; low nibbles are elements 0-15, high ones 16-31, value (nibble - 8) * scale. */
    Q4_0(2, 32, 18),
    /** 32 numbers: f16 scale, 32 signed bytes, value byte * scale. */
    Q8_0(8, 32, 34),
    BF16(30, 1, 2);

    private final int ggmlId;
    private final int blockElements;
    private final int blockBytes;

    TensorType(int ggmlId, int blockElements, int blockBytes) {
        this.ggmlId = ggmlId;
        this.blockElements = blockElements;
        this.blockBytes = blockBytes;
    }

    public static Optional<TensorType> ofGgmlId(int ggmlId) {
        for (TensorType type : values()) {
            if (type.ggmlId == ggmlId) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    public int ggmlId() {
        return ggmlId;
    }

    public int blockElements() {
        return blockElements;
    }

    public int blockBytes() {
        return blockBytes;
    }

    /**
     * Bytes of {@code elements} consecutive numbers.
     *
     * @throws IllegalArgumentException if they are not whole blocks
     * @throws ArithmeticException if the result does not fit a long
     */
    public long bytes(long elements) {
        if (elements % blockElements != 0) {
            throw new IllegalArgumentException(
                    this + ": expected a multiple of " + blockElements + " elements, found " + elements);
        }
        return Math.multiplyExact(elements / blockElements, (long) blockBytes);
    }
}
