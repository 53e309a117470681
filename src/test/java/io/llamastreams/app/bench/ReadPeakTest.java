package io.llamastreams.app.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.tensor.kernel.WorkerPool;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ReadPeakTest {

    /** With a clock that says a millisecond for each pass, the peak is what there was to read. */
    @Test
    void isTheBytesOfAPassOverItsTime() {
        AtomicLong nanos = new AtomicLong();
        try (WorkerPool pool = new WorkerPool(2)) {
            double peak = ReadPeak.bytesPerSecond(pool, () -> nanos.getAndAdd(1_000_000));
            double bytes = peak / 1000;
            assertThat(bytes).isGreaterThan(64 << 20);
            assertThat(bytes % (4 << 20)).isZero();
        }
    }
}
