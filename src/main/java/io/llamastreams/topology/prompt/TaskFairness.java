package io.llamastreams.topology.prompt;

import io.llamastreams.stats.Counter;

/**
 * Divides the engine among the tasks of a service. Room in the engine goes to whoever asks first, which is the task whose
 * prompt has just ended: without this, the partition that came first would keep the others waiting until it is empty.
 *
 * <p>The rule: while other tasks have prompts in line, a task whose running prompts are above the average of the tasks with a
 * line does not refill. One of them is always at or below the average, so the engine is never left idle. Any thread; the
 * counters of another thread may be a moment old, which costs a moment of fairness.
 */
public final class TaskFairness {
    private final Counter running = new Counter();
    private final Counter tasksWithLine = new Counter();

    /** The quota of one more task. */
    public Quota open() {
        return new Quota();
    }

    /** Running prompts of all tasks together. */
    public long running() {
        return running.value();
    }

    /** One task's quota. StreamThread of its task. */
    public final class Quota implements AutoCloseable {
        private int reportedRunning;
        private boolean reportedLine;

        /** Tells the others how this task stands. */
        void report(int nowRunning, boolean hasLine) {
            running.add(nowRunning - reportedRunning);
            reportedRunning = nowRunning;
            if (hasLine != reportedLine) {
                tasksWithLine.add(hasLine ? 1 : -1);
                reportedLine = hasLine;
            }
        }

        /** Whether a task that has so many running prompts, and one to submit, may do so now. */
        boolean allows(int nowRunning) {
            long others = tasksWithLine.value() - (reportedLine ? 1 : 0);
            return others <= 0 || nowRunning <= running.value() / (others + 1);
        }

        /** Running prompts of the other tasks. */
        long othersRunning() {
            return running.value() - reportedRunning;
        }

        @Override
        public void close() {
            report(0, false);
        }
    }
}
