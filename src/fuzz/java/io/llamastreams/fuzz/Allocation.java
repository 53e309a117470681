package io.llamastreams.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Holds code to a bound of heap memory. */
final class Allocation {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Allocation() {}

    /**
     * Does the work, and once more where it took too much: the first time it may have loaded classes.
     *
     * @throws IllegalStateException if this thread allocates more than so many bytes meanwhile
     */
    static void atMost(long maxBytes, Runnable work) {
        if (allocatedBy(work) > maxBytes) {
            long again = allocatedBy(work);
            if (again > maxBytes) {
                throw new IllegalStateException("allocated: expected at most " + maxBytes + " bytes, found " + again);
            }
        }
    }

    private static long allocatedBy(Runnable work) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        work.run();
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }
}
