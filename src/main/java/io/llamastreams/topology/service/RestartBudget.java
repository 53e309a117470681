package io.llamastreams.topology.service;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/** Allows so many restarts in so much time. Any thread. */
final class RestartBudget {
    private static final VarHandle RECENT;

    static {
        try {
            RECENT = MethodHandles.lookup().findVarHandle(RestartBudget.class, "recentNanos", List.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final int maxRestarts;
    private final long windowNanos;
    private final LongSupplier nanoClock;

    /** Times of the restarts within the window; replaced, not changed. */
    private volatile List<Long> recentNanos = List.of();

    RestartBudget(int maxRestarts, Duration window, LongSupplier nanoClock) {
        this.maxRestarts = maxRestarts;
        this.windowNanos = window.toNanos();
        this.nanoClock = nanoClock;
    }

    /** Takes a restart; false if there were too many lately. */
    boolean tryTake() {
        long now = nanoClock.getAsLong();
        while (true) {
            List<Long> before = recentNanos;
            List<Long> after = new ArrayList<>(before);
            after.removeIf(nanos -> now - nanos >= windowNanos);
            if (after.size() >= maxRestarts) {
                return false;
            }
            after.add(now);
            if (RECENT.compareAndSet(this, before, List.copyOf(after))) {
                return true;
            }
        }
    }
}
