package io.llamastreams.tensor.quant;

import java.lang.foreign.MemorySegment;
import java.util.List;

/** Formats whose blocks are single numbers. */
public enum PlainFormat implements NumberFormat {
    F32(Element.F32, Float.POSITIVE_INFINITY) {
        @Override
        public float read(MemorySegment data, long at) {
            return Float.intBitsToFloat(data.get(INT, at));
        }

        @Override
        void write(MemorySegment data, long at, float number) {
            data.set(INT, at, Float.floatToRawIntBits(number));
        }
    },
    F16(Element.F16, F16_LIMIT) {
        @Override
        public float read(MemorySegment data, long at) {
            return Float.float16ToFloat(data.get(SHORT, at));
        }

        @Override
        void write(MemorySegment data, long at, float number) {
            data.set(SHORT, at, Float.floatToFloat16(number));
        }
    },
    BF16(Element.BF16, Float.POSITIVE_INFINITY) {
        @Override
        public float read(MemorySegment data, long at) {
            return BlockFormats.bf16ToFloat(data.get(SHORT, at));
        }

        @Override
        void write(MemorySegment data, long at, float number) {
            data.set(SHORT, at, BlockFormats.floatToBf16(number));
        }
    };

    private final int bytes;
    private final float limit;

    @SuppressWarnings("ImmutableEnumChecker") // nobody can change it
    private final List<Field> fields;

    PlainFormat(Element element, float limit) {
        bytes = element.bytes();
        this.limit = limit;
        fields = List.of(new Field(element, 1));
    }

    /** The number that begins at a byte. */
    public abstract float read(MemorySegment data, long at);

    abstract void write(MemorySegment data, long at, float number);

    @Override
    public int blockElements() {
        return 1;
    }

    @Override
    public List<Field> fields() {
        return fields;
    }

    @Override
    public float limit() {
        return limit;
    }

    @Override
    public void decode(MemorySegment data, long at, int rows, int row, int blocks, float[] out, int outOffset) {
        for (int i = 0; i < blocks; i++) {
            out[outOffset + i] = read(data, at + (long) bytes * ((long) i * rows + row));
        }
    }

    @Override
    public void encode(float[] in, int inOffset, int blocks, MemorySegment data, long at) {
        for (int i = 0; i < blocks; i++) {
            write(data, at + (long) bytes * i, in[inOffset + i]);
        }
    }
}
