package io.llamastreams.faults;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits with a limit that says what was waited for and how things stood. Any thread. */
final class Waiting {

    private static final long POLL_MILLIS = 50;

    private Waiting() {}

    /**
     * Waits until something is so.
     *
     * @param what was expected, for the message
     * @param state how things stand, for the message
     * @throws AssertionError if it is not so within the limit
     */
    static void until(String what, Duration limit, BooleanSupplier isSo, Supplier<String> state)
            throws InterruptedException {
        if (!isSoWithin(limit, isSo)) {
            throw new AssertionError("waited " + limit + " for " + what + "; " + state.get());
        }
    }

    /** Waits until something is so; false if it is not within the limit. */
    static boolean isSoWithin(Duration limit, BooleanSupplier isSo) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + limit.toNanos();
        while (!isSo.getAsBoolean()) {
            if (System.nanoTime() - deadlineNanos > 0) {
                return false;
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
        return true;
    }
}
