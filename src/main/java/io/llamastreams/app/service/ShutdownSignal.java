package io.llamastreams.app.service;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * SIGTERM and SIGINT as something the main thread waits for, so that it can put everything down in order.
 *
 * <pre>
 *   main thread       signal            JVM
 *   await() ........ raised ..... hook waits for close()
 *   closes its work
 *   close()  ---------------------> hook returns, the process ends
 * </pre>
 *
 * The wait is bounded: work that does not end within the grace period ends with the process. Any thread.
 */
public final class ShutdownSignal implements AutoCloseable {

    private final CountDownLatch raised = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread hook;
    private volatile Duration grace;

    private ShutdownSignal(Duration grace) {
        this.grace = grace;
        hook = new Thread(
                () -> {
                    raised.countDown();
                    try {
                        closed.await(this.grace.toNanos(), TimeUnit.NANOSECONDS);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "shutdown-signal");
    }

    /**
     * Listens for the end of the process from now on.
     *
     * @param grace how long the process waits for {@link #close} once the signal has come
     */
    public static ShutdownSignal listen(Duration grace) {
        ShutdownSignal signal = new ShutdownSignal(grace);
        Runtime.getRuntime().addShutdownHook(signal.hook);
        return signal;
    }

    /** Gives the process longer, or less long, from a signal that comes from now on. */
    public void allow(Duration newGrace) {
        grace = newGrace;
    }

    public boolean isRaised() {
        return raised.getCount() == 0;
    }

    /** Waits for the signal; false when the time was up first. */
    public boolean await(Duration timeout) throws InterruptedException {
        return raised.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Everything is down: the process may go. */
    @Override
    public void close() {
        closed.countDown();
        if (!isRaised()) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // The signal came this very moment; the hook finds the latch open.
                return;
            }
        }
    }
}
