package io.llamastreams.faults;

import java.util.Locale;

/** What can happen to a run. The weight says how often a kind is planned, compared with the others. */
enum FaultKind {
    /** {@code kill -9} of a worker at any moment. */
    WORKER_KILL(5),
    /** {@code kill -9} of a worker when its EndTxn request is on the wire, which then reaches the broker or does not. */
    WORKER_KILL_IN_COMMIT(5),
    /** {@code kill -9} of a worker that has just been given partitions: it restores its stores. */
    WORKER_KILL_IN_RESTORE(2),
    /** {@code kill -9} of a worker while another one joins or leaves the group. */
    WORKER_KILL_IN_REBALANCE(2),
    /** SIGSTOP for longer than the session timeout, then SIGCONT: a worker that does not know that it was given up. */
    WORKER_STOP(2),
    /** One worker more. */
    WORKER_ADDED(1),
    /** One worker less, by SIGTERM. */
    WORKER_REMOVED(1),
    /** SIGTERM of the broker, and a new one on the same data. */
    BROKER_RESTART(1),
    /** {@code kill -9} of the broker, and a new one on the same data. */
    BROKER_KILL(1),
    /** All connections of a worker are reset. */
    CUT(2),
    /** The connection of a worker is reset with its EndTxn request on the wire. */
    CUT_IN_COMMIT(3),
    /** What a worker and the broker say to each other takes its time. */
    DELAY(1),
    /** Connections of a worker stay open for longer than the session timeout, but nothing passes; then they are reset. */
    HALF_OPEN(1),
    /** The consumer of the completions does not read for some time. */
    SLOW_CONSUMER(1),
    /** The schema registry refuses all requests, and a worker starts meanwhile. */
    REGISTRY_DOWN(1),
    /** The disk of a worker's state directory is full, and a worker starts meanwhile. */
    DISK_FULL(1),
    /** The time of day of a worker jumps, by some minutes forward or some seconds back. */
    CLOCK_JUMP(1);

    private final int weight;

    FaultKind(int weight) {
        this.weight = weight;
    }

    int weight() {
        return weight;
    }

    boolean killsWorker() {
        return switch (this) {
            case WORKER_KILL, WORKER_KILL_IN_COMMIT, WORKER_KILL_IN_RESTORE, WORKER_KILL_IN_REBALANCE -> true;
            case WORKER_STOP,
                    WORKER_ADDED,
                    WORKER_REMOVED,
                    BROKER_RESTART,
                    BROKER_KILL,
                    CUT,
                    CUT_IN_COMMIT,
                    DELAY,
                    HALF_OPEN,
                    SLOW_CONSUMER,
                    REGISTRY_DOWN,
                    DISK_FULL,
                    CLOCK_JUMP -> false;
        };
    }

    /** As it is written in verdicts. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
