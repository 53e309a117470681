package io.llamastreams.tensor.quant;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/**
 * What the bytes of a {@link TensorType} mean, in scalar code: the truth that all kernels are held against.
 *
 * <p>A row is a sequence of blocks, a block a sequence of {@link Field}s. Blocks of several rows may lie side by side: then each
 * element of each field is there for all rows, one row after another. A file is the case of one row.
 *
 * <pre>
 * file                 block of row 0: scale, byte 0, byte 1 ...
 * 32 rows side by side  scale of row 0, of row 1 ... of row 31, byte 0 of row 0, of row 1 ...
 * </pre>
 *
 * Stateless; any thread. Numbers are little-endian and need no alignment.
 */
public sealed interface NumberFormat permits PlainFormat, BlockFormat {
    /** Where f16 rounds to infinity: half a step above its largest number. */
    float F16_LIMIT = 65520;

    ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    /** Numbers in a block: 1 or a multiple of 32. */
    int blockElements();

    /** What a block is made of, in the order of the file. */
    List<Field> fields();

    /** Absolute values from here on are infinite in the format, or make a block's scale so. */
    float limit();

    /**
     * Decodes some blocks of a row.
     *
     * @param at where the first block, of {@code rows} rows side by side, begins
     * @param row which of these
     */
    void decode(MemorySegment data, long at, int rows, int row, int blocks, float[] out, int outOffset);

    /** Encodes some blocks of a row that lies by itself. What NaN or infinity become in a block of several is not defined. */
    void encode(float[] in, int inOffset, int blocks, MemorySegment data, long at);

    /** Bytes of a block of one row. */
    default int blockBytes() {
        int bytes = 0;
        for (Field field : fields()) {
            bytes += field.bytes();
        }
        return bytes;
    }

    /** Equal elements one after another. */
    record Field(Element element, int count) {
        public int bytes() {
            return element.bytes() * count;
        }
    }

    /** What fields are made of, as far as it matters to those who move, check or read them. */
    enum Element {
        F32(4),
        F16(2),
        BF16(2),
        /** Whatever the format makes of it. */
        BYTE(1);

        private final int bytes;

        Element(int bytes) {
            this.bytes = bytes;
        }

        public int bytes() {
            return bytes;
        }
    }
}
