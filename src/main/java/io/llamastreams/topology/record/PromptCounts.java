package io.llamastreams.topology.record;

/**
 * What a service has done since it was opened. Counted as it happens, so what a failed transaction took back and did again is
 * counted twice; exact numbers stand in the topics.
 *
 * @param received prompt records taken in
 * @param resubmitted pending prompts that were found in the store at the start of a task
 * @param pending prompts that have not ended, in all tasks of the service
 * @param pendingTokens tokens that these may still need, prompts and new ones together, at most; prompts that wait are not encoded
 *     yet, and their part is estimated by the length of their text
 * @param succeeded ended well
 * @param rejected were refused
 * @param failed ended by an error
 * @param cancelled were cancelled
 * @param expired whose deadline passed
 */
public record PromptCounts(
        long received,
        long resubmitted,
        long pending,
        long pendingTokens,
        long succeeded,
        long rejected,
        long failed,
        long cancelled,
        long expired) {

    /** Prompts that have ended, however. */
    public long ended() {
        return succeeded + rejected + failed + cancelled + expired;
    }
}
