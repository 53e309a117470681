package io.llamastreams.tensor.vector;

import static io.llamastreams.tensor.vector.Lanes.F;
import static io.llamastreams.tensor.vector.Lanes.L;

import io.llamastreams.tensor.kernel.AttentionScratch;
import io.llamastreams.tensor.kernel.ExactMath;
import io.llamastreams.tensor.kernel.InputForm;
import io.llamastreams.tensor.kernel.KvLayer;
import io.llamastreams.tensor.kernel.MultiplyScratch;
import io.llamastreams.tensor.kernel.PackedInput;
import io.llamastreams.tensor.kernel.PanelMatrix;
import io.llamastreams.tensor.kernel.ScalarKernels;
import io.llamastreams.tensor.kernel.TiledKernels;
import io.llamastreams.tensor.quant.TensorType;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** The operations in vectors of 128, 256 or 512 bits. */
public final class VectorKernels extends TiledKernels {
    private static final int BITS = Lanes.bits();

    /** For what the vector code leaves out. */
    private final ScalarKernels scalar = new ScalarKernels();

    @Override
    public String name() {
        return "vector-" + Lanes.bits();
    }

    @Override
    public int tileColumns() {
        return TileChoice.wideRows(BITS);
    }

    @Override
    public InputForm inputForm(TensorType weights, int rows) {
        return TileChoice.of(weights).input(rows, BITS);
    }

    @Override
    protected float largestMagnitude(float[] x, int from) {
        FloatVector largest = FloatVector.fromArray(F, x, from).abs();
        for (int k = L; k < PanelMatrix.BLOCK; k += L) {
            largest = largest.max(FloatVector.fromArray(F, x, from + k).abs());
        }
        return largest.reduceLanes(VectorOperators.MAX);
    }

    /** The rounding constant is 1.5 * 2^23, so that the lower half of the float's bits is the whole number's. */
    @Override
    protected void quantiseToPairs(float[] x, int from, float inverse, int[] pairs, int to) {
        for (int k = 0; k < PanelMatrix.BLOCK; k += L) {
            IntVector number = FloatVector.fromArray(F, x, from + k)
                    .mul(inverse)
                    .add(ExactMath.ROUNDING)
                    .reinterpretAsInts();
            number.and(0xffff).or(number.lanewise(VectorOperators.LSHL, 16)).intoArray(pairs, to + k);
        }
    }

    @Override
    protected void multiplyVector(PanelMatrix weights, int panel, PackedInput x, MultiplyScratch scratch) {
        switch (TileChoice.of(weights.type()).row(BITS)) {
            case F32 -> FloatProducts.multiplyFloats(weights, panel, x, scratch.sums);
            case F16 -> FloatProducts.multiplyHalves(weights, panel, x, scratch.sums);
            case BF16 -> FloatProducts.multiplyBfloats(weights, panel, x, scratch.sums);
            case Q8_FLOATS -> FloatProducts.multiplyBytes(weights, panel, x, scratch.sums);
            case Q8_SHORTS -> ShortProducts.multiplyBytes(weights, panel, x, scratch);
            case Q4_SHORTS -> ShortProducts.multiplyNibbles(weights, panel, x, scratch);
        }
    }

    @Override
    protected int directTiles(TensorType weights) {
        return TileChoice.of(weights).fewTiles(BITS);
    }

    @Override
    protected void addDirectly(PanelMatrix weights, int panel, PackedInput x, int tile, MultiplyScratch scratch) {
        switch (TileChoice.of(weights.type()).few()) {
            case Q8_PANEL -> FloatProducts.addBytes(weights, panel, x, tile, scratch.sums);
            case Q4_PANEL -> ShortProducts.addNibbles(weights, panel, x, tile, scratch);
            case F32_PANEL, PLAIN_DECODED, Q8_DECODED, Q4_DECODED ->
                throw new IllegalStateException(weights.type() + " has no tiles for few rows");
        }
    }

