package io.llamastreams.tensor.vector;

import static io.llamastreams.tensor.vector.Lanes.F;
import static io.llamastreams.tensor.vector.Lanes.I;
import static io.llamastreams.tensor.vector.Lanes.L;
import static io.llamastreams.tensor.vector.Lanes.W;

import io.llamastreams.tensor.kernel.MultiplyScratch;
import io.llamastreams.tensor.kernel.PackedInput;
import io.llamastreams.tensor.kernel.PanelMatrix;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Register tiles in lanes of 16 bits: one or two vectors of weight rows times 4 or 8 input rows, each pair with its own sum in
 * a register. A block's sums are widened, scaled and added at its end, in the order of {@link VectorShorts}.
 *
 * <p>Unrolled by hand. The methods are too large to be inlined into their callers, and must stay so: vectors in a caller that
 * grows past the compiler's limits would be objects.
 */
final class ShortTiles {
    private static final int ROWS = PanelMatrix.PANEL_ROWS;
    private static final int BLOCK = PanelMatrix.BLOCK;

    /** Weight rows in a vector: 8, 16 or 32. */
    private static final int W_LENGTH = 2 * L;

    private ShortTiles() {}

    /** One vector of weight rows, 4 input rows. */
    static void tile1x4(MultiplyScratch scratch, int v, int blocks, PackedInput input, int xAt, int scaleAt, int at) {
        short[] tile = scratch.shortTile;
        float[] scales = scratch.scales;
        float[] sums = scratch.sums;
        int[] x = input.pairs();
        float[] xScales = input.scales();
        for (int block = 0; block < blocks; block++) {
            ShortVector zero = ShortVector.zero(W);
            ShortVector a0 = zero;
            ShortVector a1 = zero;
            ShortVector a2 = zero;
            ShortVector a3 = zero;
            int tileAt = block * BLOCK * ROWS + v;
            int pairAt = xAt + block * 4 * BLOCK;
            for (int k = 0; k < BLOCK; k++) {
                ShortVector aw = ShortVector.fromArray(W, tile, tileAt + k * ROWS);
                ShortVector x0 =
                        IntVector.broadcast(I, x[pairAt + k + 0 * BLOCK]).reinterpretAsShorts();
                a0 = a0.add(aw.mul(x0));
                ShortVector x1 =
                        IntVector.broadcast(I, x[pairAt + k + 1 * BLOCK]).reinterpretAsShorts();
                a1 = a1.add(aw.mul(x1));
                ShortVector x2 =
                        IntVector.broadcast(I, x[pairAt + k + 2 * BLOCK]).reinterpretAsShorts();
                a2 = a2.add(aw.mul(x2));
                ShortVector x3 =
                        IntVector.broadcast(I, x[pairAt + k + 3 * BLOCK]).reinterpretAsShorts();
                a3 = a3.add(aw.mul(x3));
            }
            FloatVector ae = FloatVector.fromArray(F, scales, block * ROWS + v);
            FloatVector ao = FloatVector.fromArray(F, scales, block * ROWS + v + L);
            int s = scaleAt + block * 4;
            IntVector ia0 = a0.reinterpretAsInts();
            ((FloatVector) ia0.lanewise(VectorOperators.LSHL, 16)
                            .lanewise(VectorOperators.ASHR, 16)
                            .convertShape(VectorOperators.I2F, F, 0))
                    .fma(ae.mul(xScales[s + 0]), FloatVector.fromArray(F, sums, at + 0 * ROWS))
                    .intoArray(sums, at + 0 * ROWS);
            ((FloatVector) ia0.lanewise(VectorOperators.ASHR, 16).convertShape(VectorOperators.I2F, F, 0))
                    .fma(ao.mul(xScales[s + 0]), FloatVector.fromArray(F, sums, at + 0 * ROWS + L))
                    .intoArray(sums, at + 0 * ROWS + L);
            IntVector ia1 = a1.reinterpretAsInts();
            ((FloatVector) ia1.lanewise(VectorOperators.LSHL, 16)
                            .lanewise(VectorOperators.ASHR, 16)
                            .convertShape(VectorOperators.I2F, F, 0))
                    .fma(ae.mul(xScales[s + 1]), FloatVector.fromArray(F, sums, at + 1 * ROWS))
                    .intoArray(sums, at + 1 * ROWS);
            ((FloatVector) ia1.lanewise(VectorOperators.ASHR, 16).convertShape(VectorOperators.I2F, F, 0))
                    .fma(ao.mul(xScales[s + 1]), FloatVector.fromArray(F, sums, at + 1 * ROWS + L))
                    .intoArray(sums, at + 1 * ROWS + L);
            IntVector ia2 = a2.reinterpretAsInts();
            ((FloatVector) ia2.lanewise(VectorOperators.LSHL, 16)
                            .lanewise(VectorOperators.ASHR, 16)
                            .convertShape(VectorOperators.I2F, F, 0))
                    .fma(ae.mul(xScales[s + 2]), FloatVector.fromArray(F, sums, at + 2 * ROWS))
                    .intoArray(sums, at + 2 * ROWS);
            ((FloatVector) ia2.lanewise(VectorOperators.ASHR, 16).convertShape(VectorOperators.I2F, F, 0))
                    .fma(ao.mul(xScales[s + 2]), FloatVector.fromArray(F, sums, at + 2 * ROWS + L))
                    .intoArray(sums, at + 2 * ROWS + L);
            IntVector ia3 = a3.reinterpretAsInts();
            ((FloatVector) ia3.lanewise(VectorOperators.LSHL, 16)
                            .lanewise(VectorOperators.ASHR, 16)
                            .convertShape(VectorOperators.I2F, F, 0))
                    .fma(ae.mul(xScales[s + 3]), FloatVector.fromArray(F, sums, at + 3 * ROWS))
                    .intoArray(sums, at + 3 * ROWS);
            ((FloatVector) ia3.lanewise(VectorOperators.ASHR, 16).convertShape(VectorOperators.I2F, F, 0))
                    .fma(ao.mul(xScales[s + 3]), FloatVector.fromArray(F, sums, at + 3 * ROWS + L))
                    .intoArray(sums, at + 3 * ROWS + L);
        }
    }

