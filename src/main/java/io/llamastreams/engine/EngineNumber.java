package io.llamastreams.engine;

/** The numbers that an engine keeps of itself, see {@link EngineStatus}. */
public enum EngineNumber {
    /** Requests that hold KV blocks. */
    RUNNING,
    /** Requests that hold none. */
    WAITING,
    /** Tokens that these requests may still need, prompts and new tokens together, at most. */
    PENDING_TOKENS,
    /** Blocks that requests hold. */
    KV_BLOCKS_USED,
    /** Blocks that nobody holds, kept for their tokens; can be taken at any time. */
    KV_BLOCKS_CACHED,
    /** Blocks in the pool. */
    KV_BLOCKS_TOTAL,
    /** Most blocks that were ever held at one time. */
    KV_BLOCKS_PEAK,
    /** Forward passes. */
    STEPS,
    /** Rows of all forward passes. */
    COMPUTED_TOKENS,
    /** Prompt tokens of requests that have started. */
    PROMPT_TOKENS,
    /** Tokens made. */
    COMPLETION_TOKENS,
    /** Requests that ended well or were cancelled. */
    FINISHED_REQUESTS,
    /** Requests that ended by an error. */
    FAILED_REQUESTS,
    /** How often a request lost its blocks to another and had to be computed again. */
    PREEMPTIONS,
    /** Tokens that were looked up in the prefix cache. */
    PREFIX_QUERY_TOKENS,
    /** Those of them that were found computed. */
    PREFIX_HIT_TOKENS,
    /** Cached blocks that were given away. */
    PREFIX_EVICTIONS,
    /** Guessed tokens that were verified. */
    DRAFT_TOKENS,
    /** Those of them that were right. */
    ACCEPTED_DRAFT_TOKENS
}
