package io.llamastreams.training.network;

import io.llamastreams.model.LlamaConfig;
import io.llamastreams.tensor.kernel.TrainingKernels;
import java.util.Arrays;

/**
 * Causal attention inside one text, for the query heads of one KV head, and its gradient. Source: Vaswani et al. 2017, eq. 1;
 * grouping as in Ainslie et al. 2023. The probabilities are not kept but computed again for the gradient.
 *
 * <pre>
 * s = q k / sqrt(headSize)   p = softmax(s)   o = p v
 * dv = p do    dp = do v    ds = p (dp - sum(p dp))    dq = ds k / sqrt(headSize)    dk = ds q / sqrt(headSize)
 * </pre>
 *
 * Queries are taken {@link #QUERIES} at a time with the keys up to the last of them. Working memory of one thread.
 */
final class Attention {
    private static final int QUERIES = 64;
    private static final int PANEL = TrainingKernels.PANEL;

    private final TrainingKernels kernels;
    private final int headSize;
    private final int groupSize;
    private final int queryWidth;
    private final int kvWidth;
    private final int qkvWidth;
    private final float scale;

    private final Panels keyRows;
    private final Panels keyColumns;
    private final Panels valueRows;
    private final Panels valueColumns;
    private final Panels queries;
    private final float[] scores;
    private final float[] scoreGradients;
    private final float[] edge;

    /** @param maxLength most tokens of a text */
    Attention(TrainingKernels kernels, LlamaConfig config, int maxLength) {
        this.kernels = kernels;
        headSize = config.headSize();
        groupSize = config.groupSize();
        queryWidth = config.queryWidth();
        kvWidth = config.kvWidth();
        qkvWidth = queryWidth + 2 * kvWidth;
        scale = 1f / (float) Math.sqrt(headSize);
        keyRows = new Panels(maxLength, headSize);
        keyColumns = new Panels(headSize, maxLength);
        valueRows = new Panels(maxLength, headSize);
        valueColumns = new Panels(headSize, maxLength);
        queries = new Panels(headSize, QUERIES);
        int stride = Panels.panels(maxLength) * PANEL;
        scores = new float[QUERIES * stride];
        scoreGradients = new float[QUERIES * stride];
        edge = new float[Math.max(QUERIES, stride) * PANEL];
    }

    /**
     * Writes the outputs of the query heads of a KV head.
     *
     * @param qkv queries, keys and values after RoPE, [tokens, qkvWidth]
     * @param start first token of the text
     * @param out [tokens, queryWidth]
     */
    void forward(float[] qkv, int start, int length, int kvHead, float[] out) {
        packKeyRows(qkv, start, length, kvHead);
        packValueColumns(qkv, start, length, kvHead);
        for (int head = kvHead * groupSize; head < (kvHead + 1) * groupSize; head++) {
            for (int first = 0; first < length; first += QUERIES) {
                int count = Math.min(QUERIES, length - first);
                int keys = first + count;
                int stride = probabilities(qkv, start, first, count, head);
                int outAt = (start + first) * queryWidth + head * headSize;
                clear(out, outAt, queryWidth, count, headSize);
                valueColumns.addRowProducts(
                        kernels,
                        0,
                        valueColumns.panels(),
                        keys,
                        scores,
                        0,
                        stride,
                        count,
                        out,
                        outAt,
                        queryWidth,
                        edge);
            }
        }
    }

    /**
     * Writes the gradients of a KV head's keys and values and of its heads' queries.
     *
     * @param outGradient with respect to the output of {@link #forward}, [tokens, queryWidth]
     * @param gradient with respect to {@code qkv}, [tokens, qkvWidth]
     */
    void backward(float[] qkv, int start, int length, int kvHead, float[] outGradient, float[] gradient) {
        packKeyRows(qkv, start, length, kvHead);
        keyColumns
                .shape(headSize, length)
                .packColumns(qkv, keyAt(start, kvHead), qkvWidth, scale, 0, Panels.panels(headSize));
        valueRows.shape(length, headSize).packRows(qkv, valueAt(start, kvHead), qkvWidth, 1f, 0, Panels.panels(length));
        clear(gradient, keyAt(start, kvHead), qkvWidth, length, headSize);
        clear(gradient, valueAt(start, kvHead), qkvWidth, length, headSize);
        for (int head = kvHead * groupSize; head < (kvHead + 1) * groupSize; head++) {
            for (int first = 0; first < length; first += QUERIES) {
                int count = Math.min(QUERIES, length - first);
                backward(qkv, start, first, count, head, kvHead, outGradient, gradient);
            }
        }
    }