    /** Two vectors of weight rows, 4 input rows. */
    static void tile2x4(MultiplyScratch scratch, int v, int blocks, PackedInput input, int xAt, int scaleAt, int at) {
        short[] tile = scratch.shortTile;
        float[] scales = scratch.scales;
        float[] sums = scratch.sums;
        int[] x = input.pairs();
        float[] xScales = input.scales();
        for (int block = 0; block < blocks; block++) {
            ShortVector zero = ShortVector.zero(W);
            ShortVector a0 = zero;
            ShortVector b0 = zero;
            ShortVector a1 = zero;
            ShortVector b1 = zero;
            ShortVector a2 = zero;
            ShortVector b2 = zero;
            ShortVector a3 = zero;
            ShortVector b3 = zero;
            int tileAt = block * BLOCK * ROWS + v;
            int pairAt = xAt + block * 4 * BLOCK;
            for (int k = 0; k < BLOCK; k++) {
                ShortVector aw = ShortVector.fromArray(W, tile, tileAt + k * ROWS);
                ShortVector bw = ShortVector.fromArray(W, tile, tileAt + k * ROWS + W_LENGTH);
                ShortVector x0 =
                        IntVector.broadcast(I, x[pairAt + k + 0 * BLOCK]).reinterpretAsShorts();
                a0 = a0.add(aw.mul(x0));
                b0 = b0.add(bw.mul(x0));
                ShortVector x1 =
                        IntVector.broadcast(I, x[pairAt + k + 1 * BLOCK]).reinterpretAsShorts();
                a1 = a1.add(aw.mul(x1));
                b1 = b1.add(bw.mul(x1));
                ShortVector x2 =
                        IntVector.broadcast(I, x[pairAt + k + 2 * BLOCK]).reinterpretAsShorts();
                a2 = a2.add(aw.mul(x2));
                b2 = b2.add(bw.mul(x2));
                ShortVector x3 =
                        IntVector.broadcast(I, x[pairAt + k + 3 * BLOCK]).reinterpretAsShorts();
                a3 = a3.add(aw.mul(x3));
                b3 = b3.add(bw.mul(x3));
            }
            FloatVector ae = FloatVector.fromArray(F, scales, block * ROWS + v);
            FloatVector ao = FloatVector.fromArray(F, scales, block * ROWS + v + L);
            FloatVector be = FloatVector.fromArray(F, scales, block * ROWS + v + W_LENGTH);
            FloatVector bo = FloatVector.fromArray(F, scales, block * ROWS + v + W_LENGTH + L);
            int s = scaleAt + block * 4;
            IntVector ia0 = a0.reinterpretAsInts();
            ((FloatVector) ia0.lanewise(VectorOperators.LSHL, 16)
                            .lanewise(VectorOperators.ASHR, 16)
                            .convertShape(VectorOperators.I2F, F, 0))
                    .fma(ae.mul(xScales[s + 0]), FloatVector.fromArray(F, sums, at + 0 * ROWS))
                    .intoArray(sums, at + 0 * ROWS);
            ((FloatVector) ia0.lanewise(VectorOperators.ASHR, 16).convertShape(VectorOperators.I2F, F, 0))
                    .fma(ao.mul(xScales[s + 0]), FloatVector.fromArray(F, sums, at + 0 * ROWS + L))
                    .intoArray(sums, at + 0 * ROWS + L);
            IntVector ib0 = b0.reinterpretAsInts();
            ((FloatVector) ib0.lanewise(VectorOperators.LSHL, 16)
                            .lanewise(VectorOperators.ASHR, 16)
                            .convertShape(VectorOperators.I2F, F, 0))
                    .fma(be.mul(xScales[s + 0]), FloatVector.fromArray(F, sums, at + 0 * ROWS + W_LENGTH))
                    .intoArray(sums, at + 0 * ROWS + W_LENGTH);
            ((FloatVector) ib0.lanewise(VectorOperators.ASHR, 16).convertShape(VectorOperators.I2F, F, 0))
                    .fma(bo.mul(xScales[s + 0]), FloatVector.fromArray(F, sums, at + 0 * ROWS + W_LENGTH + L))
                    .intoArray(sums, at + 0 * ROWS + W_LENGTH + L);
            IntVector ia1 = a1.reinterpretAsInts();
            ((FloatVector) ia1.lanewise(VectorOperators.LSHL, 16)
                            .lanewise(VectorOperators.ASHR, 16)
                            .convertShape(VectorOperators.I2F, F, 0))
                    .fma(ae.mul(xScales[s + 1]), FloatVector.fromArray(F, sums, at + 1 * ROWS))
                    .intoArray(sums, at + 1 * ROWS);
            ((FloatVector) ia1.lanewise(VectorOperators.ASHR, 16).convertShape(VectorOperators.I2F, F, 0))
                    .fma(ao.mul(xScales[s + 1]), FloatVector.fromArray(F, sums, at + 1 * ROWS + L))
                    .intoArray(sums, at + 1 * ROWS + L);
            IntVector ib1 = b1.reinterpretAsInts();
            ((FloatVector) ib1.lanewise(VectorOperators.LSHL, 16)
                            .lanewise(VectorOperators.ASHR, 16)
                            .convertShape(VectorOperators.I2F, F, 0))
                    .fma(be.mul(xScales[s + 1]), FloatVector.fromArray(F, sums, at + 1 * ROWS + W_LENGTH))
                    .intoArray(sums, at + 1 * ROWS + W_LENGTH);
            ((FloatVector) ib1.lanewise(VectorOperators.ASHR, 16).convertShape(VectorOperators.I2F, F, 0))
                    .fma(bo.mul(xScales[s + 1]), FloatVector.fromArray(F, sums, at + 1 * ROWS + W_LENGTH + L))
                    .intoArray(sums, at + 1 * ROWS + W_LENGTH + L);
            IntVector ia2 = a2.reinterpretAsInts();
            ((FloatVector) ia2.lanewise(VectorOperators.LSHL, 16)
                            .lanewise(VectorOperators.ASHR, 16)
                            .convertShape(VectorOperators.I2F, F, 0))
                    .fma(ae.mul(xScales[s + 2]), FloatVector.fromArray(F, sums, at + 2 * ROWS))
                    .intoArray(sums, at + 2 * ROWS);
            ((FloatVector) ia2.lanewise(VectorOperators.ASHR, 16).convertShape(VectorOperators.I2F, F, 0))
                    .fma(ao.mul(xScales[s + 2]), FloatVector.fromArray(F, sums, at + 2 * ROWS + L))
                    .intoArray(sums, at + 2 * ROWS + L);
            IntVector ib2 = b2.reinterpretAsInts();
            ((FloatVector) ib2.lanewise(VectorOperators.LSHL, 16)
                            .lanewise(VectorOperators.ASHR, 16)
                            .convertShape(VectorOperators.I2F, F, 0))
                    .fma(be.mul(xScales[s + 2]), FloatVector.fromArray(F, sums, at + 2 * ROWS + W_LENGTH))
                    .intoArray(sums, at + 2 * ROWS + W_LENGTH);
            ((FloatVector) ib2.lanewise(VectorOperators.ASHR, 16).convertShape(VectorOperators.I2F, F, 0))
                    .fma(bo.mul(xScales[s + 2]), FloatVector.fromArray(F, sums, at + 2 * ROWS + W_LENGTH + L))
                    .intoArray(sums, at + 2 * ROWS + W_LENGTH + L);
            IntVector ia3 = a3.reinterpretAsInts();
            ((FloatVector) ia3.lanewise(VectorOperators.LSHL, 16)
                            .lanewise(VectorOperators.ASHR, 16)
                            .convertShape(VectorOperators.I2F, F, 0))
                    .fma(ae.mul(xScales[s + 3]), FloatVector.fromArray(F, sums, at + 3 * ROWS))
                    .intoArray(sums, at + 3 * ROWS);
            ((FloatVector) ia3.lanewise(VectorOperators.ASHR, 16).convertShape(VectorOperators.I2F, F, 0))
                    .fma(ao.mul(xScales[s + 3]), FloatVector.fromArray(F, sums, at + 3 * ROWS + L))
                    .intoArray(sums, at + 3 * ROWS + L);
            IntVector ib3 = b3.reinterpretAsInts();
            ((FloatVector) ib3.lanewise(VectorOperators.LSHL, 16)
                            .lanewise(VectorOperators.ASHR, 16)
                            .convertShape(VectorOperators.I2F, F, 0))
                    .fma(be.mul(xScales[s + 3]), FloatVector.fromArray(F, sums, at + 3 * ROWS + W_LENGTH))
                    .intoArray(sums, at + 3 * ROWS + W_LENGTH);
            ((FloatVector) ib3.lanewise(VectorOperators.ASHR, 16).convertShape(VectorOperators.I2F, F, 0))
                    .fma(bo.mul(xScales[s + 3]), FloatVector.fromArray(F, sums, at + 3 * ROWS + W_LENGTH + L))
                    .intoArray(sums, at + 3 * ROWS + W_LENGTH + L);
        }
    }

