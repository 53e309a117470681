package io.llamastreams.tensor.kernel;

import io.llamastreams.tensor.quant.NumberFormat.Element;
import io.llamastreams.tensor.quant.NumberFormat.Field;
import io.llamastreams.tensor.quant.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Lays rows of a file out side by side, in the order of {@link PanelMatrix}. {@link #packRow} says where each byte goes; full
 * panels take the way of {@link #packFull}, which moves squares of bytes through 64-bit words and gives the same.
 *
 * <p>Any thread. Allocates nothing.
 */
final class PanelPacker {
    private static final int ROWS = PanelMatrix.PANEL_ROWS;
    private static final int SCALE_BYTES = 2;

    /** Bytes of a word, and rows of which a square of bytes is turned. */
    private static final int WORD = 8;

    /** Bytes of a row that are moved together: a cache line, so that each is read once. */
    private static final int LINE = 64;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private PanelPacker() {}

    /**
     * Lays out one panel; rows that it lacks become zeros.
     *
     * @param rows {@code count} rows one after another from {@code from}
     * @param count 1 to 32
     * @param at where the panel begins in {@code out}
     */
    static void pack(
            TensorType type, MemorySegment rows, long from, int count, int columns, MemorySegment out, long at) {
        if (count == ROWS) {
            packFull(type, rows, from, columns, out, at);
            return;
        }
        long rowBytes = type.bytes(columns);
        out.asSlice(at, rowBytes * ROWS).fill((byte) 0);
        for (int row = 0; row < count; row++) {
            packRow(type, rows, from + row * rowBytes, columns, out, at, row);
        }
    }

    /** One row of a panel, byte by byte. */
    static void packRow(
            TensorType type, MemorySegment rows, long from, int columns, MemorySegment out, long at, int row) {
        if (type.blockElements() == 1) {
            copyNumbers(type, rows, from, 0, columns, out, at, row);
            return;
        }
        for (int block = 0; block < columns / type.blockElements(); block++) {
            long in = from + (long) block * type.blockBytes();
            long to = at + (long) block * ROWS * type.blockBytes();
            for (Field field : type.format().fields()) {
                copyElements(field, rows, in, out, to, row);
                in += field.bytes();
                to += (long) field.bytes() * ROWS;
            }
        }
    }

    private static void copyElements(Field field, MemorySegment rows, long from, MemorySegment out, long to, int row) {
        int bytes = field.element().bytes();
        for (int i = 0; i < field.count(); i++) {
            for (int b = 0; b < bytes; b++) {
                long element = (long) bytes * (i * ROWS + row);
                out.set(BYTE, to + element + b, rows.get(BYTE, from + (long) bytes * i + b));
            }
        }
    }

    /** Plain numbers from {@code k0} on. */
    private static void copyNumbers(
            TensorType type, MemorySegment rows, long from, int k0, int columns, MemorySegment out, long at, int row) {
        if (type.blockBytes() == 4) {
            copyInts(rows, from, k0, columns, out, at, row);
        } else {
            copyShorts(rows, from, k0, columns, out, at, row);
        }
    }

    private static void copyInts(
            MemorySegment rows, long from, int k0, int columns, MemorySegment out, long at, int row) {
        for (int k = k0; k < columns; k++) {
            out.set(INT, at + 4L * ((long) k * ROWS + row), rows.get(INT, from + 4L * k));
        }
    }

    private static void copyShorts(
            MemorySegment rows, long from, int k0, int columns, MemorySegment out, long at, int row) {
        for (int k = k0; k < columns; k++) {
            out.set(SHORT, at + 2L * ((long) k * ROWS + row), rows.get(SHORT, from + 2L * k));
        }
    }

    /** All 32 rows of a panel. */
    static void packFull(TensorType type, MemorySegment rows, long from, int columns, MemorySegment out, long at) {
        long rowBytes = type.bytes(columns);
        if (type.blockElements() == 1) {
            int whole = columns - columns % (LINE / type.blockBytes());
            if (type.blockBytes() == 4) {
                turnFullInts(rows, from, rowBytes, whole, out, at);
            } else {
                turnFullShorts(rows, from, rowBytes, whole, out, at);
            }
            for (int row = 0; row < ROWS && whole < columns; row++) {
                copyNumbers(type, rows, from + row * rowBytes, whole, columns, out, at, row);
            }
            return;
        }
        for (int block = 0; block < columns / type.blockElements(); block++) {
            long in = from + (long) block * type.blockBytes();
            long to = at + (long) block * ROWS * type.blockBytes();
            for (Field field : type.format().fields()) {
                packField(field, rows, in, rowBytes, out, to);
                in += field.bytes();
                to += (long) field.bytes() * ROWS;
            }
        }
    }

    private static void turnFullInts(
            MemorySegment rows, long from, long rowBytes, int columns, MemorySegment out, long at) {
        for (int k = 0; k < columns; k += LINE / 4) {
            for (int row = 0; row < ROWS; row += 2) {
                turnInts(rows, from + row * rowBytes + 4L * k, rowBytes, out, at + 4L * (k * (long) ROWS + row));
            }
        }
    }

    private static void turnFullShorts(
            MemorySegment rows, long from, long rowBytes, int columns, MemorySegment out, long at) {
        for (int k = 0; k < columns; k += LINE / 2) {
            for (int row = 0; row < ROWS; row += 4) {
                turnShorts(rows, from + row * rowBytes + 2L * k, rowBytes, out, at + 2L * (k * (long) ROWS + row));
            }
        }
    }

    /** A field of a block of 32 rows. */
    private static void packField(
            Field field, MemorySegment rows, long from, long rowBytes, MemorySegment out, long to) {
        int count = field.count();
        if (field.element().bytes() == SCALE_BYTES) {
            for (int i = 0; i < count; i++) {
                copyScales(rows, from + (long) SCALE_BYTES * i, rowBytes, out, to + (long) SCALE_BYTES * ROWS * i);
            }
        } else if (field.element() == Element.BYTE && count % WORD == 0) {
            for (int row = 0; row < ROWS; row += WORD) {
                turnBytes(rows, from + row * rowBytes, rowBytes, count, out, to + row);
            }
        } else {
            for (int row = 0; row < ROWS; row++) {
                copyElements(field, rows, from + row * rowBytes, out, to, row);
            }
        }
    }

    /** The scales of a block of 32 rows. */
    private static void copyScales(MemorySegment rows, long from, long rowBytes, MemorySegment out, long to) {
        for (int row = 0; row < ROWS; row++) {
            out.set(SHORT, to + (long) SCALE_BYTES * row, rows.get(SHORT, from + row * rowBytes));
        }
    }

    /** 2 rows of 16 four-byte numbers become columns, [16][2 of 32]. */
    private static void turnInts(MemorySegment rows, long from, long rowBytes, MemorySegment out, long to) {
        for (int i = 0; i < LINE; i += 8) {
            long a = rows.get(LONG, from + i);
            long b = rows.get(LONG, from + rowBytes + i);
            long line = to + (long) i * ROWS;
            out.set(LONG, line, a & 0xffffffffL | b << 32);
            out.set(LONG, line + 4L * ROWS, a >>> 32 | b & 0xffffffff00000000L);
        }
    }

    /** 4 rows of 32 two-byte numbers become columns, [32][4 of 32]. */
    private static void turnShorts(MemorySegment rows, long from, long rowBytes, MemorySegment out, long to) {
        for (int i = 0; i < LINE; i += 8) {
            long a = rows.get(LONG, from + i);
            long b = rows.get(LONG, from + rowBytes + i);
            long c = rows.get(LONG, from + 2 * rowBytes + i);
            long d = rows.get(LONG, from + 3 * rowBytes + i);
            // Numbers of k, k+2 of two rows; then of k+1, k+3.
            long ab = a & 0x0000ffff0000ffffL | (b & 0x0000ffff0000ffffL) << 16;
            long cd = c & 0x0000ffff0000ffffL | (d & 0x0000ffff0000ffffL) << 16;
            long ab1 = a >>> 16 & 0x0000ffff0000ffffL | b & 0xffff0000ffff0000L;
            long cd1 = c >>> 16 & 0x0000ffff0000ffffL | d & 0xffff0000ffff0000L;
            long line = to + (long) i * ROWS;
            out.set(LONG, line, ab & 0xffffffffL | cd << 32);
            out.set(LONG, line + 2L * ROWS, ab1 & 0xffffffffL | cd1 << 32);
            out.set(LONG, line + 4L * ROWS, ab >>> 32 | cd & 0xffffffff00000000L);
            out.set(LONG, line + 6L * ROWS, ab1 >>> 32 | cd1 & 0xffffffff00000000L);
        }
    }

    /** 8 rows of {@code count} bytes, a multiple of 8, become columns, [count][8 of 32]. */
    private static void turnBytes(MemorySegment rows, long from, long rowBytes, int count, MemorySegment out, long to) {
        for (int j = 0; j < count; j += 8) {
            long in = from + j;
            long a = rows.get(LONG, in);
            long b = rows.get(LONG, in + rowBytes);
            long c = rows.get(LONG, in + 2 * rowBytes);
            long d = rows.get(LONG, in + 3 * rowBytes);
            long e = rows.get(LONG, in + 4 * rowBytes);
            long f = rows.get(LONG, in + 5 * rowBytes);
            long g = rows.get(LONG, in + 6 * rowBytes);
            long h = rows.get(LONG, in + 7 * rowBytes);
            // Squares of 4, of 2, of 1 are swapped across the diagonal: Warren, "Hacker's Delight", 7-3.
            long t = (a >>> 32 ^ e) & 0xffffffffL;
            e ^= t;
            a ^= t << 32;
            t = (b >>> 32 ^ f) & 0xffffffffL;
            f ^= t;
            b ^= t << 32;
            t = (c >>> 32 ^ g) & 0xffffffffL;
            g ^= t;
            c ^= t << 32;
            t = (d >>> 32 ^ h) & 0xffffffffL;
            h ^= t;
            d ^= t << 32;
            t = (a >>> 16 ^ c) & 0x0000ffff0000ffffL;
            c ^= t;
            a ^= t << 16;
            t = (b >>> 16 ^ d) & 0x0000ffff0000ffffL;
            d ^= t;
            b ^= t << 16;
            t = (e >>> 16 ^ g) & 0x0000ffff0000ffffL;
            g ^= t;
            e ^= t << 16;
            t = (f >>> 16 ^ h) & 0x0000ffff0000ffffL;
            h ^= t;
            f ^= t << 16;
            t = (a >>> 8 ^ b) & 0x00ff00ff00ff00ffL;
            b ^= t;
            a ^= t << 8;
            t = (c >>> 8 ^ d) & 0x00ff00ff00ff00ffL;
            d ^= t;
            c ^= t << 8;
            t = (e >>> 8 ^ f) & 0x00ff00ff00ff00ffL;
            f ^= t;
            e ^= t << 8;
            t = (g >>> 8 ^ h) & 0x00ff00ff00ff00ffL;
            h ^= t;
            g ^= t << 8;
            long line = to + (long) j * ROWS;
            out.set(LONG, line, a);
            out.set(LONG, line + ROWS, b);
            out.set(LONG, line + 2L * ROWS, c);
            out.set(LONG, line + 3L * ROWS, d);
            out.set(LONG, line + 4L * ROWS, e);
            out.set(LONG, line + 5L * ROWS, f);
            out.set(LONG, line + 6L * ROWS, g);
            out.set(LONG, line + 7L * ROWS, h);
        }
    }
}
