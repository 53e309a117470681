package io.llamastreams.tensor.vector;

import static io.llamastreams.tensor.vector.Lanes.B;
import static io.llamastreams.tensor.vector.Lanes.F;
import static io.llamastreams.tensor.vector.Lanes.L;
import static io.llamastreams.tensor.vector.Lanes.LE;
import static io.llamastreams.tensor.vector.Lanes.S;

import io.llamastreams.tensor.kernel.MultiplyScratch;
import io.llamastreams.tensor.kernel.PackedInput;
import io.llamastreams.tensor.kernel.PanelMatrix;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;

/** Panels of weights straight from memory: times one input row, or turned into floats for many. One loop a method. */
final class FloatProducts {
    private static final int ROWS = PanelMatrix.PANEL_ROWS;
    private static final int BLOCK = PanelMatrix.BLOCK;

    /** Bytes of the scales of a block's 32 rows. */
    private static final int SCALE_BYTES = 2 * ROWS;

    private static final int Q8_BLOCK_BYTES = SCALE_BYTES + BLOCK * ROWS;

    /** Whether the loop of one row holds a whole panel. */
    private static final boolean WHOLE_PANEL = TileChoice.plainRowVectors(Lanes.bits()) == 2;

    private FloatProducts() {}

    /** F32, one input row: {@code sums} becomes the products of the panel's 32 rows. */
    static void multiplyFloats(PanelMatrix weights, int panel, PackedInput x, float[] sums) {
        MemorySegment data = weights.data();
        long at = weights.panelOffset(panel);
        if (WHOLE_PANEL) {
            floats2(data, at, weights.columns(), x.values(), sums);
            return;
        }
        for (int v = 0; v < ROWS; v += 4 * L) {
            floats4(data, at + 4L * v, weights.columns(), x.values(), sums, v);
        }
    }

    /** F16, one input row. */
    static void multiplyHalves(PanelMatrix weights, int panel, PackedInput x, float[] sums) {
        MemorySegment data = weights.data();
        long at = weights.panelOffset(panel);
        if (WHOLE_PANEL) {
            halves2(data, at, weights.columns(), x.values(), sums);
            return;
        }
        for (int v = 0; v < ROWS; v += 4 * L) {
            halves4(data, at + 2L * v, weights.columns(), x.values(), sums, v);
        }
    }

    /** BF16, one input row. */
    static void multiplyBfloats(PanelMatrix weights, int panel, PackedInput x, float[] sums) {
        MemorySegment data = weights.data();
        long at = weights.panelOffset(panel);
        if (WHOLE_PANEL) {
            bfloats2(data, at, weights.columns(), x.values(), sums);
            return;
        }
        for (int v = 0; v < ROWS; v += 4 * L) {
            bfloats4(data, at + 2L * v, weights.columns(), x.values(), sums, v);
        }
    }

    /** Q8_0, one input row; for vectors of which two are a whole panel. */
    static void multiplyBytes(PanelMatrix weights, int panel, PackedInput x, float[] sums) {
        long at = weights.panelOffset(panel);
        bytes(weights.data(), at, 0, weights.columns() / BLOCK, x.values(), x.scales(), sums);
    }

    /** Weights of Q8_0 and a tile of 4 or 8 input rows, added to {@code sums}. */
    static void addBytes(PanelMatrix weights, int panel, PackedInput x, int tile, float[] sums) {
        long at = weights.panelOffset(panel);
        int blocks = weights.columns() / BLOCK;
        int xAt = x.valuesOffset(tile);
        int scaleAt = x.scalesOffset(tile);
        int to = x.tileStart(tile) * ROWS;
        for (int v = 0; v < ROWS; v += 2 * L) {
            if (x.tileWidth(tile) == 8) {
                Q8PanelTiles.tile2x8(weights.data(), at, v, blocks, x, xAt, scaleAt, sums, to + v);
            } else {
                Q8PanelTiles.tile2x4(weights.data(), at, v, blocks, x, xAt, scaleAt, sums, to + v);
            }
        }
    }

    // The loops below take whole lines of memory where the registers allow, since every other line was slow.

