package io.llamastreams.app.bench;

import io.llamastreams.stats.StepPhase;
import io.llamastreams.stats.StepProfile;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Sums up where the time of an engine's steps goes. What the engine does between a step and one that follows at once belongs
 * to the second's first phase; time in which it had nothing to do belongs to none. So the phases of all steps in a row are the
 * time that has passed on the clock.
 *
 * <p>The engine's thread calls everything but {@link #start}, which any thread may, and {@link #times}, which waits for that
 * thread's end.
 */
final class StepRecorder implements StepProfile {

    /** Which steps count. */
    @FunctionalInterface
    interface Filter {
        boolean counts(int rows, int logitRows);
    }

    private final LongSupplier nanoClock;
    private final Filter filter;
    private volatile boolean started;

    private final Map<StepPhase, Sums> phases = new EnumMap<>(StepPhase.class);
    private long lastNanos;
    private boolean stepBefore;

    private int steps;
    private int logitSteps;
    private long rows;
    private long logitRows;

    /** Nanoseconds of a phase: of the step at hand, and of all steps that count. */
    private static final class Sums {
        private long stepWork;
        private long stepWait;
        private long work;
        private long wait;
    }

    StepRecorder(LongSupplier nanoClock, Filter filter) {
        this.nanoClock = nanoClock;
        this.filter = filter;
        for (StepPhase phase : StepPhase.values()) {
            phases.put(phase, new Sums());
        }
    }

    /** Steps that end from now on count. */
    void start() {
        started = true;
    }

    @Override
    public void beginStep() {
        if (!stepBefore) {
            lastNanos = nanoClock.getAsLong();
        }
        stepBefore = false;
        for (Sums sums : phases.values()) {
            sums.stepWork = 0;
            sums.stepWait = 0;
        }
    }

    @Override
    public void lap(StepPhase phase, long waitedNanos) {
        long now = nanoClock.getAsLong();
        Sums sums = phases.get(phase);
        sums.stepWork += now - lastNanos - waitedNanos;
        sums.stepWait += waitedNanos;
        lastNanos = now;
    }

    @Override
    public void endStep(int newRows, int newLogitRows) {
        stepBefore = true;
        if (!started || !filter.counts(newRows, newLogitRows)) {
            return;
        }
        steps++;
        logitSteps += newLogitRows > 0 ? 1 : 0;
        rows += newRows;
        logitRows += newLogitRows;
        for (Sums sums : phases.values()) {
            sums.work += sums.stepWork;
            sums.wait += sums.stepWait;
        }
    }

    StepTimes times() {
        Map<StepPhase, StepTimes.Phase> times = new EnumMap<>(StepPhase.class);
        phases.forEach((phase, sums) -> times.put(phase, new StepTimes.Phase(sums.work, sums.wait)));
        return new StepTimes(steps, logitSteps, rows, logitRows, times);
    }
}
