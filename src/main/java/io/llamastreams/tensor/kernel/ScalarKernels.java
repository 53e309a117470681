package io.llamastreams.tensor.kernel;

import io.llamastreams.tensor.quant.BlockFormat;
import io.llamastreams.tensor.quant.PlainFormat;
import io.llamastreams.tensor.quant.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** The operations in plain loops: what every other implementation must equal, and what runs where nothing else can. */
public final class ScalarKernels extends TiledKernels {
    private static final int ROWS = PanelMatrix.PANEL_ROWS;
    private static final int BLOCK = PanelMatrix.BLOCK;

    @Override
    public String name() {
        return "scalar";
    }

    @Override
    public int tileColumns() {
        return 1;
    }

    @Override
    public InputForm inputForm(TensorType weights, int rows) {
        return weights.blockElements() > 1 ? InputForm.BLOCKS_OF_FLOATS : InputForm.PLAIN;
    }

    @Override
    protected void quantiseToPairs(float[] x, int from, float inverse, int[] pairs, int to) {
        throw new IllegalStateException("scalar kernels take blocks of floats");
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
        throw new IllegalStateException("scalar kernels take blocks of floats");
    }

    @Override
    protected float largestMagnitude(float[] x, int from) {
        float largest = 0f;
        for (int k = 0; k < BLOCK; k++) {
            largest = Math.max(largest, Math.abs(x[from + k]));
        }
        return largest;
    }

    @Override
    protected void multiplyVector(PanelMatrix weights, int panel, PackedInput x, MultiplyScratch scratch) {
        for (int row = 0; row < ROWS; row++) {
            scratch.sums[row] = switch (weights.type().format()) {
                case PlainFormat plain -> plainProduct(plain, weights, panel, row, x);
                case BlockFormat blocks -> blockProduct(blocks, weights, panel, row, x);
            };
        }
    }

    private static float plainProduct(PlainFormat format, PanelMatrix weights, int panel, int row, PackedInput x) {
        MemorySegment data = weights.data();
        long at = weights.panelOffset(panel) + (long) weights.type().blockBytes() * row;
        long step = (long) weights.type().blockBytes() * ROWS;
        float sum = 0f;
        for (int k = 0; k < x.columns(); k++, at += step) {
            float w = format.read(data, at);
            sum = Math.fma(w, x.values()[k], sum);
        }
        return sum;
    }

    private static float blockProduct(BlockFormat format, PanelMatrix weights, int panel, int row, PackedInput x) {
        MemorySegment data = weights.data();
        long blockBytes = (long) weights.type().blockBytes() * ROWS;
        float sum = 0f;
        for (int block = 0; block < x.columns() / BLOCK; block++) {
            long at = weights.panelOffset(panel) + block * blockBytes;
            float scale = format.scale(data, at, row);
            float products = 0f;
            for (int k = 0; k < BLOCK; k++) {
                products += format.whole(data, at, ROWS, row, k) * x.values()[block * BLOCK + k];
            }
            sum = Math.fma(products, scale * x.scales()[block], sum);
        }
        return sum;
    }

    @Override
    protected void decode(PanelMatrix weights, int panel, int k, int count, MultiplyScratch scratch) {
        long at = weights.panelOffset(panel) + weights.type().bytes(k) * ROWS;
        switch (weights.type().format()) {
            case PlainFormat plain -> {
                long bytes = weights.type().blockBytes();
                for (int i = 0; i < count * ROWS; i++) {
                    scratch.plainTile.setAtIndex(PanelMatrix.FLOAT, i, plain.read(weights.data(), at + bytes * i));
                }
            }
            case BlockFormat blocks -> {
                for (int block = 0; block < count / BLOCK; block++) {
                    decodeBlock(blocks, weights.data(), at + (long) blocks.blockBytes() * ROWS * block, block, scratch);
                }
            }
        }
    }

    private static void decodeBlock(
            BlockFormat format, MemorySegment data, long at, int block, MultiplyScratch scratch) {
        for (int row = 0; row < ROWS; row++) {
            scratch.scales[block * ROWS + row] = format.scale(data, at, row);
            for (int i = 0; i < BLOCK; i++) {
                scratch.tile[(block * BLOCK + i) * ROWS + row] = format.whole(data, at, ROWS, row, i);
            }
        }
    }

