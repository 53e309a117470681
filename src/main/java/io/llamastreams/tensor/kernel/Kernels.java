package io.llamastreams.tensor.kernel;

import io.llamastreams.tensor.quant.TensorType;

/**
 * The operations that a forward pass is made of. All implementations give equal bits for equal arguments. Stateless: any
 * thread, and several at once as long as what they write does not overlap. Nothing here allocates.
 */
public interface Kernels {

    /** Positions in one KV block, and virtual lanes of sums across a row. */
    int LANES = 16;

    /** Weights whose sum {@link #drawWeights} tells: few enough for the sum to be exact in double. */
    int DRAW_BLOCK = 512;

    /** For logs: kind and width, such as {@code vector-512}. */
    String name();

    /** Rows that {@link PackedInput} lays side by side in a wide tile for this implementation. */
    int tileColumns();

    /** The form in which {@link #multiply} takes so many input rows of a product with weights of a type. */
    InputForm inputForm(TensorType weights, int rows);

    /**
     * Lays out rows {@code fromRow} to {@code toRow} (exclusive) of a matrix product's input as {@link #multiply} reads them;
     * quantises them to 8 bits per block of 32 if {@code out} has a quantised {@link InputForm form}. A block whose largest
     * magnitude is below 2^-100 becomes zeros.
     *
     * @param x row-major inputs, [out.rows(), stride], of which the first out.columns() numbers of a row count
     */
    void pack(float[] x, int stride, PackedInput out, int fromRow, int toRow);

    /**
     * Matrix product: {@code out[n][m] = sum over k of weights[m][k] * x[n][k]}, for the weight rows m of panels
     * {@code fromPanel} to {@code toPanel} (exclusive) and all rows n of {@code x}.
     *
     * @param out row-major, [x.rows(), outStride]; only columns of these panels are written
     * @param scratch of this thread, from {@link MultiplyScratch#forRows}
     * @throws IllegalArgumentException if the shapes, or the form of the input and the type of the weights, do not fit
     */
    void multiply(
            WeightMatrix weights,
            PackedInput x,
            int fromPanel,
            int toPanel,
            float[] out,
            int outStride,
            MultiplyScratch scratch);

    /**
     * {@code out = x / sqrt(mean(x^2) + epsilon) * weight} over {@code weight.length} numbers. Source: Zhang and Sennrich
     * 2019, "Root Mean Square Layer Normalization", eq. 4.
     */
    void rmsNorm(float[] x, int xOffset, float[] weight, float epsilon, float[] out, int outOffset);

    /** {@code x += y} over {@code length} numbers. */
    void addInPlace(float[] x, int xOffset, float[] y, int yOffset, int length);

    /** {@code gate = gate * sigmoid(gate) * up}. Source: Shazeer 2020, "GLU Variants Improve Transformer", eq. 6. */
    void swigluInPlace(float[] gate, int gateOffset, float[] up, int upOffset, int length);

    /**
     * Rotates the pairs (2i, 2i + 1) of each head by the angles whose cosines and sines are given. Source: Su et al. 2021,
     * "RoFormer", eq. 34.
     *
     * @param x heads of {@code headSize} numbers one after another
     * @param cosSin from {@code tableOffset}: cos and sin of pair 0, of pair 1, ...: headSize numbers
     */
    void ropeInPlace(float[] x, int offset, int heads, int headSize, float[] cosSin, int tableOffset);

    /**
     * Attention of the query heads that share one KV head, for consecutive positions of one sequence:
     * softmax(q k / sqrt(headSize)) v over positions 0 to {@code positions - 1 + r} of the pages that {@code blockTable}
     * names, for row r. Rows that come together get the bits that each gets alone. Source: Vaswani et al. 2017, eq. 1;
     * grouping as in Ainslie et al. 2023.
     *
     * @param q the heads' queries, [rows, queryHeads, headSize]: row r from {@code offset + r * rowStride} on
     * @param out as {@code q}
     * @param rows at most {@link AttentionScratch#maxRows} of the last row's positions
     * @param positions that the first row attends to, its own among them
     * @param scratch of this thread, made for this many heads
     */
    void attend(
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
            AttentionScratch scratch);

    /** Index, counted from {@code offset}, of the largest of {@code length} numbers; of equals the first; -1 if one is NaN. */
    int argmax(float[] x, int offset, int length);

    /** {@code log(sum(exp(x)))} over {@code length} numbers; NaN if one is NaN. */
    float logSumExp(float[] x, int offset, int length);

    /**
     * Weights for a draw: {@code out[i] = floor(2^40 * e^((x[offset + i] - max) / temperature))}, whole numbers from 0 to 2^40
     * that floats hold exactly; 0 where the exponent is below {@link ExactMath#LEAST_DRAW_EXPONENT}.
     *
     * @param max the largest of the numbers, of which none is NaN
     * @param temperature above 0
     * @param out {@code length} weights
     * @param blockSums sum of each {@link #DRAW_BLOCK} weights, the last block perhaps of fewer
     * @return sum of all weights
     */
    long drawWeights(float[] x, int offset, int length, float max, float temperature, float[] out, long[] blockSums);

    /**
     * Maxima of the columns of a row of numbers that is written in lines of {@code columns}:
     * {@code out[c] = max over i of x[offset + c + i * columns]}, negative infinity for a column without numbers.
     *
     * @param columns a multiple of {@link #LANES}
     */
    void columnMaxima(float[] x, int offset, int length, float[] out, int columns);

    /**
     * Finds the numbers that are at least {@code least}.
     *
     * @param out their indices, counted from {@code offset}, ascending; room for {@code length}
     * @return how many
     */
    int indicesFrom(float[] x, int offset, int length, float least, int[] out);
}
