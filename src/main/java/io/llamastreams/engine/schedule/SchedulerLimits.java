package io.llamastreams.engine.schedule;

import java.util.Map;

/**
 * What a step may hold, and how sequences share it.
 *
 * @param maxSequences most sequences that run at a time
 * @param maxStepTokens most tokens of one step, at least {@code maxSequences}
 * @param maxOutputs most rows with logits of one step, at least {@code maxSequences}
 * @param ageingNanos time of waiting that counts as one step of priority, at most an hour
 * @param keepsRoom whether a start leaves room for what all are expected to need, and not only for their next token
 * @param tenantWeights shares of tenants, 1 where one is not named
 */
public record SchedulerLimits(
        int maxSequences,
        int maxStepTokens,
        int maxOutputs,
        long ageingNanos,
        boolean keepsRoom,
        Map<String, Integer> tenantWeights) {
    private static final long MAX_AGEING_NANOS = 3_600_000_000_000L;
    private static final int MAX_IDLE_TENANTS = 1024;

    public SchedulerLimits {
        if (maxSequences < 1 || maxStepTokens < maxSequences || maxOutputs < maxSequences) {
            throw new IllegalArgumentException(
                    "scheduler: expected at least one sequence and a token and a row with logits "
                            + "for each, found " + maxSequences + " sequences, " + maxStepTokens + " tokens, "
                            + maxOutputs
                            + " rows");
        }
        if (ageingNanos < 1 || ageingNanos > MAX_AGEING_NANOS) {
            throw new IllegalArgumentException(
                    "ageing: expected 1 to " + MAX_AGEING_NANOS + " nanoseconds, found " + ageingNanos);
        }
        tenantWeights = Map.copyOf(tenantWeights);
    }

    /** Tenants without sequences that are remembered, with what they were given. */
    int maxIdleTenants() {
        return MAX_IDLE_TENANTS;
    }
}
