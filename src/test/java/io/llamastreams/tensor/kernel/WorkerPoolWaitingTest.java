package io.llamastreams.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** That a pool with a clock tells how long its threads waited. */
class WorkerPoolWaitingTest {
    private final Thread caller = Thread.currentThread();
    private final AtomicLong nanos = new AtomicLong();
    private final AtomicInteger workersLooks = new AtomicInteger();

    private long now() {
        if (Thread.currentThread() != caller) {
            workersLooks.incrementAndGet();
        }
        return nanos.get();
    }

    /** Each thread has one of two items; the clock goes on by 100 while only the caller works. */
    private void runCallerAlone(WorkerPool pool) {
        CyclicBarrier both = new CyclicBarrier(2);
        int looksBefore = workersLooks.get();
        pool.run(
                (thread, from, to) -> {
                    try {
                        both.await();
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                    if (thread == 0) {
                        await().until(() -> workersLooks.get() == looksBefore + 2);
                        nanos.addAndGet(100);
                    }
                },
                2);
    }

    @Test
    void tellsHowLongThreadsWaitedForEachOther() {
        try (WorkerPool pool = new WorkerPool(2, this::now)) {
            runCallerAlone(pool);
            assertThat(pool.takeWaitedNanos()).isEqualTo(50);
            assertThat(pool.takeWaitedNanos()).isZero();
            runCallerAlone(pool);
            runCallerAlone(pool);
            assertThat(pool.takeWaitedNanos()).isEqualTo(100);
        }
    }

    @Test
    void workOfOneThreadWaitsForNobody() {
        try (WorkerPool pool = new WorkerPool(2, this::now)) {
            pool.runAlone((thread, from, to) -> nanos.addAndGet(100), 2);
            pool.run((thread, from, to) -> nanos.addAndGet(100), 1);
            assertThat(pool.takeWaitedNanos()).isZero();
        }
        try (WorkerPool pool = new WorkerPool(1, this::now)) {
            pool.run((thread, from, to) -> nanos.addAndGet(100), 7);
            assertThat(pool.takeWaitedNanos()).isZero();
        }
    }

    @Test
    void doesEveryItemOnceWithAndWithoutAClock() {
        for (WorkerPool pool : new WorkerPool[] {new WorkerPool(3), new WorkerPool(3, System::nanoTime)}) {
            try (pool) {
                for (int items = 0; items < 200; items++) {
                    int[] done = new int[items];
                    pool.run(
                            (thread, from, to) -> {
                                for (int i = from; i < to; i++) {
                                    done[i]++;
                                }
                            },
                            items);
                    assertThat(done).containsOnly(items == 0 ? new int[0] : new int[] {1});
                }
            }
        }
    }
}
