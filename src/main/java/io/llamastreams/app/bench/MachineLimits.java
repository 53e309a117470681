package io.llamastreams.app.bench;

import io.llamastreams.tensor.kernel.WorkerPool;
import io.llamastreams.tensor.vector.FmaPeak;
import java.util.function.LongSupplier;

/**
 * What the machine can do at most with some threads.
 *
 * @param readBytesPerSecond of memory
 * @param operationsPerSecond of single precision, two for a fused multiply-add; 0 where the JVM has no vectors
 */
public record MachineLimits(int threads, double readBytesPerSecond, double operationsPerSecond) {

    /** Measures both; takes about a second. */
    public static MachineLimits measure(WorkerPool pool, LongSupplier nanoClock) {
        return new MachineLimits(
                pool.threads(), ReadPeak.bytesPerSecond(pool, nanoClock), FmaPeak.operationsPerSecond(pool, nanoClock));
    }
}
