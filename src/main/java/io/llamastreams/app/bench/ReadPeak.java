package io.llamastreams.app.bench;

import io.llamastreams.tensor.kernel.WorkerPool;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;

/**
 * Measures how many bytes per second all threads of a pool together can read from memory: random numbers, many times more of
 * them than caches hold.
 */
final class ReadPeak {
    private static final int PIECE_LONGS = 1 << 19;
    private static final long WANTED_BYTES = 512L << 20;
    private static final int REPETITIONS = 10;

    private ReadPeak() {}

    /** The best of some passes, about half a second in all. Takes half a gigabyte of heap, or a quarter of what there is. */
    static double bytesPerSecond(WorkerPool pool, LongSupplier nanoClock) {
        long bytes = Math.min(WANTED_BYTES, Runtime.getRuntime().maxMemory() / 4);
        int pieces = (int) Math.max(1, bytes / Long.BYTES / PIECE_LONGS);
        long[][] memory = new long[pieces][];
        pool.run(
                (thread, from, to) -> {
                    for (int i = from; i < to; i++) {
                        memory[i] = randomNumbers(i);
                    }
                },
                pieces);
        long[] results = new long[pieces];
        double best = 0;
        for (int repetition = 0; repetition < REPETITIONS; repetition++) {
            long began = nanoClock.getAsLong();
            pool.run(
                    (thread, from, to) -> {
                        for (int i = from; i < to; i++) {
                            results[i] += read(memory[i]);
                        }
                    },
                    pieces);
            double seconds = Math.max(1, nanoClock.getAsLong() - began) / 1e9;
            best = Math.max(best, (double) pieces * PIECE_LONGS * Long.BYTES / seconds);
        }
        for (int i = 0; i < pieces; i++) {
            if (results[i] != REPETITIONS * read(memory[i])) {
                throw new IllegalStateException("memory: the same numbers, read twice, differ");
            }
        }
        return best;
    }

    private static long[] randomNumbers(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        long[] numbers = new long[PIECE_LONGS];
        Arrays.setAll(numbers, i -> random.nextLong());
        return numbers;
    }

    /** Eight results that do not wait for each other, so that the memory alone sets the pace. */
    private static long read(long[] piece) {
        long s0 = 0;
        long s1 = 0;
        long s2 = 0;
        long s3 = 0;
        long s4 = 0;
        long s5 = 0;
        long s6 = 0;
        long s7 = 0;
        for (int i = 0; i < piece.length; i += 8) {
            s0 ^= piece[i];
            s1 ^= piece[i + 1];
            s2 ^= piece[i + 2];
            s3 ^= piece[i + 3];
            s4 ^= piece[i + 4];
            s5 ^= piece[i + 5];
            s6 ^= piece[i + 6];
            s7 ^= piece[i + 7];
        }
        return s0 ^ s1 ^ s2 ^ s3 ^ s4 ^ s5 ^ s6 ^ s7;
    }
}
