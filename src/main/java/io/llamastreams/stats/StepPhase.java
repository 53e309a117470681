package io.llamastreams.stats;

/** What the time of an engine's step goes into. */
public enum StepPhase {
    /** Everything that is neither arithmetic nor sampling: plans, block tables, events. */
    SCHEDULING,
    /** Rows of the embedding matrix. */
    EMBEDDING,
    /** Residual additions and RMSNorm, and inputs of products laid out and quantised. */
    INPUTS,
    QUERY_KEY_VALUE,
    ROPE,
    /** Keys and values into their pages. */
    KV_STORE,
    ATTENTION,
    ATTENTION_OUTPUT,
    GATE_AND_UP,
    /** SwiGLU, and its result laid out and quantised. */
    SWIGLU,
    DOWN,
    /** Logits. */
    VOCABULARY,
    /** Tokens drawn from logits, with their log-probabilities. */
    SAMPLING
}
