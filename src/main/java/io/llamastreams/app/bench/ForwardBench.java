package io.llamastreams.app.bench;

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
import java.util.Random;
import java.util.function.LongSupplier;

/**
 * Tokens per second of forward passes. Prefill: one sequence, all its tokens in as few batches as the pass allows, logits of
 * the last. Decode: some sequences, each with a context of its own, one greedy token each per pass.
 */
public final class ForwardBench implements AutoCloseable {
    /** Rows of a prefill batch: what one step of the engine takes at most by default. */
    private static final int MAX_ROWS = 512;

    private static final long WARM_UP_NANOS = 1_500_000_000L;
    private static final int MAX_WARM_UP_RUNS = 200;

    private final LlamaForward forward;
    private final Kernels kernels;
    private final LongSupplier nanoClock;
    private final ForwardBatch batch;
    private final Random random = new Random(1);
    private final int[][] tables;

    /** Tokens per second of several runs, sorted. */
    public record Speed(double[] tokensPerSecond) {
        public double median() {
            int middle = tokensPerSecond.length / 2;
            return tokensPerSecond.length % 2 == 1
                    ? tokensPerSecond[middle]
                    : (tokensPerSecond[middle - 1] + tokensPerSecond[middle]) / 2;
        }

        public double least() {
            return tokensPerSecond[0];
        }

        public double most() {
            return tokensPerSecond[tokensPerSecond.length - 1];
        }
    }

    /**
     * Takes KV memory for {@code sequences} sequences of {@code positions} tokens.
     *
     * @throws IllegalArgumentException if the model's context is shorter than that
     */
    public ForwardBench(
            LlamaModel model,
            Kernels kernels,
            WorkerPool pool,
            KvType kvType,
            int sequences,
            int positions,
            LongSupplier nanoClock) {
        LlamaConfig config = model.config();
        if (positions > config.contextLength()) {
            throw new IllegalArgumentException("tokens of a sequence: expected at most the model's context of "
                    + config.contextLength() + ", found " + positions);
        }
        this.kernels = kernels;
        this.nanoClock = nanoClock;
        int blocksPerSequence = (positions + KvLayer.BLOCK_TOKENS - 1) / KvLayer.BLOCK_TOKENS;
        int rows = Math.max(MAX_ROWS, sequences);
        forward = new LlamaForward(
                model, kernels, pool, new ForwardLimits(rows, sequences, sequences * blocksPerSequence, kvType));
        batch = new ForwardBatch(rows, sequences);
        tables = new int[sequences][blocksPerSequence];
        for (int i = 0; i < sequences * blocksPerSequence; i++) {
            tables[i / blocksPerSequence][i % blocksPerSequence] = i;
        }
    }

    /** Measures the computation of {@code tokens} prompt tokens. */
    public Speed prefill(int tokens, int runs) {
        return measure(runs, tokens, () -> {
            long start = nanoClock.getAsLong();
            fill(0, tokens);
            return nanoClock.getAsLong() - start;
        });
    }

    /** Measures {@code steps} passes of one token for each of {@code sequences}, that have {@code context} tokens each. */
    public Speed decode(int sequences, int context, int steps, int runs) {
        for (int sequence = 0; sequence < sequences; sequence++) {
            fill(sequence, context);
        }
        int[] tokens = new int[sequences];
        return measure(runs, sequences * steps, () -> {
            Arrays.setAll(tokens, i -> randomToken());
            long start = nanoClock.getAsLong();
            for (int step = 0; step < steps; step++) {
                step(tokens, context + step);
            }
            return nanoClock.getAsLong() - start;
        });
    }

    private Speed measure(int runs, int tokens, LongSupplier run) {
        long warmUpNanos = 0;
        for (int i = 0; i < MAX_WARM_UP_RUNS && warmUpNanos < WARM_UP_NANOS; i++) {
            warmUpNanos += run.getAsLong();
        }
        double[] speeds = new double[runs];
        Arrays.setAll(speeds, i -> tokens * 1e9 / run.getAsLong());
        Arrays.sort(speeds);
        return new Speed(speeds);
    }

    private void step(int[] tokens, int position) {
        batch.clear();
        for (int i = 0; i < tokens.length; i++) {
            batch.addWithLogits(tokens[i], position, tables[i]);
        }
        forward.forward(batch);
        int vocabulary = forward.config().vocabularySize();
        for (int i = 0; i < tokens.length; i++) {
            int token = kernels.argmax(forward.logits(), i * vocabulary, vocabulary);
            if (token < 0) {
                throw new IllegalStateException("the model's logits are not numbers");
            }
            tokens[i] = token;
        }
    }

    private void fill(int sequence, int tokens) {
        for (int from = 0; from < tokens; from += MAX_ROWS) {
            batch.clear();
            for (int position = from; position < Math.min(tokens, from + MAX_ROWS); position++) {
                if (position + 1 == tokens) {
                    batch.addWithLogits(randomToken(), position, tables[sequence]);
                } else {
                    batch.add(randomToken(), position, tables[sequence]);
                }
            }
            forward.forward(batch);
        }
    }

    private int randomToken() {
        return random.nextInt(forward.config().vocabularySize());
    }

    @Override
    public void close() {
        forward.close();
    }
}
