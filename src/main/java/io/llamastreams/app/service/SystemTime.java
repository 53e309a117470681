package io.llamastreams.app.service;

import io.llamastreams.topology.config.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;

/** The real clock. Any thread. */
final class SystemTime implements TimeSource {

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public Instant instant() {
        return Instant.now();
    }

    /** Ends early when the thread is interrupted, which stays set. */
    @Override
    public void await(Duration time) {
        LockSupport.parkNanos(time.toNanos());
    }
}
