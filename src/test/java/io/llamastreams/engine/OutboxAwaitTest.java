package io.llamastreams.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class OutboxAwaitTest {

    /** The engine reports what the owner has drained already, then something new: only that ends the wait. */
    @Test
    void doesNotReturnEmptyHandedForAWakeUpAboutDrainedEvents() throws InterruptedException {
        EngineHarness harness =
                new EngineHarness(new FakeForwardPass(32, 64, 4, 64, 16, 8), EngineHarness.LIMITS, true);
        harness.submit(EngineHarness.greedy("a", 50, 1, 2, 3));
        for (EnginePort.Command command = harness.port.poll(); command != null; command = harness.port.poll()) {
            EnginePort.Command.Submit submit = (EnginePort.Command.Submit) command;
            submit.requests().forEach(request -> harness.engine.add(request, submit.outbox(), submit.submittedNanos()));
        }
        harness.engine.step();
        harness.drain();

        Thread owner = Thread.currentThread();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread engineThread = Thread.ofPlatform().start(() -> {
            try {
                awaitThatItWaits(owner);
                harness.engine.wakeOwners();
                awaitThatItWaits(owner);
                while (harness.engine.step()) {
                    harness.engine.wakeOwners();
                }
            } catch (Throwable e) {
                failure.set(e);
            }
        });
        boolean there = harness.outbox.await(Duration.ofSeconds(60));
        engineThread.join();
        assertThat(failure.get()).isNull();
        assertThat(there).isTrue();
        harness.drain();
        assertThat(harness.text("a").ended()).isTrue();
    }

    private static void awaitThatItWaits(Thread thread) {
        Awaitility.await()
                .pollInterval(Duration.ofMillis(5))
                .atMost(Duration.ofSeconds(30))
                .until(() -> thread.getState() == Thread.State.TIMED_WAITING);
    }
}
