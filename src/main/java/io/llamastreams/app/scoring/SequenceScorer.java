package io.llamastreams.app.scoring;

import io.llamastreams.model.ForwardBatch;
import io.llamastreams.model.ForwardLimits;
import io.llamastreams.model.LlamaConfig;
import io.llamastreams.model.LlamaForward;
import io.llamastreams.model.LlamaModel;
import io.llamastreams.tensor.kernel.Kernels;
import io.llamastreams.tensor.kernel.KvLayer;
import io.llamastreams.tensor.kernel.KvType;
import io.llamastreams.tensor.kernel.WorkerPool;
import java.util.Arrays;
import java.util.function.IntConsumer;

/** Runs one sequence at a time through a model. One thread. */
public final class SequenceScorer implements AutoCloseable {
    /** Rows of a batch; many enough to read the weights seldom, few enough that their logits stay small. */
    private static final int MAX_ROWS = 128;

    private final LlamaForward forward;
    private final Kernels kernels;
    private final ForwardBatch batch = new ForwardBatch(MAX_ROWS, MAX_ROWS);
    private final int[] blockTable;
    private final int maxTokens;

    /**
     * Takes KV memory for one sequence.
     *
     * @param maxTokens of the longest sequence
     * @throws IllegalArgumentException if the model's context is shorter than that
     */
    public SequenceScorer(LlamaModel model, Kernels kernels, WorkerPool pool, KvType kvType, int maxTokens) {
        LlamaConfig config = model.config();
        if (maxTokens < 1 || maxTokens > config.contextLength()) {
            throw new IllegalArgumentException(
                    "tokens: expected 1 to the model's context of " + config.contextLength() + ", found " + maxTokens);
        }
        this.kernels = kernels;
        this.maxTokens = maxTokens;
        int blocks = Math.ceilDiv(maxTokens, KvLayer.BLOCK_TOKENS);
        blockTable = new int[blocks];
        Arrays.setAll(blockTable, i -> i);
        forward = new LlamaForward(model, kernels, pool, new ForwardLimits(MAX_ROWS, MAX_ROWS, blocks, kvType));
    }

    /**
     * Logits of the token after the last one.
     *
     * @param ids BOS included, where it is wanted
     * @return a new array, one number for each token of the vocabulary
     * @throws IllegalArgumentException if there are no ids, too many, or one that is not in the vocabulary
     */
    public float[] lastLogits(int[] ids) {
        check(ids);
        for (int from = 0; from < ids.length; from += MAX_ROWS) {
            batch.clear();
            for (int position = from; position < Math.min(ids.length, from + MAX_ROWS); position++) {
                if (position + 1 == ids.length) {
                    batch.addWithLogits(ids[position], position, blockTable);
                } else {
                    batch.add(ids[position], position, blockTable);
                }
            }
            forward.forward(batch);
        }
        return Arrays.copyOf(forward.logits(), forward.config().vocabularySize());
    }

    /**
     * Sum of {@code -log p(id | ids before it)}, natural logarithm, from the second id on.
     *
     * @param scored hears how many more ids have been scored
     * @throws IllegalArgumentException as {@link #lastLogits}
     */
    public double negativeLogLikelihood(int[] ids, IntConsumer scored) {
        check(ids);
        double sum = 0;
        int last = ids.length - 1;
        for (int from = 0; from < last; from += MAX_ROWS) {
            int to = Math.min(last, from + MAX_ROWS);
            batch.clear();
            for (int position = from; position < to; position++) {
                batch.addWithLogits(ids[position], position, blockTable);
            }
            forward.forward(batch);
            for (int position = from; position < to; position++) {
                sum += surprise(position - from, ids[position + 1]);
            }
            scored.accept(to - from);
        }
        return sum;
    }

    private double surprise(int row, int id) {
        int width = forward.config().vocabularySize();
        return (double) kernels.logSumExp(forward.logits(), row * width, width) - forward.logits()[row * width + id];
    }

    private void check(int[] ids) {
        if (ids.length == 0 || ids.length > maxTokens) {
            throw new IllegalArgumentException("token ids: expected 1 to " + maxTokens + ", found " + ids.length);
        }
        int size = forward.config().vocabularySize();
        for (int id : ids) {
            if (id < 0 || id >= size) {
                throw new IllegalArgumentException("token id: expected 0 to " + (size - 1) + ", found " + id);
            }
        }
    }

    @Override
    public void close() {
        forward.close();
    }
}
