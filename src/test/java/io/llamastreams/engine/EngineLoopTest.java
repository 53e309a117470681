package io.llamastreams.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.llamastreams.engine.request.EngineLimits;
import io.llamastreams.engine.request.FinishReason;
import io.llamastreams.engine.request.GenerationRequest;
import io.llamastreams.engine.request.SamplingParams;
import io.llamastreams.engine.request.TokenEvent;
import io.llamastreams.engine.request.TokenWatcher;
import io.llamastreams.tensor.kernel.ScalarKernels;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EngineLoopTest {
    private static final int VOCABULARY = 40;
    private static final Duration LONG = Duration.ofSeconds(30);

    @Test
    void servesARequestAndSaysSo() {
        try (EngineLoop loop = start(forward(), 100)) {
            Outbox outbox = loop.port().openOutbox();
            assertThat(outbox.await(LONG)).as("nothing in flight").isTrue();
            loop.port().submit(EngineHarness.greedy("a", 7, 1, 2), outbox);
            assertThat(outbox.inFlight()).isEqualTo(1);
            List<TokenEvent> events = drainAll(outbox);
            assertThat(events).hasSize(8);
            assertThat(events.getLast()).isInstanceOf(TokenEvent.Finished.class);
            await().until(() -> loop.port().status().finishedRequests() == 1);
            assertThat(loop.port().status().running()).isZero();
            assertThat(loop.port().endedReason()).isEmpty();
        }
    }

    @Test
    void drainHandsOverNoMoreThanAsked() {
        try (EngineLoop loop = start(forward(), 100)) {
            Outbox outbox = loop.port().openOutbox();
            loop.port().submit(EngineHarness.greedy("a", 7, 1, 2), outbox);
            await().until(() -> loop.port().status().finishedRequests() == 1);
            List<TokenEvent> events = new ArrayList<>();
            assertThat(outbox.drain(events::add, 3)).isEqualTo(3);
            assertThat(outbox.inFlight()).isEqualTo(1);
            assertThat(outbox.drain(events::add, 0)).isZero();
            assertThat(outbox.drain(events::add, 100)).isEqualTo(5);
            assertThat(outbox.inFlight()).isZero();
        }
    }

    @Test
    void manyThreadsGetTheirOwnTexts() throws Exception {
        int threads = 6;
        int requests = 200;
        Map<String, List<Integer>> expected = new HashMap<>();
        for (int i = 0; i < requests; i++) {
            EngineHarness alone = new EngineHarness(forward(), EngineHarness.LIMITS, false);
            alone.submit(requestOf(i));
            expected.put("r" + i, alone.run().get("r" + i).ids);
        }
        try (EngineLoop loop = start(forward(), 20);
                ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            List<Future<Map<String, List<Integer>>>> results = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                results.add(executor.submit(worker(loop.port(), requests)));
            }
            for (Future<Map<String, List<Integer>>> result : results) {
                assertThat(result.get(50, TimeUnit.SECONDS)).isEqualTo(expected);
            }
        }
    }

    private static Callable<Map<String, List<Integer>>> worker(EnginePort port, int requests) {
        return () -> {
            Map<String, List<Integer>> texts = new HashMap<>();
            try (Outbox outbox = port.openOutbox()) {
                int next = 0;
                while (next < requests || outbox.inFlight() > 0) {
                    if (next < requests && port.submit(requestOf(next), outbox) instanceof Admission.Accepted) {
                        next++;
                    } else {
                        outbox.await(Duration.ofMillis(20));
                    }
                    outbox.drain(
                            event -> {
                                List<Integer> ids = texts.computeIfAbsent(event.requestId(), id -> new ArrayList<>());
                                if (event instanceof TokenEvent.Token token) {
                                    ids.add(token.token());
                                }
                            },
                            1000);
                }
            }
            return texts;
        };
    }

    private static GenerationRequest requestOf(int i) {
        SamplingParams sampling = i % 2 == 0 ? SamplingParams.GREEDY : new SamplingParams(1, 10, 0.9f, 0, i);
        return EngineHarness.request("r" + i, 1 + i % 23, sampling, 1, 2, 3, 4, 5, i % VOCABULARY, i % 7);
    }

    @Test
    void aFailedStepFailsTheRunningAndTheLoopGoesOn() {
        AtomicInteger passes = new AtomicInteger();
        FakeForwardPass forward = forward().beforeForward(rows -> {
            if (passes.incrementAndGet() == 2) {
                throw new ArithmeticException("no luck");
            }
        });
        try (EngineLoop loop = start(forward, 100)) {
            Outbox outbox = loop.port().openOutbox();
            loop.port().submit(EngineHarness.greedy("a", 7, 1), outbox);
            assertThat(drainAll(outbox).getLast())
                    .isEqualTo(new TokenEvent.Failed(
                            "a", "the engine's step failed: java.lang.ArithmeticException: no luck"));
            loop.port().submit(EngineHarness.greedy("b", 7, 1), outbox);
            assertThat(drainAll(outbox).getLast()).isInstanceOf(TokenEvent.Finished.class);
        }
    }

    @Test
    void anErrorOfOurOwnStopsTheEngineAndReachesTheHandler() {
        for (Throwable error : List.of(new OutOfMemoryError("heap"), new IllegalStateException("bug"))) {
            CountDownLatch submitted = new CountDownLatch(1);
            AtomicReference<Throwable> handled = new AtomicReference<>();
            FakeForwardPass forward = forward().beforeForward(rows -> {
                awaitQuietly(submitted);
                Thread.currentThread().setUncaughtExceptionHandler((thread, uncaught) -> handled.set(uncaught));
                switch (error) {
                    case Error e -> throw e;
                    case RuntimeException e -> throw e;
                    default -> throw new AssertionError(error);
                }
            });
            EngineLoop loop = start(forward, 100);
            Outbox outbox = loop.port().openOutbox();
            for (String id : List.of("a", "b", "c")) {
                loop.port().submit(EngineHarness.greedy(id, 7, 1), outbox);
            }
            submitted.countDown();
            String message = "engine stopped: " + error;
            assertThat(drainAll(outbox))
                    .containsExactlyInAnyOrder(
                            new TokenEvent.Failed("a", message),
                            new TokenEvent.Failed("b", message),
                            new TokenEvent.Failed("c", message));
            await().untilAsserted(() -> assertThat(handled.get()).isSameAs(error));
            assertThat(loop.port().endedReason()).contains(message);
            assertThatThrownBy(() -> loop.port().submit(EngineHarness.greedy("d", 1, 1), outbox))
                    .isInstanceOf(EngineEndedException.class)
                    .hasMessage(message);
            loop.close();
        }
    }

    @Test
    void closingFailsWhatIsInsideAndNothingHangs() throws Exception {
        CountDownLatch inStep = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        FakeForwardPass forward = forward().beforeForward(rows -> {
            inStep.countDown();
            awaitQuietly(goOn);
        });
        EngineLoop loop = start(forward, 100);
        Outbox outbox = loop.port().openOutbox();
        loop.port().submit(EngineHarness.greedy("a", 30, 1), outbox);
        inStep.await();
        Thread closer = Thread.ofPlatform().start(loop::close);
        await().until(() -> closer.getState() == Thread.State.TIMED_WAITING);
        loop.port().submit(EngineHarness.greedy("b", 30, 1), outbox);
        goOn.countDown();
        closer.join();
        List<TokenEvent> events = drainAll(outbox);
        assertThat(events)
                .contains(new TokenEvent.Failed("a", "engine closed"), new TokenEvent.Failed("b", "engine closed"));
        assertThatThrownBy(() -> loop.port().submit(EngineHarness.greedy("c", 1, 1), outbox))
                .isInstanceOf(EngineEndedException.class)
                .hasMessage("engine closed");
        assertThat(loop.port().status().running()).isZero();
        loop.close();
        outbox.close();
    }

    /** Whatever the moment of the close, a request that was let in gets exactly one end. */
    @Test
    void submittingWhileTheEngineClosesEndsOrThrows() throws Exception {
        for (int round = 0; round < 200; round++) {
            EngineLoop loop = start(forward(), 100);
            Outbox outbox = loop.port().openOutbox();
            CountDownLatch begun = new CountDownLatch(1);
            Thread closer = Thread.ofPlatform().start(() -> {
                awaitQuietly(begun);
                loop.close();
            });
            int accepted = 0;
            try {
                for (int i = 0; i < 100; i++) {
                    if (i == 5) {
                        begun.countDown();
                    }
                    if (loop.port().submit(EngineHarness.greedy("r" + i, 3, 1), outbox) instanceof Admission.Accepted) {
                        accepted++;
                    }
                }
            } catch (EngineEndedException e) {
                assertThat(e).hasMessage("engine closed");
            }
            closer.join();
            long ends = drainAll(outbox).stream()
                    .filter(event -> !(event instanceof TokenEvent.Token))
                    .count();
            assertThat(ends).as("round %d", round).isEqualTo(accepted);
        }
    }

    @Test
    void waitingEndsAtItsDeadlineOnInterruptAndOnEvents() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        FakeForwardPass forward = forward().beforeForward(rows -> awaitQuietly(goOn));
        try (EngineLoop loop = start(forward, 100)) {
            Outbox outbox = loop.port().openOutbox();
            loop.port().submit(EngineHarness.greedy("a", 3, 1), outbox);
            assertThat(outbox.await(Duration.ofMillis(10))).isFalse();
            assertThat(outbox.await(Duration.ZERO)).isFalse();
            Thread.currentThread().interrupt();
            assertThat(outbox.await(LONG)).isFalse();
            assertThat(Thread.interrupted()).isTrue();
            goOn.countDown();
            assertThat(outbox.await(LONG)).isTrue();
            assertThat(drainAll(outbox).getLast()).isInstanceOf(TokenEvent.Finished.class);
        }
    }

    @Test
    void cancellingFromOutsideEndsALongText() {
        try (EngineLoop loop = start(forward(), 100)) {
            Outbox outbox = loop.port().openOutbox();
            loop.port().submit(EngineHarness.greedy("a", 1_000_000, 1), outbox);
            List<TokenEvent> events = new ArrayList<>();
            loop.port().cancel("a", outbox);
            while (outbox.inFlight() > 0) {
                assertThat(outbox.await(LONG)).isTrue();
                outbox.drain(events::add, 100);
            }
            assertThat(events.getLast())
                    .isInstanceOfSatisfying(
                            TokenEvent.Finished.class,
                            end -> assertThat(end.reason()).isIn(FinishReason.CANCELLED, FinishReason.LENGTH));
        }
    }

    @Test
    void theThreadHasItsNameAndParksWhileIdle() {
        AtomicReference<Thread> thread = new AtomicReference<>();
        FakeForwardPass forward = forward().beforeForward(rows -> thread.set(Thread.currentThread()));
        try (EngineLoop loop = start(forward, 100)) {
            Outbox outbox = loop.port().openOutbox();
            loop.port().submit(EngineHarness.greedy("a", 3, 1), outbox);
            drainAll(outbox);
            assertThat(thread.get().getName()).isEqualTo("test-engine");
            await().until(() -> thread.get().getState() == Thread.State.TIMED_WAITING);
            thread.get().interrupt();
            await().until(() -> thread.get().getState() == Thread.State.TIMED_WAITING
                    && !thread.get().isInterrupted());
            loop.port().submit(EngineHarness.greedy("b", 3, 1), outbox);
            assertThat(drainAll(outbox)).hasSize(4);
        }
        await().until(() -> !thread.get().isAlive());
    }

    @Test
    void theEngineCannotBeClosedByItsOwnThread() {
        AtomicReference<EngineLoop> self = new AtomicReference<>();
        CountDownLatch known = new CountDownLatch(1);
        try (EngineLoop loop = start(forward(), 100)) {
            self.set(loop);
            known.countDown();
            Outbox outbox = loop.port().openOutbox();
            TokenWatcher watcher = token -> {
                awaitQuietly(known);
                self.get().close();
                return false;
            };
            loop.port()
                    .submit(
                            new GenerationRequest(
                                    "a", new int[] {1}, SamplingParams.GREEDY, 3, new int[0], false, 0, watcher),
                            outbox);
            assertThat(drainAll(outbox).getLast())
                    .isEqualTo(new TokenEvent.Failed(
                            "a",
                            "the watcher of the text failed: java.lang.IllegalStateException: the engine cannot be"
                                    + " closed by its own thread"));
        }
    }

    private static List<TokenEvent> drainAll(Outbox outbox) {
        List<TokenEvent> events = new ArrayList<>();
        while (outbox.inFlight() > 0) {
            assertThat(outbox.await(LONG)).isTrue();
            outbox.drain(events::add, Integer.MAX_VALUE);
        }
        return events;
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static FakeForwardPass forward() {
        return new FakeForwardPass(VOCABULARY, 64, 4, 40, 48, 16);
    }

    private static EngineLoop start(FakeForwardPass forward, int maxQueuedRequests) {
        EngineLimits limits = new EngineLimits(16, 48, maxQueuedRequests, 100_000);
        return EngineLoop.start(
                new Engine(forward, new ScalarKernels(), limits, true, System::nanoTime), "test-engine");
    }
}
