package io.llamastreams.tensor.vector;

import io.llamastreams.tensor.kernel.WorkerPool;
import java.util.function.LongSupplier;

/**
 * Measures how many operations per second the processors that a pool uses can do at most, two for a fused multiply-add of
 * single precision, so that a speed can be told as a share of it.
 */
public final class FmaPeak {
    private static final int ROUNDS = 10_000_000;
    private static final int REPETITIONS = 12;

    private FmaPeak() {}

    /** The loop, whose class is loaded only where the Vector API is. */
    interface Loop {
        double operations(int rounds);

        /** Gives a number that hangs on all the work. */
        float run(int rounds);
    }

    /**
     * The best of some runs, about a quarter of a second in all.
     *
     * @return operations per second of all threads together, or 0 where there are no vectors
     */
    public static double operationsPerSecond(WorkerPool pool, LongSupplier nanoClock) {
        if (!KernelProvider.vectorApiPresent()) {
            return 0;
        }
        Loop loop = new VectorPeak();
        float[] results = new float[pool.threads()];
        double best = 0;
        for (int repetition = 0; repetition < REPETITIONS; repetition++) {
            long began = nanoClock.getAsLong();
            pool.run(
                    (thread, from, to) -> {
                        for (int item = from; item < to; item++) {
                            results[item] = loop.run(ROUNDS);
                        }
                    },
                    pool.threads());
            double seconds = Math.max(1, nanoClock.getAsLong() - began) / 1e9;
            best = Math.max(best, pool.threads() * loop.operations(ROUNDS) / seconds);
        }
        for (float result : results) {
            if (!(result > 0)) {
                throw new IllegalStateException("peak: expected a positive sum, found " + result);
            }
        }
        return best;
    }
}
