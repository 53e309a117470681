package io.llamastreams.engine.request;

/**
 * How much the engine takes on, and how that is shared.
 *
 * @param maxBatchSequences most sequences that share a step
 * @param maxStepTokens most tokens that a step computes, prompts and new tokens together; fewer than
 *     sequences means as few sequences
 * @param maxQueuedRequests most requests that are inside: waiting, running, or ended with events nobody has drained yet
 * @param maxQueuedTokens most tokens of these requests, their prompts and all that they may generate; one request alone is
 *     let in whatever its size. Bounds the events in all outboxes as well
 * @param maxDraftTokens most tokens of a text that are guessed and verified in one step; 0 for none
 * @param sharing between tenants and priorities
 */
public record EngineLimits(
        int maxBatchSequences,
        int maxStepTokens,
        int maxQueuedRequests,
        long maxQueuedTokens,
        int maxDraftTokens,
        SchedulingPolicy sharing) {

    public EngineLimits {
        atLeast("max batch sequences", maxBatchSequences, 1);
        atLeast("max step tokens", maxStepTokens, 1);
        atLeast("max queued requests", maxQueuedRequests, 1);
        atLeast("max queued tokens", maxQueuedTokens, 1);
        atLeast("max draft tokens", maxDraftTokens, 0);
    }

    /** Without drafts, shared equally. */
    public EngineLimits(int maxBatchSequences, int maxStepTokens, int maxQueuedRequests, long maxQueuedTokens) {
        this(maxBatchSequences, maxStepTokens, maxQueuedRequests, maxQueuedTokens, 0, SchedulingPolicy.EQUAL);
    }

    private static void atLeast(String name, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException(name + ": expected at least " + least + ", found " + value);
        }
    }
}
