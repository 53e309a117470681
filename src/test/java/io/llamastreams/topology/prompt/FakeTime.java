package io.llamastreams.topology.prompt;

import io.llamastreams.topology.config.TimeSource;
import java.time.Duration;
import java.time.Instant;

/** Time that passes only while somebody waits. */
public final class FakeTime implements TimeSource {
    private long nanos;

    @Override
    public long nanoTime() {
        return nanos;
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochSecond(0, nanos);
    }

    @Override
    public void await(Duration time) {
        nanos += time.toNanos();
    }
}