    /** Numbers of F32 stay where they are. */
    @Override
    protected void decode(PanelMatrix weights, int panel, int k, int count, MultiplyScratch scratch) {
        switch (weights.type()) {
            case F32 -> {}
            case F16 -> FloatProducts.decodeHalves(weights, panel, k, count, scratch);
            case BF16 -> FloatProducts.decodeBfloats(weights, panel, k, count, scratch);
            case Q8_0 -> FloatProducts.decodeBytes(weights, panel, k, count, scratch);
            case Q4_0 -> ShortProducts.decode(weights, panel, k, count / PanelMatrix.BLOCK, scratch);
        }
    }

    @Override
    protected void addShorts(
            MultiplyScratch scratch,
            int blocks,
            PackedInput x,
            int valuesOffset,
            int scalesOffset,
            int width,
            int sumsOffset) {
        ShortProducts.addTile(blocks, x, valuesOffset, scalesOffset, width, scratch, sumsOffset);
    }

    @Override
    protected void copySums(InputForm form, float[] sums, int from, float[] out, int to, int count) {
        if (form == InputForm.BLOCKS_OF_SHORTS) {
            ShortProducts.copyInRowOrder(sums, from, out, to, count);
        } else {
            super.copySums(form, sums, from, out, to, count);
        }
    }

    @Override
    protected void addPlain(
            PanelMatrix weights, int panel, int k, int count, PackedInput x, int tile, MultiplyScratch scratch) {
        boolean inPlace = TileChoice.of(weights.type()).many() == TileChoice.TileLoop.F32_PANEL;
        MemorySegment numbers = inPlace ? weights.data() : scratch.plainTile;
        long from = inPlace ? weights.panelOffset(panel) + 4L * PanelMatrix.PANEL_ROWS * k : 0;
        int to = x.tileStart(tile) * PanelMatrix.PANEL_ROWS;
        int width = x.tileWidth(tile);
        int xAt = x.valuesOffset(tile) + k * width;
        for (int v = 0; v < PanelMatrix.PANEL_ROWS; v += 2 * L) {
            if (width == 8) {
                PlainTiles.tile2x8(numbers, from + 4L * v, count, x.values(), xAt, scratch.sums, to + v);
            } else {
                PlainTiles.tile2x4(numbers, from + 4L * v, count, x.values(), xAt, scratch.sums, to + v);
            }
        }
    }

    @Override
    protected void addBlocks(
            MultiplyScratch scratch,
            int blocks,
            PackedInput x,
            int valuesOffset,
            int scalesOffset,
            int width,
            int sumsOffset) {
        for (int v = 0; v < PanelMatrix.PANEL_ROWS; v += 2 * L) {
            switch (width) {
                case 4 -> DecodedFloatTiles.tile2x4(scratch, v, blocks, x, valuesOffset, scalesOffset, sumsOffset + v);
                default -> DecodedFloatTiles.tile2x8(scratch, v, blocks, x, valuesOffset, scalesOffset, sumsOffset + v);
            }
        }
    }

    @Override
    public void rmsNorm(float[] x, int xOffset, float[] weight, float epsilon, float[] out, int outOffset) {
        int length = weight.length;
        float mean = sumOfSquares(x, xOffset, length) / length;
        float scale = 1f / (float) Math.sqrt(mean + epsilon);
        int i = 0;
        for (; i < F.loopBound(length); i += L) {
            FloatVector.fromArray(F, x, xOffset + i)
                    .mul(scale)
                    .mul(FloatVector.fromArray(F, weight, i))
                    .intoArray(out, outOffset + i);
        }
        for (; i < length; i++) {
            out[outOffset + i] = x[xOffset + i] * scale * weight[i];
        }
    }

