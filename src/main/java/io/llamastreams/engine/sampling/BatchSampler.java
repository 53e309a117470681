package io.llamastreams.engine.sampling;

import io.llamastreams.engine.request.SamplingParams;
import io.llamastreams.tensor.kernel.Kernels;
import io.llamastreams.tensor.kernel.WorkerPool;
import io.llamastreams.tensor.kernel.WorkerPool.Work;

/**
 * Draws the next tokens for the rows of a step, several rows at a time on the threads of a pool. A row's token depends on its
 * logits, parameters and random number alone.
 *
 * <p>Filled anew for each step: {@link #clear}, {@link #add} for each row of logits in their order, {@link #draw}, then the
 * results. Engine thread only; allocates nothing per step once each thread has had a row.
 */
public final class BatchSampler {
    /** Logits below which sharing the rows costs more than it saves. */
    private static final int WORTH_SHARING = 1 << 15;

    private final Kernels kernels;
    private final WorkerPool pool;
    private final int vocabularySize;
    private final Work drawRows = this::drawRows;

    // by thread, made by it when it gets its first row
    private final Sampler[] samplers;

    // by row
    private final SamplingParams[] params;
    private final long[] randoms;
    private final boolean[] logprobsWanted;
    private final int[] tokens;
    private final float[] logprobs;
    private int rows;
    private float[] logits;

    /**
     * Buffers for steps of at most {@code maxRows} rows.
     *
     * @param pool used while {@link #draw} runs
     */
    public BatchSampler(Kernels kernels, WorkerPool pool, int vocabularySize, int maxRows) {
        this.kernels = kernels;
        this.pool = pool;
        this.vocabularySize = vocabularySize;
        samplers = new Sampler[pool.threads()];
        params = new SamplingParams[maxRows];
        randoms = new long[maxRows];
        logprobsWanted = new boolean[maxRows];
        tokens = new int[maxRows];
        logprobs = new float[maxRows];
    }

    public void clear() {
        rows = 0;
    }

    /**
     * Adds the next row.
     *
     * @param random 64 random bits
     * @param logprobWanted whether the token's log-probability is to be computed
     */
    public void add(SamplingParams rowParams, long random, boolean logprobWanted) {
        params[rows] = rowParams;
        randoms[rows] = random;
        logprobsWanted[rows] = logprobWanted;
        rows++;
    }

    /** Draws a token for each row; {@code rowLogits} are [rows, vocabularySize] and stay as they are. */
    public void draw(float[] rowLogits) {
        logits = rowLogits;
        if ((long) rows * vocabularySize < WORTH_SHARING) {
            pool.runAlone(drawRows, rows);
        } else {
            pool.run(drawRows, rows);
        }
        logits = null;
    }

    /** The token of a row, or {@link Sampler#NOT_NUMBERS}. */
    public int token(int row) {
        return tokens[row];
    }

    /** Natural logarithm of the token's probability at temperature 1, without cuts; NaN if not wanted or not to be had. */
    public float logprob(int row) {
        return logprobs[row];
    }

    private void drawRows(int thread, int from, int to) {
        Sampler sampler = samplers[thread];
        if (sampler == null) {
            sampler = new Sampler(kernels, vocabularySize);
            samplers[thread] = sampler;
        }
        for (int row = from; row < to; row++) {
            int offset = row * vocabularySize;
            int token = sampler.draw(logits, offset, params[row], randoms[row]);
            tokens[row] = token;
            logprobs[row] = logprobsWanted[row] && token != Sampler.NOT_NUMBERS
                    ? logits[offset + token] - kernels.logSumExp(logits, offset, vocabularySize)
                    : Float.NaN;
        }
    }
}
