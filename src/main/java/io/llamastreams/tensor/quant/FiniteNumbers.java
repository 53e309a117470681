package io.llamastreams.tensor.quant;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Tells whether f16 numbers, and the f16 scales of blocks, are finite: one that is not would make every sum of its row
 * infinite or NaN. Numbers of other types are not looked at. Any thread.
 */
public final class FiniteNumbers {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** All bits of an f16's exponent: infinite or not a number. */
    private static final int EXPONENT = 0x7c00;

    private static final long FOUR_EXPONENTS = EXPONENT * 0x0001_0001_0001_0001L;
    private static final long FOUR_LAST_EXPONENT_BITS = 0x0400_0400_0400_0400L;
    private static final long FOUR_SIGNS = 0x8000_8000_8000_8000L;

    private FiniteNumbers() {}

    /**
     * Checks rows that lie one after another.
     *
     * @param from where the first begins in {@code data}, in bytes
     * @param firstRow its number, for the message
     * @throws IllegalArgumentException if a number is not finite; the message says which
     */
    public static void require(TensorType type, MemorySegment data, long from, int firstRow, int rows, int columns) {
        long at = from;
        for (NumberFormat.Field field : type.format().fields()) {
            if (field.element() == NumberFormat.Element.F16) {
                requireField(type, field.count(), data, at, firstRow, rows, columns);
            }
            at += field.bytes();
        }
    }

    private static void requireField(
            TensorType type, int count, MemorySegment data, long from, int firstRow, int rows, int columns) {
        if (type.blockElements() == 1) {
            requireNumbers(data, from, firstRow, rows, columns);
            return;
        }
        for (int i = 0; i < count; i++) {
            requireScales(type, data, from + 2L * i, firstRow, rows, columns / type.blockElements());
        }
    }

    private static void requireNumbers(MemorySegment data, long from, int firstRow, int rows, int columns) {
        long count = (long) rows * columns;
        long i = 0;
        for (; i + 4 <= count; i += 4) {
            // The exponent's bits are all set where adding to the last of them carries into the sign.
            long exponents = data.get(LONG, from + 2 * i) & FOUR_EXPONENTS;
            if ((exponents + FOUR_LAST_EXPONENT_BITS & FOUR_SIGNS) != 0) {
                break;
            }
        }
        for (; i < count; i++) {
            short number = data.get(SHORT, from + 2 * i);
            if (!isFinite(number)) {
                throw new IllegalArgumentException("row " + (firstRow + i / columns) + ", column " + i % columns
                        + ": expected a finite number, found " + Float.float16ToFloat(number));
            }
        }
    }

    /** @param from where the scale of the first block lies */
    private static void requireScales(
            TensorType type, MemorySegment data, long from, int firstRow, int rows, int blocks) {
        long count = (long) rows * blocks;
        long at = from;
        for (long i = 0; i < count; i++, at += type.blockBytes()) {
            short scale = data.get(SHORT, at);
            if (!isFinite(scale)) {
                throw new IllegalArgumentException("row " + (firstRow + i / blocks) + ", block " + i % blocks
                        + ": expected a finite scale, found " + Float.float16ToFloat(scale));
            }
        }
    }

    private static boolean isFinite(short number) {
        return (number & EXPONENT) != EXPONENT;
    }
}