    private static float sumOfSquares(float[] x, int offset, int length) {
        FloatVector q0 = FloatVector.zero(F);
        FloatVector q1 = q0;
        FloatVector q2 = q0;
        FloatVector q3 = q0;
        for (int i = 0; i < length; i += LANES) {
            FloatVector a = load(x, offset, i, length);
            q0 = a.fma(a, q0);
            if (L <= 8) {
                FloatVector b = load(x, offset, i + L, length);
                q1 = b.fma(b, q1);
            }
            if (L == 4) {
                FloatVector c = load(x, offset, i + 2 * L, length);
                q2 = c.fma(c, q2);
                FloatVector d = load(x, offset, i + 3 * L, length);
                q3 = d.fma(d, q3);
            }
        }
        return tree(q0, q1, q2, q3);
    }

    /** Numbers {@code i} to {@code i + L} of a row, with zeros past its end. */
    private static FloatVector load(float[] x, int offset, int i, int length) {
        if (i + L <= length) {
            return FloatVector.fromArray(F, x, offset + i);
        }
        return i < length ? FloatVector.fromArray(F, x, offset + i, F.indexInRange(i, length)) : FloatVector.zero(F);
    }

    /** Sum of 16 virtual lanes, which lie in one vector, in two or in four, by the fixed tree. */
    static float tree(FloatVector q0, FloatVector q1, FloatVector q2, FloatVector q3) {
        if (L == 16) {
            return Lanes.tree(
                    q0.lane(0) + q0.lane(8),
                    q0.lane(1) + q0.lane(9),
                    q0.lane(2) + q0.lane(10),
                    q0.lane(3) + q0.lane(11),
                    q0.lane(4) + q0.lane(12),
                    q0.lane(5) + q0.lane(13),
                    q0.lane(6) + q0.lane(14),
                    q0.lane(7) + q0.lane(15));
        }
        if (L == 8) {
            FloatVector a = q0.add(q1);
            return Lanes.tree(a.lane(0), a.lane(1), a.lane(2), a.lane(3), a.lane(4), a.lane(5), a.lane(6), a.lane(7));
        }
        FloatVector a = q0.add(q2).add(q1.add(q3));
        return (a.lane(0) + a.lane(2)) + (a.lane(1) + a.lane(3));
    }

    @Override
    public void addInPlace(float[] x, int xOffset, float[] y, int yOffset, int length) {
        int i = 0;
        for (; i < F.loopBound(length); i += L) {
            FloatVector.fromArray(F, x, xOffset + i)
                    .add(FloatVector.fromArray(F, y, yOffset + i))
                    .intoArray(x, xOffset + i);
        }
        for (; i < length; i++) {
            x[xOffset + i] += y[yOffset + i];
        }
    }

    @Override
    public void swigluInPlace(float[] gate, int gateOffset, float[] up, int upOffset, int length) {
        int i = 0;
        for (; i < F.loopBound(length); i += L) {
            FloatVector g = FloatVector.fromArray(F, gate, gateOffset + i);
            FloatVector u = FloatVector.fromArray(F, up, upOffset + i);
            g.div(Lanes.exp(g.neg()).add(1f)).mul(u).intoArray(gate, gateOffset + i);
        }
        if (i < length) {
            VectorMask<Float> rest = F.indexInRange(i, length);
            FloatVector g = FloatVector.fromArray(F, gate, gateOffset + i, rest);
            FloatVector u = FloatVector.fromArray(F, up, upOffset + i, rest);
            g.div(Lanes.exp(g.neg()).add(1f)).mul(u).intoArray(gate, gateOffset + i, rest);
        }
    }

    @Override
    public void attend(
            float[] q,
            float[] out,
            int offset,
            int rowStride,
            int rows,
            int queryHeads,
            KvLayer kv,
            int kvHead,
            int[] blockTable,
            int positions,
            AttentionScratch scratch) {
        if (!VectorAttention.attend(
                q, out, offset, rowStride, rows, queryHeads, kv, kvHead, blockTable, positions, scratch)) {
            scalar.attend(q, out, offset, rowStride, rows, queryHeads, kv, kvHead, blockTable, positions, scratch);
        }
    }

    static float max(float[] x, int offset, int length) {
        FloatVector max = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
        int i = 0;
        for (; i < F.loopBound(length); i += L) {
            max = max.max(FloatVector.fromArray(F, x, offset + i));
        }
        float result = max.reduceLanes(VectorOperators.MAX);
        for (; i < length; i++) {
            result = Math.max(result, x[offset + i]);
        }
        return result;
    }

