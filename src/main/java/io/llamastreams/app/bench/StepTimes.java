package io.llamastreams.app.bench;

import io.llamastreams.stats.StepPhase;
import java.util.Map;

/**
 * Where the time of some steps went, summed over them.
 *
 * @param logitSteps steps that computed logits
 * @param rows tokens computed
 * @param logitRows tokens whose logits were computed
 * @param phases every phase; together they are all the time
 */
public record StepTimes(int steps, int logitSteps, long rows, long logitRows, Map<StepPhase, Phase> phases) {

    /**
     * Time of one phase.
     *
     * @param workNanos that threads worked; where they share the work, the mean of them
     * @param waitNanos that threads waited in it for others, the mean of them
     */
    public record Phase(long workNanos, long waitNanos) {
        public long nanos() {
            return workNanos + waitNanos;
        }
    }

    public StepTimes {
        phases = Map.copyOf(phases);
    }

    public long nanos() {
        return phases.values().stream().mapToLong(Phase::nanos).sum();
    }

    public long waitNanos() {
        return phases.values().stream().mapToLong(Phase::waitNanos).sum();
    }
}
