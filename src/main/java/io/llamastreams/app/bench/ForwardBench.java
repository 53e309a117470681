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
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;
import java.util.function.LongSupplier;

/**
 * Tokens per second of forward passes. Prefill: one sequence, all its tokens in as few batches as the pass allows, logits of
 * the last. Decode: some sequences, each with a context in blocks of its own, one greedy token each per pass. Before the runs
 * passes are repeated until the JVM has compiled what they use; a run that is over at once is repeated and counts as one.
 */
public final class ForwardBench implements AutoCloseable {
    /** Rows of a prefill batch: what one step of the engine takes at most by default. */
    static final int MAX_ROWS = 512;

    private static final long LEAST_WARM_UP_NANOS = 1_500_000_000L;
    private static final long MOST_WARM_UP_NANOS = 15_000_000_000L;

    /** For which the compiler has to have been idle, as good as. */
    private static final long QUIET_NANOS = 1_000_000_000L;

    private static final long NEGLIGIBLE_COMPILING_MILLIS = 5;
    private static final long LEAST_RUN_NANOS = 200_000_000L;

    /** Against a clock that stands still. */
    private static final int MAX_REPETITIONS = 1_000_000;

    private final LlamaForward forward;
    private final Kernels kernels;
    private final LongSupplier nanoClock;
    private final ForwardBatch batch;
    private final Random random = new Random(1);
    private final int[][] tables;

    /** Tokens that each sequence has computed. */
    private final int[] filled;

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
        checkFits(config, positions);
        this.kernels = kernels;
        this.nanoClock = nanoClock;
        int blocksPerSequence = blocks(positions);
        int rows = Math.max(MAX_ROWS, sequences);
        forward = new LlamaForward(
                model,
                kernels,
                pool,
                new ForwardLimits(rows, sequences, Math.multiplyExact(sequences, blocksPerSequence), kvType));
        batch = new ForwardBatch(rows, sequences);
        filled = new int[sequences];
        tables = new int[sequences][blocksPerSequence];
        for (int i = 0; i < sequences * blocksPerSequence; i++) {
            tables[i / blocksPerSequence][i % blocksPerSequence] = i;
        }
    }

    /** @throws IllegalArgumentException if the model's context is shorter than {@code positions} */
    public static void checkFits(LlamaConfig config, int positions) {
        if (positions > config.contextLength()) {
            throw new IllegalArgumentException("tokens of a sequence: expected at most the model's context of "
                    + config.contextLength() + ", found " + positions);
        }
    }

    /**
     * Measures a point; both its sequences and its positions are within what memory was taken for.
     *
     * @param afterRun called after the warm-up and after each run
     */
    public Speed measure(Point point, int newTokens, int runs, Runnable afterRun) {
        return switch (point) {
            case Point.Prefill prefill -> prefill(prefill.tokens(), runs, afterRun);
            case Point.Decode decode -> decode(decode.batch(), decode.context(), newTokens, runs, afterRun);
        };
    }

    private Speed prefill(int tokens, int runs, Runnable afterRun) {
        Runnable all = () -> fill(0, tokens);
        return measure(runs, tokens, all, all, afterRun);
    }

    private Speed decode(int sequences, int context, int steps, int runs, Runnable afterRun) {
        takeContexts(sequences, context);
        int[] tokens = new int[sequences];
        Arrays.setAll(tokens, i -> randomToken());
        Runnable run = () -> {
            Arrays.setAll(tokens, i -> randomToken());
            for (int step = 0; step < steps; step++) {
                step(tokens, context + step);
            }
        };
        return measure(runs, (long) sequences * steps, () -> step(tokens, context), run, afterRun);
    }

    private Speed measure(int runs, long tokens, Runnable warmUp, Runnable run, Runnable afterRun) {
        warmUp(warmUp);
        afterRun.run();
        double[] speeds = new double[runs];
        for (int i = 0; i < runs; i++) {
            long began = nanoClock.getAsLong();
            long repetitions = repeat(LEAST_RUN_NANOS, run);
            speeds[i] = tokens * repetitions * 1e9 / Math.max(1, nanoClock.getAsLong() - began);
            afterRun.run();
        }
        return new Speed(speeds);
    }

    private void warmUp(Runnable run) {
        long began = nanoClock.getAsLong();
        long busy = began;
        long compiled = compilingMillis();
        long now = began;
        for (int times = 0; times < MAX_REPETITIONS && now - began < MOST_WARM_UP_NANOS; times++) {
            if (now - began >= LEAST_WARM_UP_NANOS && now - busy >= QUIET_NANOS) {
                return;
            }
            run.run();
            now = nanoClock.getAsLong();
            long compiledNow = compilingMillis();
            if (compiledNow - compiled > NEGLIGIBLE_COMPILING_MILLIS) {
                compiled = compiledNow;
                busy = now;
            }
        }
    }

    /** What the JVM has spent on compiling; 0 where it does not tell. */
    private static long compilingMillis() {
        CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
        return compiler != null && compiler.isCompilationTimeMonitoringSupported()
                ? compiler.getTotalCompilationTime()
                : 0;
    }

    /** Runs once, and again until the time is over; gives how often. */
    private long repeat(long leastNanos, Runnable run) {
        long began = nanoClock.getAsLong();
        int times = 0;
        do {
            run.run();
            times++;
        } while (times < MAX_REPETITIONS && nanoClock.getAsLong() - began < leastNanos);
        return times;
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

    /** Computes the first context and copies it into the others' blocks: how fast it is read does not hang on what it is. */
    private void takeContexts(int sequences, int context) {
        if (filled[0] < context) {
            fill(0, context);
        }
        for (int sequence = 1; sequence < sequences; sequence++) {
            if (filled[sequence] < context) {
                for (int block = 0; block < blocks(context); block++) {
                    forward.copyBlock(tables[0][block], tables[sequence][block]);
                }
                filled[sequence] = context;
            }
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
        filled[sequence] = Math.max(filled[sequence], tokens);
    }

    private int randomToken() {
        return random.nextInt(forward.config().vocabularySize());
    }

    private static int blocks(int positions) {
        return (positions + KvLayer.BLOCK_TOKENS - 1) / KvLayer.BLOCK_TOKENS;
    }

    @Override
    public void close() {
        forward.close();
    }
}
