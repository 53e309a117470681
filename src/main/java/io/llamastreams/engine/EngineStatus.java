package io.llamastreams.engine;

/**
 * What the engine looked like after its last step. Immutable, any thread.
 *
 * @param running requests that hold KV blocks
 * @param waiting requests that hold none
 * @param pendingTokens tokens that these requests may still need, prompts and new tokens together, at most
 * @param kvBlocksUsed blocks that requests hold
 * @param kvBlocksCached blocks that nobody holds, kept for their tokens; can be taken at any time
 * @param kvBlocksTotal blocks in the pool
 * @param kvBlocksPeak most blocks that were ever held at one time
 * @param steps forward passes
 * @param computedTokens rows of all forward passes
 * @param promptTokens prompt tokens of requests that have started
 * @param completionTokens tokens made
 * @param finishedRequests requests that ended well or were cancelled
 * @param failedRequests requests that ended by an error
 * @param preemptions how often a request lost its blocks to another and had to be computed again
 * @param prefixQueryTokens tokens that were looked up in the prefix cache
 * @param prefixHitTokens those of them that were found computed
 * @param prefixEvictions cached blocks that were given away
 * @param draftTokens guessed tokens that were verified
 * @param acceptedDraftTokens those of them that were right
 */
public record EngineStatus(
        int running,
        int waiting,
        long pendingTokens,
        int kvBlocksUsed,
        int kvBlocksCached,
        int kvBlocksTotal,
        int kvBlocksPeak,
        long steps,
        long computedTokens,
        long promptTokens,
        long completionTokens,
        long finishedRequests,
        long failedRequests,
        long preemptions,
        long prefixQueryTokens,
        long prefixHitTokens,
        long prefixEvictions,
        long draftTokens,
        long acceptedDraftTokens) {

    /** How many numbers these are. */
    static final int NUMBERS = 19;

    /** From the numbers in the order of the components. */
    static EngineStatus of(long[] numbers) {
        return new EngineStatus(
                (int) numbers[0],
                (int) numbers[1],
                numbers[2],
                (int) numbers[3],
                (int) numbers[4],
                (int) numbers[5],
                (int) numbers[6],
                numbers[7],
                numbers[8],
                numbers[9],
                numbers[10],
                numbers[11],
                numbers[12],
                numbers[13],
                numbers[14],
                numbers[15],
                numbers[16],
                numbers[17],
                numbers[18]);
    }
}