    /** One vector of weight rows, 8 input rows. */
    static void tile1x8(MultiplyScratch scratch, int v, int blocks, PackedInput input, int xAt, int scaleAt, int at) {
        short[] tile = scratch.shortTile;
        float[] scales = scratch.scales;
        float[] sums = scratch.sums;
        int[] x = input.pairs();
        float[] xScales = input.scales();
        for (int block = 0; block < blocks; block++) {
            ShortVector zero = ShortVector.zero(W);
            ShortVector a0 = zero;
            ShortVector a1 = zero;
            ShortVector a2 = zero;
            ShortVector a3 = zero;
            ShortVector a4 = zero;
            ShortVector a5 = zero;
            ShortVector a6 = zero;
            ShortVector a7 = zero;
            int tileAt = block * BLOCK * ROWS + v;
            int pairAt = xAt + block * 8 * BLOCK;
            for (int k = 0; k < BLOCK; k++) {
                ShortVector aw = ShortVector.fromArray(W, tile, tileAt + k * ROWS);
                ShortVector x0 =
                        IntVector.broadcast(I, x[pairAt + k + 0 * BLOCK]).reinterpretAsShorts();
                a0 = a0.add(aw.mul(x0));
                ShortVector x1 =
                        IntVector.broadcast(I, x[pairAt + k + 1 * BLOCK]).reinterpretAsShorts();
                a1 = a1.add(aw.mul(x1));
                ShortVector x2 =
                        IntVector.broadcast(I, x[pairAt + k + 2 * BLOCK]).reinterpretAsShorts();
                a2 = a2.add(aw.mul(x2));
                ShortVector x3 =
                        IntVector.broadcast(I, x[pairAt + k + 3 * BLOCK]).reinterpretAsShorts();
                a3 = a3.add(aw.mul(x3));
                ShortVector x4 =
                        IntVector.broadcast(I, x[pairAt + k + 4 * BLOCK]).reinterpretAsShorts();
                a4 = a4.add(aw.mul(x4));
                ShortVector x5 =
                        IntVector.broadcast(I, x[pairAt + k + 5 * BLOCK]).reinterpretAsShorts();
                a5 = a5.add(aw.mul(x5));
                ShortVector x6 =
                        IntVector.broadcast(I, x[pairAt + k + 6 * BLOCK]).reinterpretAsShorts();
                a6 = a6.add(aw.mul(x6));
                ShortVector x7 =
                        IntVector.broadcast(I, x[pairAt + k + 7 * BLOCK]).reinterpretAsShorts();
                a7 = a7.add(aw.mul(x7));
            }
            FloatVector ae = FloatVector.fromArray(F, scales, block * ROWS + v);
            FloatVector ao = FloatVector.fromArray(F, scales, block * ROWS + v + L);
            int s = scaleAt + block * 8;
            IntVector ia0 = a0.reinterpretAsInts();
            ((FloatVector) ia0.lanewise(VectorOperators.LSHL, 16)
                            .lanewise(VectorOperators.ASHR, 16)
                            .convertShape(VectorOperators.I2F, F, 0))
                    .fma(ae.mul(xScales[s + 0]), FloatVector.fromArray(F, sums, at + 0 * ROWS))
                    .intoArray(sums, at + 0 * ROWS);
            ((FloatVector) ia0.lanewise(VectorOperators.ASHR, 16).convertShape(VectorOperators.I2F, F, 0))
                    .fma(ao.mul(xScales[s + 0]), FloatVector.fromArray(F, sums, at + 0 * ROWS + L))
                    .intoArray(sums, at + 0 * ROWS + L);
            IntVector ia1 = a1.reinterpretAsInts();
            ((FloatVector) ia1.lanewise(VectorOperators.LSHL, 16)
                            .lanewise(VectorOperators.ASHR, 16)
                            .convertShape(VectorOperators.I2F, F, 0))
                    .fma(ae.mul(xScales[s + 1]), FloatVector.fromArray(F, sums, at + 1 * ROWS))
                    .intoArray(sums, at + 1 * ROWS);
            ((FloatVector) ia1.lanewise(VectorOperators.ASHR, 16).convertShape(VectorOperators.I2F, F, 0))
                    .fma(ao.mul(xScales[s + 1]), FloatVector.fromArray(F, sums, at + 1 * ROWS + L))
                    .intoArray(sums, at + 1 * ROWS + L);
            IntVector ia2 = a2.reinterpretAsInts();
            ((FloatVector) ia2.lanewise(VectorOperators.LSHL, 16)
                            .lanewise(VectorOperators.ASHR, 16)
                            .convertShape(VectorOperators.I2F, F, 0))
                    .fma(ae.mul(xScales[s + 2]), FloatVector.fromArray(F, sums, at + 2 * ROWS))
                    .intoArray(sums, at + 2 * ROWS);
            ((FloatVector) ia2.lanewise(VectorOperators.ASHR, 16).convertShape(VectorOperators.I2F, F, 0))
                    .fma(ao.mul(xScales[s + 2]), FloatVector.fromArray(F, sums, at + 2 * ROWS + L))
                    .intoArray(sums, at + 2 * ROWS + L);
            IntVector ia3 = a3.reinterpretAsInts();
            ((FloatVector) ia3.lanewise(VectorOperators.LSHL, 16)
                            .lanewise(VectorOperators.ASHR, 16)
                            .convertShape(VectorOperators.I2F, F, 0))
                    .fma(ae.mul(xScales[s + 3]), FloatVector.fromArray(F, sums, at + 3 * ROWS))
                    .intoArray(sums, at + 3 * ROWS);
            ((FloatVector) ia3.lanewise(VectorOperators.ASHR, 16).convertShape(VectorOperators.I2F, F, 0))
                    .fma(ao.mul(xScales[s + 3]), FloatVector.fromArray(F, sums, at + 3 * ROWS + L))
                    .intoArray(sums, at + 3 * ROWS + L);
            IntVector ia4 = a4.reinterpretAsInts();
            ((FloatVector) ia4.lanewise(VectorOperators.LSHL, 16)
                            .lanewise(VectorOperators.ASHR, 16)
                            .convertShape(VectorOperators.I2F, F, 0))
                    .fma(ae.mul(xScales[s + 4]), FloatVector.fromArray(F, sums, at + 4 * ROWS))
                    .intoArray(sums, at + 4 * ROWS);
            ((FloatVector) ia4.lanewise(VectorOperators.ASHR, 16).convertShape(VectorOperators.I2F, F, 0))
                    .fma(ao.mul(xScales[s + 4]), FloatVector.fromArray(F, sums, at + 4 * ROWS + L))
                    .intoArray(sums, at + 4 * ROWS + L);
            IntVector ia5 = a5.reinterpretAsInts();
            ((FloatVector) ia5.lanewise(VectorOperators.LSHL, 16)
                            .lanewise(VectorOperators.ASHR, 16)
                            .convertShape(VectorOperators.I2F, F, 0))
                    .fma(ae.mul(xScales[s + 5]), FloatVector.fromArray(F, sums, at + 5 * ROWS))
                    .intoArray(sums, at + 5 * ROWS);
            ((FloatVector) ia5.lanewise(VectorOperators.ASHR, 16).convertShape(VectorOperators.I2F, F, 0))
                    .fma(ao.mul(xScales[s + 5]), FloatVector.fromArray(F, sums, at + 5 * ROWS + L))
                    .intoArray(sums, at + 5 * ROWS + L);
            IntVector ia6 = a6.reinterpretAsInts();
            ((FloatVector) ia6.lanewise(VectorOperators.LSHL, 16)
                            .lanewise(VectorOperators.ASHR, 16)
                            .convertShape(VectorOperators.I2F, F, 0))
                    .fma(ae.mul(xScales[s + 6]), FloatVector.fromArray(F, sums, at + 6 * ROWS))
                    .intoArray(sums, at + 6 * ROWS);
            ((FloatVector) ia6.lanewise(VectorOperators.ASHR, 16).convertShape(VectorOperators.I2F, F, 0))
                    .fma(ao.mul(xScales[s + 6]), FloatVector.fromArray(F, sums, at + 6 * ROWS + L))
                    .intoArray(sums, at + 6 * ROWS + L);
            IntVector ia7 = a7.reinterpretAsInts();
            ((FloatVector) ia7.lanewise(VectorOperators.LSHL, 16)
                            .lanewise(VectorOperators.ASHR, 16)
                            .convertShape(VectorOperators.I2F, F, 0))
                    .fma(ae.mul(xScales[s + 7]), FloatVector.fromArray(F, sums, at + 7 * ROWS))
                    .intoArray(sums, at + 7 * ROWS);
            ((FloatVector) ia7.lanewise(VectorOperators.ASHR, 16).convertShape(VectorOperators.I2F, F, 0))
                    .fma(ao.mul(xScales[s + 7]), FloatVector.fromArray(F, sums, at + 7 * ROWS + L))
                    .intoArray(sums, at + 7 * ROWS + L);
        }
    }
}
