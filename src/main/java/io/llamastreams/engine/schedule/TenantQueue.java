package io.llamastreams.engine.schedule;

import java.util.NavigableSet;

/**
 * The waiting sequences of one tenant, and how much it was given.
 *
 * <p>A tenant's time runs by the tokens that are computed for it, slower for a larger weight; the tenant whose time is least
 * comes next. Who comes after a pause starts at the time of those who are there, so that nobody saves up. Source: Goyal, Vin,
 * Cheng 1996, "Start-time Fair Queuing". Engine thread only.
 *
 * @param <S> the engine's kind of sequence
 */
final class TenantQueue<S extends Sequence> {
    private static final long TOKEN_TIME = 1 << 16;

    private final NavigableSet<S> waiting;
    private final long tokenTime;
    private long time;
    private int sequences;

    /** @param weight share of this tenant against others, at least 1 */
    TenantQueue(NavigableSet<S> waiting, int weight) {
        this.waiting = waiting;
        tokenTime = Math.max(1, TOKEN_TIME / weight);
    }

    NavigableSet<S> waiting() {
        return waiting;
    }

    long time() {
        return time;
    }

    /** Whether this tenant has sequences at all, waiting or running. */
    boolean isActive() {
        return sequences > 0;
    }

    void enter(long leastTime) {
        if (sequences++ == 0) {
            time = Math.max(time, leastTime);
        }
    }

    void leave() {
        sequences--;
    }

    void charge(int tokens) {
        time += tokens * tokenTime;
    }
}
