package io.llamastreams.tensor.kernel;

/**
 * How numbered items are split between threads: thread t of T gets the consecutive items from {@code items * t / T} to
 * {@code items * (t + 1) / T}, both rounded up. Every item falls on one thread, portions differ by at most one item, the first
 * thread always has one, and the split of equal numbers is always the same. Any thread.
 */
final class Portions {
    private Portions() {}

    /** First item of a thread's portion, which ends where the next thread's begins. */
    static int start(int items, int threads, int thread) {
        return (int) Math.ceilDiv((long) items * thread, threads);
    }
}
