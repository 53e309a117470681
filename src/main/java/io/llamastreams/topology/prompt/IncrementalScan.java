package io.llamastreams.topology.prompt;

import java.time.Duration;
import java.util.Collections;
import java.util.Iterator;
import java.util.function.LongSupplier;

/**
 * A look at each of very many pending prompts, a little at a time, so that the thread gets to poll and commit. StreamThread of
 * its task.
 */
final class IncrementalScan {
    /** Reading the clock costs as much as looking at a prompt. */
    private static final int KEYS_PER_LOOK_AT_THE_CLOCK = 16;

    private final long budgetNanos;
    private final LongSupplier nanoClock;
    private Iterator<PendingEntry> left = Collections.emptyIterator();

    /** Takes a prompt that was pending when the scan began and may have ended. */
    interface Visitor {
        void visit(PendingEntry entry);
    }

    /** @param budget of time that a part of it may take */
    IncrementalScan(Duration budget, LongSupplier nanoClock) {
        budgetNanos = budget.toNanos();
        this.nanoClock = nanoClock;
    }

    /** Begins with these, whether or not an earlier scan has ended. */
    void begin(Iterable<PendingEntry> entries) {
        left = entries.iterator();
    }

    /** Goes on for its budget of time. */
    void go(Visitor visitor) {
        long startNanos = nanoClock.getAsLong();
        while (left.hasNext() && nanoClock.getAsLong() - startNanos < budgetNanos) {
            for (int i = 0; i < KEYS_PER_LOOK_AT_THE_CLOCK && left.hasNext(); i++) {
                visitor.visit(left.next());
            }
        }
    }

    boolean hasEnded() {
        return !left.hasNext();
    }
}
