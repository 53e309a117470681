package io.llamastreams.tensor.kernel;

import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Lasting threads that share the items of one piece of work with the caller. Workers spin for a short while after each
 * piece, since the next one usually follows at once, and park when none does. One caller at a time.
 *
 * <p><b>Split.</b> Each thread has a portion of the items, always the same for equal numbers of items and threads (see
 * {@link Portions}), cut into a few chunks. A thread first takes its own chunks, then what its next neighbours have not begun:
 * a thread that lost its processor holds up at most one chunk, and nobody waits for a parked one. So which thread does which
 * items is usual but not fixed, and work must give the same result for any split.
 *
 * <p><b>Many cores.</b> A thread claims chunks in a cache line of its own and looks at eight others at
 * most; the caller writes one line that all wait for and reads one that all add to once. A piece of work thus costs little
 * more with many threads than with few.
 *
 * <p><b>NUMA.</b> Memory belongs to the node of the thread that first writes it. Weights are packed by {@link #run} over the
 * panels of a matrix, and multiplied by {@link #run} over the same panels (several matrices at once as parts of one piece, each
 * split as it would be alone): so the thread that writes a panel reads it. Java cannot bind a thread to a node; Linux leaves
 * threads that never sleep where they are. Where the nodes' memories differ much, one engine per node under
 * {@code numactl --cpunodebind --membind} is the surer way.
 *
 * <pre>
 * region of generation g   work, items of up to 3 parts           written before g is published, void once g + 2 is prepared
 * claim of a portion       generation << 8 | chunks taken         older generation: none taken; newer: all done
 * done                     items done in this region              complete: all of them
 * </pre>
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

    private static final int CHUNKS_PER_PORTION = 4;
    private static final int MAX_NEIGHBOURS = 8;
    private static final int CHUNK_BITS = 8;
    private static final int CHUNK_MASK = (1 << CHUNK_BITS) - 1;

    /** Longs between two counters, so that none shares a cache line, nor a pair of lines that are fetched together. */
    private static final int SPREAD = 16;

    private static final int NO_CHUNK = -1;

    private final Worker[] workers;
    private final int threads;
    private final AtomicLongArray claims;
    private final AtomicLongArray done = new AtomicLongArray(2 * SPREAD);
    private final AtomicInteger parkedWorkers = new AtomicInteger();
    private final Region[] regions = {new Region(), new Region()};
    private final LongSupplier nanoClock;
    private final boolean timed;
    private final Busy[] busy;
    private long waitedNanos;
    private volatile long generation;
    private volatile boolean closed;
    private volatile Throwable workerFailure;
    private Throwable callerFailure;

    /** How long a thread worked in the last region of which it did items; told to the caller by {@code done}. */
    private static final class Busy {
        private long nanos;
        private long region;
    }

    /** What is shared out: parts one after another, each split by itself. */
    private static final class Region {
        private Work work = (thread, from, to) -> {};
        private int first;
        private int second;
        private int third;
    }

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
     * @param nanoClock read by all threads before and after their portion of each piece of work
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
        this.threads = threads;
        claims = new AtomicLongArray((threads + 1) * SPREAD);
        busy = new Busy[threads];
        Arrays.setAll(busy, thread -> new Busy());
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
        return threads;
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

    /** Does items 0 to {@code items} (exclusive) on all threads; returns when all are done. */
    public void run(Work newWork, int items) {
        run(newWork, items, 0, 0);
    }

    /** As {@link #run(Work, int, int, int)} with two parts. */
    public void run(Work newWork, int first, int second) {
        run(newWork, first, second, 0);
    }

    /**
     * Does items 0 to {@code first + second + third} (exclusive) on all threads; returns when all are done. Of each part a thread
     * has the portion that it would have if the part were all.
     *
     * <p>What work throws on the calling thread comes out as it is, after the other chunks are done.
     *
     * @throws IllegalStateException if work failed on a worker; with what it threw as its cause
     */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread at a time calls, and only it writes
    public void run(Work newWork, int first, int second, int third) {
        int items = first + second + third;
        if (threads == 1 || items <= 1) {
            if (items > 0) {
                newWork.run(0, 0, items);
            }
            return;
        }
        if (closed) {
            throw new IllegalStateException("worker pool: used after close");
        }
        long beganNanos = nanoClock.getAsLong(); // before any worker can begin
        long next = generation + 1;
        Region region = regions[(int) (next & 1)];
        region.work = newWork;
        region.first = first;
        region.second = second;
        region.third = third;
        callerFailure = null;
        workerFailure = null;
        done.set(SPREAD, 0);
        generation = next;
        if (parkedWorkers.get() > 0) {
            unparkWorkers();
        }
        takePart(0, next);
        awaitCompletion(items);
        if (timed) {
            noteWaiting(next, beganNanos);
        }
        throwFailure();
    }

    private void noteWaiting(long region, long beganNanos) {
        long worked = 0;
        for (Busy thread : busy) {
            worked += thread.region == region ? thread.nanos : 0;
        }
        waitedNanos += nanoClock.getAsLong() - beganNanos - worked / threads;
    }

    private void throwFailure() {
        if (callerFailure instanceof RuntimeException e) {
            throw e;
        }
        if (callerFailure instanceof Error e) {
            throw e;
        }
        Throwable thrown = workerFailure;
        if (thrown != null) {
            throw new IllegalStateException("worker failed: " + thrown, thrown);
        }
    }

    private void unparkWorkers() {
        for (Worker worker : workers) {
            if (worker.parked) {
                LockSupport.unpark(worker);
            }
        }
    }

    @SuppressWarnings("ThreadPriorityCheck") // others get the processor in the meantime; nothing depends on it
    private void awaitCompletion(int items) {
        for (int spins = 0; done.get(SPREAD) != items; spins++) {
            if (spins < SPINS_BEFORE_YIELD) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
    }

    /** Does what a thread gets of a region: its own portion, then what its neighbours have not begun. */
    private void takePart(int thread, long region) {
        Region shared = regions[(int) (region & 1)];
        Work work = shared.work;
        int first = shared.first;
        int second = shared.second;
        int third = shared.third;
        VarHandle.acquireFence();
        if (generation != region) {
            return; // a later region: this one is complete, and what was read may be of the next but one
        }
        long beganNanos = nanoClock.getAsLong();
        int items = 0;
        int portions = Math.min(threads, 1 + MAX_NEIGHBOURS);
        for (int i = 0; i < portions; i++) {
            int portion = thread + i < threads ? thread + i : thread + i - threads;
            items += takePortion(thread, region, portion, work, first, second, third);
        }
        if (items > 0) {
            busy[thread].nanos = nanoClock.getAsLong() - beganNanos;
            busy[thread].region = region;
            done.addAndGet(SPREAD, items);
        }
    }

    /** Does the chunks of a portion that nobody has begun; returns how many items they were. */
    private int takePortion(int thread, long region, int portion, Work work, int first, int second, int third) {
        int size = portionSize(first, portion) + portionSize(second, portion) + portionSize(third, portion);
        int chunks = Math.min(CHUNKS_PER_PORTION, size);
        int items = 0;
        for (int chunk = claim(region, portion, chunks); chunk != NO_CHUNK; chunk = claim(region, portion, chunks)) {
            int from = Portions.start(size, chunks, chunk);
            int to = Portions.start(size, chunks, chunk + 1);
            items += to - from;
            try {
                runPart(work, thread, portion, first, 0, from, to);
                int before = portionSize(first, portion);
                runPart(work, thread, portion, second, first, from - before, to - before);
                before += portionSize(second, portion);
                runPart(work, thread, portion, third, first + second, from - before, to - before);
            } catch (Throwable e) {
                note(thread, e);
            }
        }
        return items;
    }

    /**
     * Does what of a portion falls on a part.
     *
     * @param base the part's first item
     * @param from first item, counted from the begin of the portion's items in this part; may lie outside of them, as may
     *     {@code to}
     */
    private void runPart(Work work, int thread, int portion, int partItems, int base, int from, int to) {
        int start = Portions.start(partItems, threads, portion);
        int end = Math.min(start + to, Portions.start(partItems, threads, portion + 1));
        start = Math.max(start, start + from);
        if (start < end) {
            work.run(thread, base + start, base + end);
        }
    }

    private int portionSize(int partItems, int portion) {
        return Portions.start(partItems, threads, portion + 1) - Portions.start(partItems, threads, portion);
    }

    /** Takes the next chunk of a portion, or {@link #NO_CHUNK} if all are taken. */
    private int claim(long region, int portion, int chunks) {
        int counter = (portion + 1) * SPREAD;
        while (true) {
            long claimed = claims.get(counter);
            long claimedRegion = claimed >>> CHUNK_BITS;
            int next = claimedRegion == region ? (int) claimed & CHUNK_MASK : 0;
            if (claimedRegion > region || next == chunks) {
                return NO_CHUNK;
            }
            if (claims.compareAndSet(counter, claimed, (region << CHUNK_BITS) + next + 1)) {
                return next;
            }
        }
    }

    private void note(int thread, Throwable failure) {
        if (thread == 0) {
            callerFailure = failure;
        } else {
            workerFailure = failure;
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

        Worker(int index) {
            super("llama-worker-" + index);
            this.index = index;
        }

        @Override
        public void run() {
            long seen = 0;
            while (true) {
                awaitRegionAfter(seen);
                if (closed) {
                    return;
                }
                seen = generation;
                takePart(index, seen);
            }
        }

        private void awaitRegionAfter(long seen) {
            for (int spins = 0; generation == seen && !closed; spins++) {
                if (spins < SPINS) {
                    Thread.onSpinWait();
                } else {
                    parkUnlessNewer(seen);
                }
            }
        }

        /** The caller looks for parked workers after it has published a region, so one of the two sees the other. */
        private void parkUnlessNewer(long seen) {
            parked = true;
            parkedWorkers.incrementAndGet();
            if (generation == seen && !closed) {
                LockSupport.park(WorkerPool.this);
            }
            parkedWorkers.decrementAndGet();
            parked = false;
        }
    }
}
