package io.llamastreams.engine.request;

/**
 * How much the engine takes on, and how that is shared. Ranges: {@link EngineSetting}.
 *
 * @param maxBatchSequences most sequences that share a step
 * @param maxStepTokens most tokens that a step computes, prompts and new tokens together: longer prompts are computed in parts;
 *     fewer than sequences means as few sequences
 * @param maxQueuedRequests most requests that are inside: waiting, running, or ended with events nobody has drained yet
 * @param maxQueuedTokens most tokens of these requests, their prompts and all that they may generate; one request alone is
 *     let in whatever its size. Bounds the events in all outboxes as well
 * @param maxDraftTokens most tokens of a text that are guessed and verified in one step; 0 for none
 * @param policy between tenants and priorities
 */
public record EngineLimits(
        int maxBatchSequences,
        int maxStepTokens,
        int maxQueuedRequests,
        long maxQueuedTokens,
        int maxDraftTokens,
        SchedulingPolicy policy) {

    /** @throws EngineSettingsException if one is out of range */
    public EngineLimits {
        EngineSetting.MAX_BATCH.check(maxBatchSequences);
        EngineSetting.MAX_STEP_TOKENS.check(maxStepTokens);
        EngineSetting.MAX_QUEUED_REQUESTS.check(maxQueuedRequests);
        EngineSetting.MAX_QUEUED_TOKENS.check(maxQueuedTokens);
        EngineSetting.MAX_DRAFT_TOKENS.check(maxDraftTokens);
    }

    /** Without drafts, shared equally. */
    public EngineLimits(int maxBatchSequences, int maxStepTokens, int maxQueuedRequests, long maxQueuedTokens) {
        this(maxBatchSequences, maxStepTokens, maxQueuedRequests, maxQueuedTokens, 0, SchedulingPolicy.EQUAL);
    }
}