    private void backward(
            float[] qkv, int start, int first, int count, int head, int kvHead, float[] outGradient, float[] gradient) {
        int keys = first + count;
        int stride = probabilities(qkv, start, first, count, head);
        int outAt = (start + first) * queryWidth + head * headSize;
        int queryAt = queryAt(start + first, head);
        int panels = Panels.panels(headSize);

        queries.shape(headSize, count).packColumns(outGradient, outAt, queryWidth, 1f, 0, panels);
        queries.addColumnProducts(
                kernels, 0, panels, count, scores, 0, stride, keys, gradient, valueAt(start, kvHead), qkvWidth, edge);

        scoreGradients(outGradient, outAt, count, keys, stride, first);

        clear(gradient, queryAt, qkvWidth, count, headSize);
        keyColumns.addRowProducts(
                kernels, 0, panels, keys, scoreGradients, 0, stride, count, gradient, queryAt, qkvWidth, edge);

        queries.packColumns(qkv, queryAt, qkvWidth, scale, 0, panels);
        queries.addColumnProducts(
                kernels,
                0,
                panels,
                count,
                scoreGradients,
                0,
                stride,
                keys,
                gradient,
                keyAt(start, kvHead),
                qkvWidth,
                edge);
    }

    /** {@link #scores} become the probabilities of {@code count} queries from {@code first} on; gives their stride. */
    private int probabilities(float[] qkv, int start, int first, int count, int head) {
        int keys = first + count;
        int panels = Panels.panels(keys);
        int stride = panels * PANEL;
        Arrays.fill(scores, 0, count * stride, 0f);
        keyRows.addRowProducts(
                kernels,
                0,
                panels,
                headSize,
                qkv,
                queryAt(start + first, head),
                qkvWidth,
                count,
                scores,
                0,
                stride,
                edge);
        for (int row = 0; row < count; row++) {
            int visible = first + row + 1;
            kernels.softmaxInPlace(scores, row * stride, visible);
            Arrays.fill(scores, row * stride + visible, (row + 1) * stride, 0f);
        }
        return stride;
    }

    /** {@link #scoreGradients} become the gradients of the scores of these queries. */
    private void scoreGradients(float[] outGradient, int outAt, int count, int keys, int stride, int first) {
        Arrays.fill(scoreGradients, 0, count * stride, 0f);
        valueRows.addRowProducts(
                kernels,
                0,
                Panels.panels(keys),
                headSize,
                outGradient,
                outAt,
                queryWidth,
                count,
                scoreGradients,
                0,
                stride,
                edge);
        for (int row = 0; row < count; row++) {
            int visible = first + row + 1;
            int at = row * stride;
            float mean = kernels.dot(scores, at, scoreGradients, at, visible);
            for (int i = at; i < at + visible; i++) {
                scoreGradients[i] = scores[i] * (scoreGradients[i] - mean);
            }
            Arrays.fill(scoreGradients, at + visible, at + stride, 0f);
        }
    }

    private void packKeyRows(float[] qkv, int start, int length, int kvHead) {
        keyRows.shape(length, headSize).packRows(qkv, keyAt(start, kvHead), qkvWidth, scale, 0, Panels.panels(length));
    }

    private void packValueColumns(float[] qkv, int start, int length, int kvHead) {
        valueColumns
                .shape(headSize, length)
                .packColumns(qkv, valueAt(start, kvHead), qkvWidth, 1f, 0, Panels.panels(headSize));
    }

    private int queryAt(int token, int head) {
        return token * qkvWidth + head * headSize;
    }

    private int keyAt(int token, int kvHead) {
        return token * qkvWidth + queryWidth + kvHead * headSize;
    }

    private int valueAt(int token, int kvHead) {
        return keyAt(token, kvHead) + kvWidth;
    }

    private static void clear(float[] x, int at, int stride, int rows, int width) {
        for (int row = 0; row < rows; row++) {
            Arrays.fill(x, at + row * stride, at + row * stride + width, 0f);
        }
    }
}
