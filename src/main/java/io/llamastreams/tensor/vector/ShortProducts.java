package io.llamastreams.tensor.vector;

import static io.llamastreams.tensor.vector.Lanes.F;
import static io.llamastreams.tensor.vector.Lanes.I;
import static io.llamastreams.tensor.vector.Lanes.L;
import static io.llamastreams.tensor.vector.Lanes.LE;
import static io.llamastreams.tensor.vector.Lanes.W;
import static io.llamastreams.tensor.vector.Lanes.WB;

import io.llamastreams.tensor.kernel.MultiplyScratch;
import io.llamastreams.tensor.kernel.PackedInput;
import io.llamastreams.tensor.kernel.PanelMatrix;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Products of quantised weights in lanes of 16 bits, twice as many as a vector has floats. Lane i is weight row v + i.
 *
 * <p>Q4_0: a block sum of 32 products of -8 to 7 and -127 to 127 is at most 32,512 in magnitude, and so exact.
 * For one input row, nibbles are left as 0 to 15, which saves a subtraction each: sums begin with the input's correction, may
 * pass 2^15 on the way, and are exact at the end because they are so modulo 2^16.
 *
 * <p>Q8_0: two products of -128 to 127 and -127 to 127 have an exact sum p. A block's 16 p are added up modulo 2^16, and so are
 * their upper bytes, from which the sum is rebuilt. Worth it for one input row, where turning bytes into floats would cost
 * more than the products.
 *
 * <p>Widened, the even rows of a vector come first, then the odd ones: sums and scales lie in that order, until {@link
 * #copyInRowOrder} puts them right.
 *
 * <p>One loop a method, and no helpers for what is in a loop: see {@link DecodedShortTiles}.
 */
final class ShortProducts {
    private static final int ROWS = PanelMatrix.PANEL_ROWS;
    private static final int BLOCK = PanelMatrix.BLOCK;

    /** Bytes of the scales of a block's 32 rows. */
    private static final int SCALE_BYTES = 2 * ROWS;

    private static final int Q8_BLOCK_BYTES = SCALE_BYTES + BLOCK * ROWS;
    private static final int Q4_BLOCK_BYTES = SCALE_BYTES + BLOCK / 2 * ROWS;

    /** Weight rows in a vector: 8, 16 or 32. */
    private static final int W_LENGTH = 2 * L;

    private static final int ROW_VECTORS = TileChoice.shortVectors(1, Lanes.bits());
    private static final int NARROW_TILE_VECTORS = TileChoice.shortVectors(4, Lanes.bits());

    private ShortProducts() {}

    /**
     * Scales of {@code blocks} blocks of a panel, from {@code at} on, as floats: [block][32] of {@code scales}.
     *
     * @param blockBytes of a block of all 32 rows
     */
    private static void decodeScales(MemorySegment data, long at, int blockBytes, int blocks, float[] scales) {
        for (int block = 0; block < blocks; block++) {
            for (int v = 0; v < ROWS; v += W_LENGTH) {
                long scaleAt = at + (long) blockBytes * block + 2L * v;
                IntVector halves =
                        ShortVector.fromMemorySegment(W, data, scaleAt, LE).reinterpretAsInts();
                Lanes.halfToFloat(halves.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16))
                        .intoArray(scales, block * ROWS + v);
                Lanes.halfToFloat(halves.lanewise(VectorOperators.ASHR, 16)).intoArray(scales, block * ROWS + v + L);
            }
        }
    }

    /** Scales and numbers of {@code blocks} blocks of a Q4_0 panel, from number {@code k} of its rows on. */
    static void decode(PanelMatrix weights, int panel, int k, int blocks, MultiplyScratch scratch) {
        long at = weights.panelOffset(panel) + (long) k / BLOCK * Q4_BLOCK_BYTES;
        decodeScales(weights.data(), at, Q4_BLOCK_BYTES, blocks, scratch.scales);
        decodeNibbles(weights.data(), at, blocks, scratch.shortTile);
    }

    /** Numbers of {@code blocks} blocks of a panel, from {@code at} on: [block][32 k][32 rows] of {@code tile}. */
    private static void decodeNibbles(MemorySegment data, long at, int blocks, short[] tile) {
        for (int block = 0; block < blocks; block++) {
            long byteAt = at + (long) Q4_BLOCK_BYTES * block + SCALE_BYTES;
            int to = block * BLOCK * ROWS;
            for (int i = 0; i < BLOCK / 2 * ROWS; i += W_LENGTH) {
                ShortVector bytes = (ShortVector) ByteVector.fromMemorySegment(WB, data, byteAt + i, LE)
                        .convertShape(VectorOperators.ZERO_EXTEND_B2S, W, 0);
                bytes.and((short) 15).sub((short) 8).intoArray(tile, to + i);
                bytes.lanewise(VectorOperators.LSHR, 4).sub((short) 8).intoArray(tile, to + BLOCK / 2 * ROWS + i);
            }
        }
    }

    /**
     * Q8_0, one input row: the first 32 of {@code scratch.sums} become the products of a panel's rows. Scales are looked at after
     * the numbers of their blocks: a walk over the scales first would wait for memory at each block, and the walk over the numbers
     * begin where nothing was fetched ahead.
     */
    static void multiplyBytes(PanelMatrix weights, int panel, PackedInput input, MultiplyScratch scratch) {
        Arrays.fill(scratch.sums, 0, ROWS, 0f);
        MemorySegment data = weights.data();
        for (int k = 0; k < weights.columns(); k += MultiplyScratch.CHUNK) {
            int blocks = Math.min(MultiplyScratch.CHUNK, weights.columns() - k) / BLOCK;
            long at = weights.panelOffset(panel) + (long) k / BLOCK * Q8_BLOCK_BYTES;
            addUpBytes(data, at, blocks, input, k, scratch);
            decodeScales(data, at, Q8_BLOCK_BYTES, blocks, scratch.scales);
            for (int v = 0; v < ROWS; v += W_LENGTH) {
                joinScaleAndAdd(scratch, v, blocks, input.scales(), k / BLOCK);
            }
        }
    }

    /** The same of Q4_0. */
    static void multiplyNibbles(PanelMatrix weights, int panel, PackedInput input, MultiplyScratch scratch) {
        Arrays.fill(scratch.sums, 0, ROWS, 0f);
        MemorySegment data = weights.data();
        for (int k = 0; k < weights.columns(); k += MultiplyScratch.CHUNK) {
            int blocks = Math.min(MultiplyScratch.CHUNK, weights.columns() - k) / BLOCK;
            long at = weights.panelOffset(panel) + (long) k / BLOCK * Q4_BLOCK_BYTES;
            addUpNibbles(data, at, blocks, input, k, scratch.blockSums);
            decodeScales(data, at, Q4_BLOCK_BYTES, blocks, scratch.scales);
            for (int v = 0; v < ROWS; v += W_LENGTH) {
                scaleAndAdd(scratch, v, v, blocks, input.scales(), k / BLOCK, 1, v);
            }
        }
    }

    private static void addUpNibbles(
            MemorySegment data, long at, int blocks, PackedInput input, int k, short[] blockSums) {
        if (ROW_VECTORS == 1) {
            nibbles1(data, at, 0, blocks, input, k, blockSums);
        } else {
            for (int v = 0; v < ROWS; v += 2 * W_LENGTH) {
                nibbles2(data, at, v, blocks, input, k, blockSums);
            }
        }
    }

    /** Not for vectors of 32 shorts. */
    private static void addUpBytes(
            MemorySegment data, long at, int blocks, PackedInput input, int k, MultiplyScratch scratch) {
        for (int v = 0; v < ROWS; v += 2 * W_LENGTH) {
            bytes2(data, at, v, blocks, input.pairs(), k, scratch.blockSums, scratch.upperSums);
        }
    }

    /**
     * Adds the products of {@code blocks} blocks with a tile of input rows to the scratch memory's sums, [width][32] from
     * {@code to} on. The scratch memory holds numbers and scales of these blocks.
     *
     * @param width rows of the tile: 4 or 8
     */
    static void addTile(
            int blocks, PackedInput input, int xAt, int scaleAt, int width, MultiplyScratch scratch, int to) {
        if (width == 8) {
            for (int v = 0; v < ROWS; v += W_LENGTH) {
                DecodedShortTiles.tile1x8(scratch, v, blocks, input, xAt, scaleAt, to + v);
            }
        } else if (NARROW_TILE_VECTORS == 1) {
            DecodedShortTiles.tile1x4(scratch, 0, blocks, input, xAt, scaleAt, to);
        } else {
            for (int v = 0; v < ROWS; v += 2 * W_LENGTH) {
                DecodedShortTiles.tile2x4(scratch, v, blocks, input, xAt, scaleAt, to + v);
            }
        }
    }

    /** A tile of input rows and weights of Q4_0, straight from the panel; added to the scratch memory's sums. */
    static void addNibbles(PanelMatrix weights, int panel, PackedInput input, int tile, MultiplyScratch scratch) {
        if (input.tileWidth(tile) == 8) {
            addNibbles8(weights, panel, input, tile, scratch);
        } else {
            addNibbles4(weights, panel, input, tile, scratch);
        }
    }

    /** Of 4 rows. */
    private static void addNibbles4(
            PanelMatrix weights, int panel, PackedInput input, int tile, MultiplyScratch scratch) {
        MemorySegment data = weights.data();
        long at = weights.panelOffset(panel);
        int blocks = weights.columns() / BLOCK;
        int xAt = input.valuesOffset(tile);
        int scaleAt = input.scalesOffset(tile);
        int to = input.tileStart(tile) * ROWS;
        for (int v = 0; v < ROWS; v += W_LENGTH) {
            Q4PanelTiles.tile1x4(data, at, v, blocks, input, xAt, scaleAt, scratch.sums, to + v);
        }
    }

    /** Of 8 rows. */
    private static void addNibbles8(
            PanelMatrix weights, int panel, PackedInput input, int tile, MultiplyScratch scratch) {
        MemorySegment data = weights.data();
        for (int k = 0; k < weights.columns(); k += MultiplyScratch.CHUNK) {
            int blocks = Math.min(MultiplyScratch.CHUNK, weights.columns() - k) / BLOCK;
            long at = weights.panelOffset(panel) + (long) k / BLOCK * Q4_BLOCK_BYTES;
            int xAt = input.valuesOffset(tile) + k * 8;
            for (int v = 0; v < ROWS; v += W_LENGTH) {
                Q4PanelTiles.blockSums1x8(data, at, v, blocks, input.pairs(), xAt, scratch.blockSums);
            }
            decodeScales(data, at, Q4_BLOCK_BYTES, blocks, scratch.scales);
            int scaleAt = input.scalesOffset(tile) + k / BLOCK * 8;
            for (int row = 0; row < 8; row++) {
                int from = row * MultiplyScratch.CHUNK / BLOCK * ROWS;
                int to = (input.tileStart(tile) + row) * ROWS;
                for (int v = 0; v < ROWS; v += W_LENGTH) {
                    scaleAndAdd(scratch, from + v, v, blocks, input.scales(), scaleAt + row, 8, to + v);
                }
            }
        }
    }

    /** One vector of weight rows, one input row; two bytes of each row at a time. */
    @SuppressWarnings("NarrowCalculation") // within a block
    private static void nibbles1(
            MemorySegment data, long at, int v, int blocks, PackedInput input, int xAt, short[] out) {
        int[] x = input.pairs();
        int[] corrections = input.corrections();
        for (int block = 0; block < blocks; block++) {
            ShortVector a =
                    IntVector.broadcast(I, corrections[xAt / BLOCK + block]).reinterpretAsShorts();
            ShortVector b = ShortVector.zero(W);
            long byteAt = at + (long) Q4_BLOCK_BYTES * block + SCALE_BYTES + v;
            int pairAt = xAt + block * BLOCK;
            for (int j = 0; j < BLOCK / 2; j += 2) {
                ShortVector aw = (ShortVector) ByteVector.fromMemorySegment(WB, data, byteAt + ROWS * j, LE)
                        .convertShape(VectorOperators.ZERO_EXTEND_B2S, W, 0);
                ShortVector bw = (ShortVector) ByteVector.fromMemorySegment(WB, data, byteAt + ROWS * j + ROWS, LE)
                        .convertShape(VectorOperators.ZERO_EXTEND_B2S, W, 0);
                ShortVector a0 = IntVector.broadcast(I, x[pairAt + j]).reinterpretAsShorts();
                ShortVector a1 =
                        IntVector.broadcast(I, x[pairAt + BLOCK / 2 + j]).reinterpretAsShorts();
                a = a.add(aw.and((short) 15).mul(a0));
                a = a.add(aw.lanewise(VectorOperators.LSHR, 4).mul(a1));
                ShortVector b0 = IntVector.broadcast(I, x[pairAt + j + 1]).reinterpretAsShorts();
                ShortVector b1 =
                        IntVector.broadcast(I, x[pairAt + BLOCK / 2 + j + 1]).reinterpretAsShorts();
                b = b.add(bw.and((short) 15).mul(b0));
                b = b.add(bw.lanewise(VectorOperators.LSHR, 4).mul(b1));
            }
            a.add(b).intoArray(out, block * ROWS + v);
        }
    }

    /** Two vectors of weight rows, one input row. */
    @SuppressWarnings("NarrowCalculation") // within a block
    private static void nibbles2(
            MemorySegment data, long at, int v, int blocks, PackedInput input, int xAt, short[] out) {
        int[] x = input.pairs();
        int[] corrections = input.corrections();
        for (int block = 0; block < blocks; block++) {
            ShortVector a =
                    IntVector.broadcast(I, corrections[xAt / BLOCK + block]).reinterpretAsShorts();
            ShortVector b = a;
            ShortVector upperA = ShortVector.zero(W);
            ShortVector upperB = upperA;
            long byteAt = at + (long) Q4_BLOCK_BYTES * block + SCALE_BYTES + v;
            int pairAt = xAt + block * BLOCK;
            for (int j = 0; j < BLOCK / 2; j++) {
                ShortVector x0 = IntVector.broadcast(I, x[pairAt + j]).reinterpretAsShorts();
                ShortVector x1 =
                        IntVector.broadcast(I, x[pairAt + BLOCK / 2 + j]).reinterpretAsShorts();
                ShortVector aw = (ShortVector) ByteVector.fromMemorySegment(WB, data, byteAt + ROWS * j, LE)
                        .convertShape(VectorOperators.ZERO_EXTEND_B2S, W, 0);
                a = a.add(aw.and((short) 15).mul(x0));
                upperA = upperA.add(aw.lanewise(VectorOperators.LSHR, 4).mul(x1));
                ShortVector bw = (ShortVector) ByteVector.fromMemorySegment(WB, data, byteAt + ROWS * j + W_LENGTH, LE)
                        .convertShape(VectorOperators.ZERO_EXTEND_B2S, W, 0);
                b = b.add(bw.and((short) 15).mul(x0));
                upperB = upperB.add(bw.lanewise(VectorOperators.LSHR, 4).mul(x1));
            }
            a.add(upperA).intoArray(out, block * ROWS + v);
            b.add(upperB).intoArray(out, block * ROWS + v + W_LENGTH);
        }
    }

    /** Two vectors of bytes as weight rows, one input row: sums modulo 2^16, and of upper bytes. */
    @SuppressWarnings("NarrowCalculation") // within a block
    private static void bytes2(
            MemorySegment data, long at, int v, int blocks, int[] x, int xAt, short[] low, short[] high) {
        for (int block = 0; block < blocks; block++) {
            ShortVector a = ShortVector.zero(W);
            ShortVector ah = a;
            ShortVector b = ShortVector.zero(W);
            ShortVector bh = b;
            long byteAt = at + (long) Q8_BLOCK_BYTES * block + SCALE_BYTES + v;
            int pairAt = xAt + block * BLOCK;
            for (int k = 0; k < BLOCK; k += 2) {
                ShortVector x0 = IntVector.broadcast(I, x[pairAt + k]).reinterpretAsShorts();
                ShortVector x1 = IntVector.broadcast(I, x[pairAt + k + 1]).reinterpretAsShorts();
                ShortVector a0 = (ShortVector) ByteVector.fromMemorySegment(WB, data, byteAt + ROWS * k, LE)
                        .convertShape(VectorOperators.B2S, W, 0);
                ShortVector a1 = (ShortVector) ByteVector.fromMemorySegment(WB, data, byteAt + ROWS * k + ROWS, LE)
                        .convertShape(VectorOperators.B2S, W, 0);
                ShortVector ap = a0.mul(x0).add(a1.mul(x1));
                a = a.add(ap);
                ah = ah.add(ap.lanewise(VectorOperators.ASHR, 8));
                ShortVector b0 = (ShortVector) ByteVector.fromMemorySegment(WB, data, byteAt + ROWS * k + W_LENGTH, LE)
                        .convertShape(VectorOperators.B2S, W, 0);
                ShortVector b1 =
                        (ShortVector) ByteVector.fromMemorySegment(WB, data, byteAt + ROWS * k + ROWS + W_LENGTH, LE)
                                .convertShape(VectorOperators.B2S, W, 0);
                ShortVector bp = b0.mul(x0).add(b1.mul(x1));
                b = b.add(bp);
                bh = bh.add(bp.lanewise(VectorOperators.ASHR, 8));
            }
            int to = block * ROWS + v;
            a.intoArray(low, to);
            ah.intoArray(high, to);
            b.intoArray(low, to + W_LENGTH);
            bh.intoArray(high, to + W_LENGTH);
        }
    }

    /**
     * Widens, scales and adds the block sums of one input row, block after block.
     *
     * @param from first of the sums, of weight row {@code v}
     * @param scaleAt the input row's scale of the first block; {@code stride} lies between two
     * @param to where the input row's sums are, from weight row {@code v} on
     */
    private static void scaleAndAdd(
            MultiplyScratch scratch, int from, int v, int blocks, float[] xScales, int scaleAt, int stride, int to) {
        float[] sums = scratch.sums;
        FloatVector even = FloatVector.fromArray(F, sums, to);
        FloatVector odd = FloatVector.fromArray(F, sums, to + L);
        for (int block = 0; block < blocks; block++) {
            int at = block * ROWS + v;
            IntVector both = ShortVector.fromArray(W, scratch.blockSums, from + block * ROWS)
                    .reinterpretAsInts();
            float xScale = xScales[scaleAt + block * stride];
            IntVector evens = both.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16);
            even = Lanes.intsToFloat(evens)
                    .fma(FloatVector.fromArray(F, scratch.scales, at).mul(xScale), even);
            odd = Lanes.intsToFloat(both.lanewise(VectorOperators.ASHR, 16))
                    .fma(FloatVector.fromArray(F, scratch.scales, at + L).mul(xScale), odd);
        }
        even.intoArray(sums, to);
        odd.intoArray(sums, to + L);
    }

    /**
     * The same where block sums S of pairs p are split: into S modulo 2^16, and the sum of p >> 8. S - 256 * upper is a sum
     * of 16 lower bytes, from 0 to 4,080, and so known from its 16 bits.
     */
    private static void joinScaleAndAdd(MultiplyScratch scratch, int v, int blocks, float[] xScales, int scaleAt) {
        float[] sums = scratch.sums;
        FloatVector even = FloatVector.fromArray(F, sums, v);
        FloatVector odd = FloatVector.fromArray(F, sums, v + L);
        for (int block = 0; block < blocks; block++) {
            int at = block * ROWS + v;
            ShortVector high = ShortVector.fromArray(W, scratch.upperSums, at);
            IntVector rest = ShortVector.fromArray(W, scratch.blockSums, at)
                    .sub(high.lanewise(VectorOperators.LSHL, 8))
                    .reinterpretAsInts();
            IntVector upper = high.reinterpretAsInts();
            float xScale = xScales[scaleAt + block];
            IntVector evens = upper.lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, 8)
                    .add(rest.and(0xffff));
            even = Lanes.intsToFloat(evens)
                    .fma(FloatVector.fromArray(F, scratch.scales, at).mul(xScale), even);
            IntVector odds = upper.lanewise(VectorOperators.ASHR, 16)
                    .lanewise(VectorOperators.LSHL, 8)
                    .add(rest.lanewise(VectorOperators.LSHR, 16));
            odd = Lanes.intsToFloat(odds)
                    .fma(FloatVector.fromArray(F, scratch.scales, at + L).mul(xScale), odd);
        }
        even.intoArray(sums, v);
        odd.intoArray(sums, v + L);
    }

    /** Copies the first {@code count} of 32 sums into the order of the rows. */
    static void copyInRowOrder(float[] sums, int from, float[] out, int to, int count) {
        for (int row = 0; row < count; row++) {
            int lane = row % W_LENGTH;
            out[to + row] = sums[from + row - lane + (lane >> 1) + (lane & 1) * L];
        }
    }
}
