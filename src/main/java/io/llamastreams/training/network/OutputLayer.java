package io.llamastreams.training.network;

import io.llamastreams.model.LlamaConfig;
import io.llamastreams.tensor.kernel.TrainingKernels;
import io.llamastreams.tensor.kernel.WorkerPool;

/**
 * The last norm, the output matrix and the cross entropy, over the tokens that have a target. With p = softmax(logits) and
 * target c, the loss is -log p[c] and its gradient with respect to the logits p - onehot(c). Logits are made for some rows at
 * a time, since a whole batch of them may be larger than everything else.
 */
final class OutputLayer {
    private static final int ROWS = 64;
    private static final int COLUMNS = 64;

    /** Logits that are held at a time. */
    private static final int LOGITS = 1 << 23;

    private final WorkerPool pool;
    private final TrainingKernels kernels;
    private final Norm norm;
    private final Linear matrix;
    private final int width;
    private final int vocabularySize;
    private final int chunkRows;

    /** Tokens with a target, and how many there are in the batch at hand. */
    private final int[] tokens;

    private int rows;

    // Of the rows of a chunk.
    private final float[] input;
    private final float[] scale;
    private final float[] normed;
    private final float[] toNormed;
    private final float[] logits;
    private final float[] losses;

    OutputLayer(ParameterLayout layout, int maxTokens, TrainingKernels kernels, WorkerPool pool) {
        LlamaConfig config = layout.config();
        this.kernels = kernels;
        this.pool = pool;
        width = config.embeddingLength();
        vocabularySize = config.vocabularySize();
        norm = new Norm(kernels, layout.outputNorm(), width, config.rmsEpsilon());
        matrix = new Linear(kernels, layout.output(), vocabularySize, width);
        chunkRows = Math.min(maxTokens, Math.max(ROWS, LOGITS / vocabularySize / ROWS * ROWS));
        tokens = new int[maxTokens];
        input = Block.floats(chunkRows, width);
        scale = new float[chunkRows];
        normed = Block.floats(chunkRows, width);
        toNormed = Block.floats(chunkRows, width);
        logits = Block.floats(chunkRows, vocabularySize);
        losses = new float[chunkRows];
    }

    void pack(float[] weights) {
        matrix.pack(weights, pool);
    }

    double loss(float[] weights, float[] last, TokenBatch batch, Linear.Scratch[] scratch) {
        collect(batch);
        double loss = 0;
        for (int first = 0; first < rows; first += chunkRows) {
            loss += forward(weights, last, batch, first, Math.min(chunkRows, rows - first), scratch);
        }
        return loss;
    }

    /**
     * Loss of a batch.
     *
     * @param last output of the last block, [tokens, embedding]
     * @param toLast its gradient, to which that of the loss is added
     * @param gradients of all parameters, to which those of this layer are added
     */
    double lossAndGradient(
            float[] weights,
            float[] last,
            TokenBatch batch,
            float[] toLast,
            float[] gradients,
            Linear.Scratch[] scratch) {
        collect(batch);
        double loss = 0;
        for (int first = 0; first < rows; first += chunkRows) {
            int count = Math.min(chunkRows, rows - first);
            loss += forward(weights, last, batch, first, count, scratch);
            backward(weights, batch, first, count, toLast, gradients, scratch);
        }
        return loss;
    }

    private void collect(TokenBatch batch) {
        rows = 0;
        for (int token = 0; token < batch.tokens().length; token++) {
            if (batch.targets()[token] != TokenBatch.NO_TARGET) {
                tokens[rows++] = token;
            }
        }
    }

    /** {@link #logits} become the probabilities of a chunk's rows. */
    private double forward(
            float[] weights, float[] last, TokenBatch batch, int first, int count, Linear.Scratch[] scratch) {
        inRows(count, (thread, from, to) -> {
            for (int row = from; row < to; row++) {
                System.arraycopy(last, tokens[first + row] * width, input, row * width, width);
                scale[row] = norm.forward(weights, input, row * width, normed, row * width);
            }
            matrix.forward(normed, logits, from, to, scratch[thread].edge);
            for (int row = from; row < to; row++) {
                int target = batch.targets()[tokens[first + row]];
                float chosen = logits[row * vocabularySize + target];
                losses[row] = kernels.softmaxInPlace(logits, row * vocabularySize, vocabularySize) - chosen;
            }
        });
        double loss = 0;
        for (int row = 0; row < count; row++) {
            loss += losses[row];
        }
        return loss;
    }

    private void backward(
            float[] weights,
            TokenBatch batch,
            int first,
            int count,
            float[] toLast,
            float[] gradients,
            Linear.Scratch[] scratch) {
        for (int row = 0; row < count; row++) {
            logits[row * vocabularySize + batch.targets()[tokens[first + row]]] -= 1f;
        }
        matrix.addToWeights(normed, logits, count, gradients, pool, scratch);
        inRows(count, (thread, from, to) -> matrix.toInput(logits, toNormed, from, to, scratch[thread].edge));
        pool.run(
                (thread, from, to) -> norm.addToWeights(
                        input, scale, toNormed, count, gradients, from * COLUMNS, Math.min(width, to * COLUMNS)),
                (width + COLUMNS - 1) / COLUMNS);
        inRows(count, (thread, from, to) -> {
            for (int row = from; row < to; row++) {
                int at = row * width;
                norm.addToInput(weights, input, at, scale[row], toNormed, at, toLast, tokens[first + row] * width);
            }
        });
    }

    private void inRows(int count, WorkerPool.Work work) {
        pool.run(
                (thread, from, to) -> {
                    for (int item = from; item < to; item++) {
                        work.run(thread, item * ROWS, Math.min(count, (item + 1) * ROWS));
                    }
                },
                (count + ROWS - 1) / ROWS);
    }
}
