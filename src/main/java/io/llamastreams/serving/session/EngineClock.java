package io.llamastreams.serving.session;

import io.llamastreams.engine.request.SchedulingParams;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The wall clock that callers' deadlines are on, beside the engine's clock. Any thread.
 *
 * @param nanos the engine's
 */
record EngineClock(LongSupplier nanos, InstantSource wall) {
    private static final long NANOS_PER_MILLI = 1_000_000;

    /** A deadline that is farther away is none: a century. */
    private static final long MAX_MILLIS = 100L * 365 * 24 * 3600 * 1000;

    /** @param deadlineMillis epoch milliseconds; empty for none */
    boolean hasPassed(Optional<Long> deadlineMillis) {
        return deadlineMillis.isPresent() && deadlineMillis.get() <= wall.millis();
    }

    /** The moment on the engine's clock. */
    long deadlineNanos(Optional<Long> deadlineMillis) {
        long nowMillis = wall.millis();
        if (deadlineMillis.isEmpty() || deadlineMillis.get() > nowMillis + MAX_MILLIS) {
            return SchedulingParams.NO_DEADLINE;
        }
        return nanos.getAsLong() + (deadlineMillis.get() - nowMillis) * NANOS_PER_MILLI;
    }
}
