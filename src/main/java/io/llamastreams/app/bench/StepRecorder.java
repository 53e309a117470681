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

    private static final int PHASES = StepPhase.values().length;

    private final LongSupplier nanoClock;
    private final Filter filter;
    private volatile boolean started;

    private final long[] stepWork = new long[PHASES];
    private final long[] stepWait = new long[PHASES];
    private long lastNanos;
    private boolean stepBefore;

    private final long[] work = new long[PHASES];
    private final long[] wait = new long[PHASES];
    private int steps;
    private int logitSteps;
    private long rows;
    private long logitRows;

    StepRecorder(LongSupplier nanoClock, Filter filter) {
        this.nanoClock = nanoClock;
        this.filter = filter;
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
        java.util.Arrays.fill(stepWork, 0);
        java.util.Arrays.fill(stepWait, 0);
    }

    @Override
    public void lap(StepPhase phase, long waitedNanos) {
        long now = nanoClock.getAsLong();
        stepWork[phase.ordinal()] += now - lastNanos - waitedNanos;
        stepWait[phase.ordinal()] += waitedNanos;
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
        for (int phase = 0; phase < PHASES; phase++) {
            work[phase] += stepWork[phase];
            wait[phase] += stepWait[phase];
        }
    }

    StepTimes times() {
        Map<StepPhase, StepTimes.Phase> phases = new EnumMap<>(StepPhase.class);
        for (StepPhase phase : StepPhase.values()) {
            phases.put(phase, new StepTimes.Phase(work[phase.ordinal()], wait[phase.ordinal()]));
        }
        return new StepTimes(steps, logitSteps, rows, logitRows, phases);
    }
}
