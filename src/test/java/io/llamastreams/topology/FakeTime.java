package io.llamastreams.topology;

import java.time.Duration;

/** Time that passes only while somebody waits. */
final class FakeTime implements TimeSource {
    private long nanos;

    @Override
    public long nanoTime() {
        return nanos;
    }

    @Override
    public void await(Duration time) {
        nanos += time.toNanos();
    }
}