    @Override
    protected void addPlain(
            PanelMatrix weights, int panel, int k, int count, PackedInput x, int tile, MultiplyScratch scratch) {
        int to = x.tileStart(tile) * ROWS;
        for (int i = 0; i < count; i++) {
            float value = x.values()[x.valuesOffset(tile) + k + i];
            for (int row = 0; row < ROWS; row++) {
                float number = scratch.plainTile.getAtIndex(PanelMatrix.FLOAT, i * ROWS + row);
                scratch.sums[to + row] = Math.fma(number, value, scratch.sums[to + row]);
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
        for (int block = 0; block < blocks; block++) {
            float inputScale = x.scales()[scalesOffset + block];
            for (int row = 0; row < ROWS; row++) {
                float products = 0f;
                for (int k = block * BLOCK; k < (block + 1) * BLOCK; k++) {
                    products += scratch.tile[k * ROWS + row] * x.values()[valuesOffset + k];
                }
                scratch.sums[sumsOffset + row] = Math.fma(
                        products, scratch.scales[block * ROWS + row] * inputScale, scratch.sums[sumsOffset + row]);
            }
        }
    }

    @Override
    public void rmsNorm(float[] x, int xOffset, float[] weight, float epsilon, float[] out, int outOffset) {
        int length = weight.length;
        float mean = sumOfSquares(x, xOffset, length, 0, 1) / length;
        float scale = 1f / (float) Math.sqrt(mean + epsilon);
        for (int i = 0; i < length; i++) {
            out[outOffset + i] = x[xOffset + i] * scale * weight[i];
        }
    }

    /** The fixed tree: lanes {@code lane}, {@code lane + stride}, ... of the 16. */
    private static float sumOfSquares(float[] x, int offset, int length, int lane, int stride) {
        if (stride < LANES) {
            return sumOfSquares(x, offset, length, lane, stride * 2)
                    + sumOfSquares(x, offset, length, lane + stride, stride * 2);
        }
        float sum = 0f;
        for (int i = lane; i < length; i += LANES) {
            sum = Math.fma(x[offset + i], x[offset + i], sum);
        }
        return sum;
    }

    /** The fixed tree over e^(x - max). */
    private static float sumOfExp(float[] x, int offset, int length, float max, int lane, int stride) {
        if (stride < LANES) {
            return sumOfExp(x, offset, length, max, lane, stride * 2)
                    + sumOfExp(x, offset, length, max, lane + stride, stride * 2);
        }
        float sum = 0f;
        for (int i = lane; i < length; i += LANES) {
            sum += ExactMath.exp(x[offset + i] - max);
        }
        return sum;
    }

    private static float max(float[] x, int offset, int length) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < length; i++) {
            max = Math.max(max, x[offset + i]);
        }
        return max;
    }

    @Override
    public void addInPlace(float[] x, int xOffset, float[] y, int yOffset, int length) {
        for (int i = 0; i < length; i++) {
            x[xOffset + i] += y[yOffset + i];
        }
    }

    @Override
    public void swigluInPlace(float[] gate, int gateOffset, float[] up, int upOffset, int length) {
        for (int i = 0; i < length; i++) {
            float g = gate[gateOffset + i];
            gate[gateOffset + i] = g / (ExactMath.exp(-g) + 1f) * up[upOffset + i];
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
        for (int row = 0; row < rows; row++) {
            for (int head = 0; head < queryHeads; head++) {
                int at = offset + row * rowStride + head * kv.headSize();
                attend(q, out, at, kv, kvHead, blockTable, positions + row, scratch.scores);
            }
        }
    }

    private static void attend(
            float[] q, float[] out, int at, KvLayer kv, int kvHead, int[] blockTable, int positions, float[] weights) {
        float scale = 1f / (float) Math.sqrt(kv.headSize());
        for (int t = 0; t < positions; t++) {
            float score = 0f;
            for (int d = 0; d < kv.headSize(); d++) {
                score = Math.fma(kv.key(blockTable[t / LANES], kvHead, t % LANES, d), q[at + d], score);
            }
            weights[t] = score * scale;
        }
        float max = max(weights, 0, positions);
        float inverse = 1f / sumOfExp(weights, 0, positions, max, 0, 1);
        for (int t = 0; t < positions; t++) {
            weights[t] = ExactMath.exp(weights[t] - max);
        }
        for (int d = 0; d < kv.headSize(); d++) {
            float sum = 0f;
            for (int t = 0; t < positions; t++) {
                sum = Math.fma(kv.value(blockTable[t / LANES], kvHead, t % LANES, d), weights[t], sum);
            }
            out[at + d] = sum * inverse;
        }
    }

    @Override
    public int argmax(float[] x, int offset, int length) {
        float max = max(x, offset, length);
        for (int i = 0; i < length; i++) {
            if (x[offset + i] == max) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public float logSumExp(float[] x, int offset, int length) {
        float max = max(x, offset, length);
        return max + (float) StrictMath.log(sumOfExp(x, offset, length, max, 0, 1));
    }

    @Override
    public long drawWeights(
            float[] x, int offset, int length, float max, float temperature, float[] out, long[] blockSums) {
        long total = 0;
        for (int from = 0; from < length; from += DRAW_BLOCK) {
            long sum = 0;
            for (int i = from; i < Math.min(length, from + DRAW_BLOCK); i++) {
                float exponent = (x[offset + i] - max) / temperature;
                long weight = exponent < ExactMath.LEAST_DRAW_EXPONENT
                        ? 0
                        : (long) (ExactMath.exp(exponent) * ExactMath.DRAW_ONE);
                out[i] = weight;
                sum += weight;
            }
            blockSums[from / DRAW_BLOCK] = sum;
            total += sum;
        }
        return total;
    }

    @Override
    public void columnMaxima(float[] x, int offset, int length, float[] out, int columns) {
        Arrays.fill(out, 0, columns, Float.NEGATIVE_INFINITY);
        for (int i = 0; i < length; i++) {
            int column = i % columns;
            out[column] = Math.max(out[column], x[offset + i]);
        }
    }

    @Override
    public int indicesFrom(float[] x, int offset, int length, float least, int[] out) {
        int count = 0;
        for (int i = 0; i < length; i++) {
            out[count] = i;
            count += x[offset + i] >= least ? 1 : 0;
        }
        return count;
    }
}