    /** A whole panel in two vectors. Four k at a time, whose loads come first: memory is read at up to twice the speed. */
    private static void floats2(MemorySegment data, long at, int columns, float[] x, float[] sums) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        int k = 0;
        for (; k < columns - 3; k += 4) {
            long row = at + 4L * ROWS * k;
            FloatVector a0 = FloatVector.fromMemorySegment(F, data, row, LE);
            FloatVector b0 = FloatVector.fromMemorySegment(F, data, row + 4L * L, LE);
            FloatVector a1 = FloatVector.fromMemorySegment(F, data, row + 8L * L, LE);
            FloatVector b1 = FloatVector.fromMemorySegment(F, data, row + 12L * L, LE);
            FloatVector a2 = FloatVector.fromMemorySegment(F, data, row + 16L * L, LE);
            FloatVector b2 = FloatVector.fromMemorySegment(F, data, row + 20L * L, LE);
            FloatVector a3 = FloatVector.fromMemorySegment(F, data, row + 24L * L, LE);
            FloatVector b3 = FloatVector.fromMemorySegment(F, data, row + 28L * L, LE);
            FloatVector x0 = FloatVector.broadcast(F, x[k]);
            FloatVector x1 = FloatVector.broadcast(F, x[k + 1]);
            FloatVector x2 = FloatVector.broadcast(F, x[k + 2]);
            FloatVector x3 = FloatVector.broadcast(F, x[k + 3]);
            a = a3.fma(x3, a2.fma(x2, a1.fma(x1, a0.fma(x0, a))));
            b = b3.fma(x3, b2.fma(x2, b1.fma(x1, b0.fma(x0, b))));
        }
        for (; k < columns; k++) {
            FloatVector value = FloatVector.broadcast(F, x[k]);
            long row = at + 4L * ROWS * k;
            a = FloatVector.fromMemorySegment(F, data, row, LE).fma(value, a);
            b = FloatVector.fromMemorySegment(F, data, row + 4L * L, LE).fma(value, b);
        }
        a.intoArray(sums, 0);
        b.intoArray(sums, L);
    }

    /** Four vectors of weight rows. */
    private static void floats4(MemorySegment data, long at, int columns, float[] x, float[] sums, int v) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int k = 0; k < columns; k++) {
            FloatVector value = FloatVector.broadcast(F, x[k]);
            long row = at + 4L * ROWS * k;
            a = FloatVector.fromMemorySegment(F, data, row, LE).fma(value, a);
            b = FloatVector.fromMemorySegment(F, data, row + 4L * L, LE).fma(value, b);
            c = FloatVector.fromMemorySegment(F, data, row + 8L * L, LE).fma(value, c);
            d = FloatVector.fromMemorySegment(F, data, row + 12L * L, LE).fma(value, d);
        }
        a.intoArray(sums, v);
        b.intoArray(sums, v + L);
        c.intoArray(sums, v + 2 * L);
        d.intoArray(sums, v + 3 * L);
    }

    /** A whole panel in two vectors. */
    private static void halves2(MemorySegment data, long at, int columns, float[] x, float[] sums) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        for (int k = 0; k < columns; k++) {
            FloatVector value = FloatVector.broadcast(F, x[k]);
            long row = at + 2L * ROWS * k;
            a = Lanes.halfToFloat(ShortVector.fromMemorySegment(S, data, row, LE))
                    .fma(value, a);
            b = Lanes.halfToFloat(ShortVector.fromMemorySegment(S, data, row + 2L * L, LE))
                    .fma(value, b);
        }
        a.intoArray(sums, 0);
        b.intoArray(sums, L);
    }

    /** Four vectors of weight rows. */
    private static void halves4(MemorySegment data, long at, int columns, float[] x, float[] sums, int v) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int k = 0; k < columns; k++) {
            FloatVector value = FloatVector.broadcast(F, x[k]);
            long row = at + 2L * ROWS * k;
            a = Lanes.halfToFloat(ShortVector.fromMemorySegment(S, data, row, LE))
                    .fma(value, a);
            b = Lanes.halfToFloat(ShortVector.fromMemorySegment(S, data, row + 2L * L, LE))
                    .fma(value, b);
            c = Lanes.halfToFloat(ShortVector.fromMemorySegment(S, data, row + 4L * L, LE))
                    .fma(value, c);
            d = Lanes.halfToFloat(ShortVector.fromMemorySegment(S, data, row + 6L * L, LE))
                    .fma(value, d);
        }
        a.intoArray(sums, v);
        b.intoArray(sums, v + L);
        c.intoArray(sums, v + 2 * L);
        d.intoArray(sums, v + 3 * L);
    }

    /** A whole panel in two vectors. */
    private static void bfloats2(MemorySegment data, long at, int columns, float[] x, float[] sums) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        for (int k = 0; k < columns; k++) {
            FloatVector value = FloatVector.broadcast(F, x[k]);
            long row = at + 2L * ROWS * k;
            a = Lanes.bfloatToFloat(ShortVector.fromMemorySegment(S, data, row, LE))
                    .fma(value, a);
            b = Lanes.bfloatToFloat(ShortVector.fromMemorySegment(S, data, row + 2L * L, LE))
                    .fma(value, b);
        }
        a.intoArray(sums, 0);
        b.intoArray(sums, L);
    }

    /** Four vectors of weight rows. */
    private static void bfloats4(MemorySegment data, long at, int columns, float[] x, float[] sums, int v) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int k = 0; k < columns; k++) {
            FloatVector value = FloatVector.broadcast(F, x[k]);
            long row = at + 2L * ROWS * k;
            a = Lanes.bfloatToFloat(ShortVector.fromMemorySegment(S, data, row, LE))
                    .fma(value, a);
            b = Lanes.bfloatToFloat(ShortVector.fromMemorySegment(S, data, row + 2L * L, LE))
                    .fma(value, b);
            c = Lanes.bfloatToFloat(ShortVector.fromMemorySegment(S, data, row + 4L * L, LE))
                    .fma(value, c);
            d = Lanes.bfloatToFloat(ShortVector.fromMemorySegment(S, data, row + 6L * L, LE))
                    .fma(value, d);
        }
        a.intoArray(sums, v);
        b.intoArray(sums, v + L);
        c.intoArray(sums, v + 2 * L);
        d.intoArray(sums, v + 3 * L);
    }

    @SuppressWarnings("NarrowCalculation") // within a block
    private static void bytes(MemorySegment data, long at, int v, int blocks, float[] x, float[] scales, float[] sums) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        for (int block = 0; block < blocks; block++) {
            long scaleAt = at + (long) Q8_BLOCK_BYTES * block + 2L * v;
            long byteAt = at + (long) Q8_BLOCK_BYTES * block + SCALE_BYTES + v;
            FloatVector a0 = FloatVector.zero(F);
            FloatVector a1 = a0;
            FloatVector b0 = a0;
            FloatVector b1 = a0;
            for (int k = 0; k < BLOCK; k += 2) {
                FloatVector x0 = FloatVector.broadcast(F, x[block * BLOCK + k]);
                FloatVector x1 = FloatVector.broadcast(F, x[block * BLOCK + k + 1]);
                long row = byteAt + ROWS * k;
                a0 = Lanes.bytesToFloat(ByteVector.fromMemorySegment(B, data, row, LE))
                        .fma(x0, a0);
                b0 = Lanes.bytesToFloat(ByteVector.fromMemorySegment(B, data, row + L, LE))
                        .fma(x0, b0);
                a1 = Lanes.bytesToFloat(ByteVector.fromMemorySegment(B, data, row + ROWS, LE))
                        .fma(x1, a1);
                b1 = Lanes.bytesToFloat(ByteVector.fromMemorySegment(B, data, row + ROWS + L, LE))
                        .fma(x1, b1);
            }
            FloatVector s0 = Lanes.halfToFloat(ShortVector.fromMemorySegment(S, data, scaleAt, LE));
            FloatVector s1 = Lanes.halfToFloat(ShortVector.fromMemorySegment(S, data, scaleAt + 2L * L, LE));
            a = a0.add(a1).fma(s0.mul(scales[block]), a);
            b = b0.add(b1).fma(s1.mul(scales[block]), b);
        }
        a.intoArray(sums, v);
        b.intoArray(sums, v + L);
    }

    /** Numbers {@code k} to {@code k + count} of a panel of F16 as floats, [count][32] of {@code plainTile}. */
    static void decodeHalves(PanelMatrix weights, int panel, int k, int count, MultiplyScratch scratch) {
        decodeHalves(weights.data(), offset(weights, panel, k), count * ROWS, scratch.plainTile);
    }

    /** The same of BF16. */
    static void decodeBfloats(PanelMatrix weights, int panel, int k, int count, MultiplyScratch scratch) {
        decodeBfloats(weights.data(), offset(weights, panel, k), count * ROWS, scratch.plainTile);
    }

    /** The same of Q8_0, unscaled, [count][32] of {@code tile}, and their scales. */
    static void decodeBytes(PanelMatrix weights, int panel, int k, int count, MultiplyScratch scratch) {
        long at = offset(weights, panel, k);
        for (int block = 0; block < count / BLOCK; block++) {
            long blockAt = at + (long) Q8_BLOCK_BYTES * block;
            decodeScales(weights.data(), blockAt, scratch.scales, block * ROWS);
            decodeBytes(weights.data(), blockAt + SCALE_BYTES, scratch.tile, block * BLOCK * ROWS);
        }
    }

    private static long offset(PanelMatrix weights, int panel, int k) {
        return weights.panelOffset(panel) + weights.type().bytes(k) * ROWS;
    }

    private static void decodeHalves(MemorySegment data, long at, int count, MemorySegment tile) {
        for (int i = 0; i < count; i += L) {
            Lanes.halfToFloat(ShortVector.fromMemorySegment(S, data, at + 2L * i, LE))
                    .intoMemorySegment(tile, 4L * i, LE);
        }
    }

    private static void decodeBfloats(MemorySegment data, long at, int count, MemorySegment tile) {
        for (int i = 0; i < count; i += L) {
            Lanes.bfloatToFloat(ShortVector.fromMemorySegment(S, data, at + 2L * i, LE))
                    .intoMemorySegment(tile, 4L * i, LE);
        }
    }

    private static void decodeScales(MemorySegment data, long at, float[] scales, int to) {
        for (int i = 0; i < ROWS; i += L) {
            Lanes.halfToFloat(ShortVector.fromMemorySegment(S, data, at + 2L * i, LE))
                    .intoArray(scales, to + i);
        }
    }

    private static void decodeBytes(MemorySegment data, long at, float[] tile, int to) {
        for (int i = 0; i < BLOCK * ROWS; i += L) {
            Lanes.bytesToFloat(ByteVector.fromMemorySegment(B, data, at + i, LE))
                    .intoArray(tile, to + i);
        }
    }
}
