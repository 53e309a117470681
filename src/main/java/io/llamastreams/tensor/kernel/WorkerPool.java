package io.llamastreams.tensor.kernel;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Lasting threads that share the items of one piece of work with the caller. Workers spin for a short while after each
 * piece, since the next one usually follows at once, and park when none does. One caller at a time.
 *
 * <p>Which thread takes which items is not fixed: work must give the same result for any split.
 */
public final class WorkerPool implements AutoCloseable {

    /** A piece of work over numbered items. */
    @FunctionalInterface
    public interface Work {
        /**
         * Does items {@code from} to {@code to} (exclusive).
         *
         * @param thread 0 for the caller, 1 and up for workers: whose scratch memory to use
         */
        void run(int thread, int from, int to);
    }

    /** Rounds of waiting before a worker parks: some tens of microseconds. */
    private static final int SPINS = 5_000;

    /** Rounds of waiting before the caller lets others run, in case a worker lost its processor. */
    private static final int SPINS_BEFORE_YIELD = 20_000;

    private final Worker[] workers;
    private final LongSupplier nanoClock;
    private final boolean timed;
    private final AtomicInteger nextItem = new AtomicInteger();
    private final AtomicInteger unfinished = new AtomicInteger();
    private volatile int generation;
    private volatile boolean closed;
    private volatile Throwable failure;
    private Work work;
    private int items;
    private int grain;
    private long waitedNanos;

    /**
     * Starts {@code threads - 1} workers.
     *
     * @throws IllegalArgumentException if threads is below 1
     */
    public WorkerPool(int threads) {
        this(threads, WorkerPool::standingClock, false);
    }

    /**
     * As {@link #WorkerPool(int)}, and measures how long threads wait for each other.
     *
     * @param nanoClock read by all threads before and after their share of each piece of work
     */
    public WorkerPool(int threads, LongSupplier nanoClock) {
        this(threads, nanoClock, true);
    }

    private WorkerPool(int threads, LongSupplier nanoClock, boolean timed) {
        this.nanoClock = nanoClock;
        this.timed = timed;
        if (threads < 1) {
            throw new IllegalArgumentException("threads: expected at least 1, found " + threads);
        }
        workers = new Worker[threads - 1];
        for (int i = 0; i < workers.length; i++) {
            workers[i] = new Worker(i + 1);
            workers[i].setDaemon(true);
            workers[i].start();
        }
    }

    private static long standingClock() {
        return 0;
    }

    /** Threads that take part, the caller among them. */
    public int threads() {
        return workers.length + 1;
    }

    /**
     * Time that threads had nothing to do within the pieces of work that they shared since the last call of this, as the mean
     * of all threads; 0 without a clock. Called by whoever calls {@link #run}.
     */
    public long takeWaitedNanos() {
        long waited = waitedNanos;
        waitedNanos = 0;
        return waited;
    }

    /** Does all items on the calling thread: for work too small to share. */
    public void runAlone(Work newWork, int newItems) {
        newWork.run(0, 0, newItems);
    }

    /** Does items 0 to {@code newItems} (exclusive) on all threads; returns when all are done. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread at a time calls, and only it writes
    public void run(Work newWork, int newItems) {
        if (workers.length == 0 || newItems == 1) {
            newWork.run(0, 0, newItems);
            return;
        }
        if (closed) {
            throw new IllegalStateException("worker pool: used after close");
        }
        long beganNanos = nanoClock.getAsLong();
        work = newWork;
        items = newItems;
        grain = Math.max(1, newItems / (4 * threads()));
        failure = null;
        nextItem.set(0);
        unfinished.set(workers.length);
        generation++;
        for (Worker worker : workers) {
            if (worker.parked) {
                LockSupport.unpark(worker);
            }
        }
        try {
            takeItems(0);
        } finally {
            long doneNanos = nanoClock.getAsLong();
            awaitWorkers();
            if (timed) {
                noteWaiting(beganNanos, doneNanos);
            }
        }
        Throwable thrown = failure;
        if (thrown != null) {
            failure = null;
            throw new IllegalStateException("worker failed: " + thrown, thrown);
        }
    }

    @SuppressWarnings("ThreadPriorityCheck") // others get the processor in the meantime; nothing depends on it
    private void awaitWorkers() {
        for (int spins = 0; unfinished.get() != 0; spins++) {
            if (spins < SPINS_BEFORE_YIELD) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
    }

    private void noteWaiting(long beganNanos, long callerDoneNanos) {
        long busy = callerDoneNanos - beganNanos;
        for (Worker worker : workers) {
            busy += worker.busyNanos;
        }
        waitedNanos += nanoClock.getAsLong() - beganNanos - busy / threads();
    }

    private void takeItems(int thread) {
        int size = grain;
        int end = items;
        for (int from = nextItem.getAndAdd(size); from < end; from = nextItem.getAndAdd(size)) {
            work.run(thread, from, Math.min(end, from + size));
        }
    }

    /** Ends the workers; waits for them, so that memory they read may be given back afterwards. */
    @Override
    public void close() {
        closed = true;
        for (Worker worker : workers) {
            LockSupport.unpark(worker);
        }
        boolean interrupted = false;
        for (Worker worker : workers) {
            while (worker.isAlive()) {
                try {
                    worker.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Worker extends Thread {
        private final int index;
        private volatile boolean parked;

        /** In the last piece of work; read by the caller once this has finished it. */
        private long busyNanos;

        Worker(int index) {
            super("llama-worker-" + index);
            this.index = index;
        }

        @Override
        public void run() {
            int seen = 0;
            while (true) {
                awaitGeneration(seen);
                if (closed) {
                    return;
                }
                seen = generation;
                long beganNanos = nanoClock.getAsLong();
                try {
                    takeItems(index);
                } catch (Throwable e) {
                    failure = e;
                } finally {
                    busyNanos = nanoClock.getAsLong() - beganNanos;
                    unfinished.decrementAndGet();
                }
            }
        }

        private void awaitGeneration(int seen) {
            for (int spins = 0; generation == seen && !closed; spins++) {
                if (spins < SPINS) {
                    Thread.onSpinWait();
                } else {
                    parked = true;
                    if (generation == seen && !closed) {
                        LockSupport.park(this);
                    }
                    parked = false;
                }
            }
        }
    }
}
