package io.llamastreams.tensor.quant;

import java.util.Optional;

/**
 * Number formats of weights, with the ids that GGUF gives them.
 *
 * <p>A row of a matrix is a sequence of blocks of {@link #blockElements()} numbers in {@link #blockBytes()} bytes each, which
 * {@link #format()} describes; who reads, checks, moves or multiplies them goes by that.
 * Source: GGUF specification, "ggml_type"; block layouts in ggml's {@code ggml-common.h}.
 */
public enum TensorType {
    F32(0, PlainFormat.F32),
    F16(1, PlainFormat.F16),
    Q4_0(2, new NibbleBlocks()),
    Q8_0(8, new ByteBlocks()),
    BF16(30, PlainFormat.BF16);

    private final int ggmlId;

    @SuppressWarnings("ImmutableEnumChecker") // formats are stateless
    private final NumberFormat format;

    private final int blockElements;
    private final int blockBytes;

    TensorType(int ggmlId, NumberFormat format) {
        this.ggmlId = ggmlId;
        this.format = format;
        blockElements = format.blockElements();
        blockBytes = format.blockBytes();
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

    /** What the bytes mean. */
    public NumberFormat format() {
        return format;
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
