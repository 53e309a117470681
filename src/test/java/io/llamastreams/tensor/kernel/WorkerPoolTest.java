package io.llamastreams.tensor.kernel;

import static java.lang.Thread.State.RUNNABLE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class WorkerPoolTest {

    @Test
    void sharesCoverEachItemOnceDifferByOneAtMostAndAreStable() {
        for (int threads = 1; threads <= 256; threads++) {
            for (int items : new int[] {0, 1, 2, 3, 24, 86, 128, 256, 344, 1000, 4096, Integer.MAX_VALUE}) {
                int end = 0;
                for (int thread = 0; thread < threads; thread++) {
                    int start = Portions.start(items, threads, thread);
                    int next = Portions.start(items, threads, thread + 1);
                    assertThat(start)
                            .as("%d items, thread %d of %d", items, thread, threads)
                            .isEqualTo(end);
                    assertThat(next - start).isBetween(items / threads, Math.ceilDiv(items, threads));
                    assertThat(Portions.start(items, threads, thread)).isEqualTo(start);
                    end = next;
                }
                assertThat(end).isEqualTo(items);
                assertThat(Portions.start(items, threads, 1))
                        .as("items of the caller")
                        .isGreaterThanOrEqualTo(items > 0 ? 1 : 0);
            }
        }
    }

    @Test
    void doesEachItemOfEachPartOnceWithAnyNumberOfThreads() {
        for (int threads : new int[] {1, 2, 3, 5, 16}) {
            try (WorkerPool pool = new WorkerPool(threads)) {
                Random random = new Random(threads);
                for (int round = 0; round < 300; round++) {
                    int first = random.nextInt(1, 80);
                    int second = random.nextInt(3) * random.nextInt(30);
                    int third = second == 0 ? 0 : random.nextInt(30);
                    AtomicIntegerArray times = new AtomicIntegerArray(first + second + third);
                    pool.run(
                            (thread, from, to) -> {
                                assertThat(thread).isBetween(0, threads - 1);
                                for (int item = from; item < to; item++) {
                                    times.incrementAndGet(item);
                                }
                            },
                            first,
                            second,
                            third);
                    for (int item = 0; item < times.length(); item++) {
                        assertThat(times.get(item))
                                .as("%d threads, round %d, item %d", threads, round, item)
                                .isOne();
                    }
                }
            }
        }
    }

    /** Work that follows at once uses what the work before has written, without any other synchronisation. */
    @Test
    void whatOnePieceOfWorkWritesTheNextOneSees() {
        try (WorkerPool pool = new WorkerPool(4)) {
            int[][] numbers = new int[2][64];
            for (int round = 0; round < 2_000; round++) {
                int[] from = numbers[round & 1];
                int[] to = numbers[1 - (round & 1)];
                pool.run(
                        (thread, first, end) -> {
                            for (int i = first; i < end; i++) {
                                to[i] = from[63 - i] + 1;
                            }
                        },
                        64);
            }
            assertThat(numbers[0]).containsOnly(2_000);
        }
    }

    @Test
    void eachThreadDoesItsOwnShareFirstAlsoAfterItHasParked() {
        int threads = 4;
        try (WorkerPool pool = new WorkerPool(threads)) {
            List<Thread> workers = Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().startsWith("llama-worker-"))
                    .toList();
            assertThat(workers).hasSizeGreaterThanOrEqualTo(threads - 1);
            for (int round = 0; round < 20; round++) {
                if (round % 2 == 1) {
                    await().until(() -> workers.stream().noneMatch(worker -> worker.getState() == RUNNABLE));
                }
                int[] doneBy = new int[threads];
                CountDownLatch allHere = new CountDownLatch(threads);
                // of one item each, no thread can take a second before all hold their first
                pool.run(
                        (thread, from, to) -> {
                            allHere.countDown();
                            awaitQuietly(allHere);
                            doneBy[from] = thread;
                            assertThat(to).isEqualTo(from + 1);
                        },
                        threads);
                assertThat(doneBy).containsExactly(0, 1, 2, 3);
            }
        }
    }

    @Test
    void ofEachPartAThreadHasTheShareThatItHasOfThePartAlone() {
        int threads = 3;
        int[] parts = {9, 3, 6};
        try (WorkerPool pool = new WorkerPool(threads)) {
            int[] alone = new int[18];
            int base = 0;
            for (int part : parts) {
                for (int thread = 0; thread < threads; thread++) {
                    int from = base + Portions.start(part, threads, thread);
                    Arrays.fill(alone, from, base + Portions.start(part, threads, thread + 1), thread);
                }
                base += part;
            }
            int[] doneBy = new int[18];
            // all shares are alike, 6 items cut into the same pieces: threads in step with each other finish together
            CyclicBarrier together = new CyclicBarrier(threads);
            pool.run(
                    (thread, from, to) -> {
                        Arrays.fill(doneBy, from, to, thread);
                        awaitQuietly(together);
                    },
                    parts[0],
                    parts[1],
                    parts[2]);
            assertThat(doneBy).containsExactly(alone);
        }
    }

    /** A worker that sleeps in its first chunk leaves the rest of its share to others. */
    @Test
    void neighboursDoWhatALateThreadHasNotBegun() {
        int items = 80;
        CountDownLatch othersDone = new CountDownLatch(items - Math.ceilDiv(items, 2 * 4));
        try (WorkerPool pool = new WorkerPool(2)) {
            int[] doneBy = new int[items];
            pool.run(
                    (thread, from, to) -> {
                        if (thread == 1) {
                            awaitQuietly(othersDone);
                        }
                        for (int item = from; item < to; item++) {
                            doneBy[item] = thread;
                            othersDone.countDown();
                        }
                    },
                    items);
            assertThat(Arrays.stream(doneBy).filter(thread -> thread == 0).count())
                    .isGreaterThanOrEqualTo(items - 10);
        }
    }

    @Test
    void tellsWhatFailedAndGoesOn() {
        try (WorkerPool pool = new WorkerPool(3)) {
            for (int round = 0; round < 100; round++) {
                AtomicIntegerArray times = new AtomicIntegerArray(30);
                assertThatThrownBy(() -> pool.run(
                                (thread, from, to) -> {
                                    for (int item = from; item < to; item++) {
                                        times.incrementAndGet(item);
                                    }
                                    if (from == 0) {
                                        throw new IllegalArgumentException("no luck");
                                    }
                                },
                                30))
                        .satisfiesAnyOf(
                                e -> assertThat(e)
                                        .isInstanceOf(IllegalArgumentException.class)
                                        .hasMessage("no luck"),
                                e -> assertThat(e)
                                        .isInstanceOf(IllegalStateException.class)
                                        .hasMessage("worker failed: java.lang.IllegalArgumentException: no luck")
                                        .hasCauseInstanceOf(IllegalArgumentException.class));
                for (int item = 0; item < 30; item++) {
                    assertThat(times.get(item)).isOne();
                }
                pool.run((thread, from, to) -> {}, 30);
            }
        }
    }

    @Test
    void refusesWorkAfterClose() {
        WorkerPool pool = new WorkerPool(2);
        pool.close();
        assertThatThrownBy(() -> pool.run((thread, from, to) -> {}, 2))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("after close");
        assertThatThrownBy(() -> new WorkerPool(0)).hasMessage("threads: expected at least 1, found 0");
    }

    private static void awaitQuietly(CyclicBarrier barrier) {
        try {
            barrier.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