    @Override
    public int argmax(float[] x, int offset, int length) {
        return VectorSampling.argmax(x, offset, length);
    }

    @Override
    public float logSumExp(float[] x, int offset, int length) {
        float max = VectorSampling.max(x, offset, length);
        return max + (float) StrictMath.log(sumOfExp(x, offset, length, max));
    }

    /**
     * Sum of e^(x - max). The sums of the virtual lanes take turns, and the end of {@link #tree} is written out: the first keeps
     * the code small enough for the compiler to inline what it calls, the second makes it too long to be inlined itself, into
     * callers where it would not be. Otherwise the sums would be boxed in each round.
     */
    private static float sumOfExp(float[] x, int offset, int length, float max) {
        FloatVector q0 = FloatVector.zero(F);
        FloatVector q1 = q0;
        FloatVector q2 = q0;
        FloatVector q3 = q0;
        int whole = length / LANES * LANES;
        for (int i = 0; i < whole; i += L) {
            FloatVector sum = q0.add(expOf(x, offset + i, max));
            if (L == 16) {
                q0 = sum;
            } else if (L == 8) {
                q0 = q1;
                q1 = sum;
            } else {
                q0 = q1;
                q1 = q2;
                q2 = q3;
                q3 = sum;
            }
        }
        if (whole < length) {
            q0 = q0.add(expOrZero(x, offset, whole, length, max));
            q1 = q1.add(expOrZero(x, offset, whole + L, length, max));
            q2 = q2.add(expOrZero(x, offset, whole + 2 * L, length, max));
            q3 = q3.add(expOrZero(x, offset, whole + 3 * L, length, max));
        }
        if (L == 16) {
            return Lanes.tree(
                    q0.lane(0) + q0.lane(8),
                    q0.lane(1) + q0.lane(9),
                    q0.lane(2) + q0.lane(10),
                    q0.lane(3) + q0.lane(11),
                    q0.lane(4) + q0.lane(12),
                    q0.lane(5) + q0.lane(13),
                    q0.lane(6) + q0.lane(14),
                    q0.lane(7) + q0.lane(15));
        }
        if (L == 8) {
            FloatVector a = q0.add(q1);
            return Lanes.tree(a.lane(0), a.lane(1), a.lane(2), a.lane(3), a.lane(4), a.lane(5), a.lane(6), a.lane(7));
        }
        FloatVector a = q0.add(q2).add(q1.add(q3));
        return (a.lane(0) + a.lane(2)) + (a.lane(1) + a.lane(3));
    }

    private static FloatVector expOf(float[] x, int from, float max) {
        return Lanes.exp(FloatVector.fromArray(F, x, from).sub(max));
    }

    /** e^(x - max) of numbers {@code i} to {@code i + L}, and zeros past the end; apart from the loop over all, lest it box. */
    private static FloatVector expOrZero(float[] x, int offset, int i, int length, float max) {
        if (i + L <= length) {
            return expOf(x, offset + i, max);
        }
        if (i >= length) {
            return FloatVector.zero(F);
        }
        VectorMask<Float> rest = F.indexInRange(i, length);
        return FloatVector.zero(F)
                .blend(Lanes.exp(FloatVector.fromArray(F, x, offset + i, rest).sub(max)), rest);
    }

    @Override
    public long drawWeights(
            float[] x, int offset, int length, float max, float temperature, float[] out, long[] blockSums) {
        return VectorSampling.drawWeights(x, offset, length, max, temperature, out, blockSums);
    }

    @Override
    public void columnMaxima(float[] x, int offset, int length, float[] out, int columns) {
        VectorSampling.columnMaxima(x, offset, length, out, columns);
    }

    @Override
    public int indicesFrom(float[] x, int offset, int length, float least, int[] out) {
        return VectorSampling.indicesFrom(x, offset, length, least, out);
    }
}
