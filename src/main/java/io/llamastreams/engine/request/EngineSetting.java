package io.llamastreams.engine.request;

/**
 * What can be set of an engine: what messages call it, and the numbers that it may be. They are told here alone: the records
 * that hold settings check by them, and keys and flags show them.
 */
public enum EngineSetting {
    /** Threads that compute; 0 for one per physical core. */
    THREADS("threads", 0, 1024),
    /** No number: which implementation of the arithmetic. */
    KERNELS("kernels", Long.MIN_VALUE, Long.MAX_VALUE),
    /** Memory for keys and values; 0 for a share of what is there. */
    KV_CACHE_BYTES("KV cache bytes", 0, Long.MAX_VALUE),
    MAX_BATCH("max batch", 1, 1 << 12),
    MAX_STEP_TOKENS("max step tokens", 1, 1 << 14),
    MAX_QUEUED_REQUESTS("max queued requests", 1, Integer.MAX_VALUE),
    MAX_QUEUED_TOKENS("max queued tokens", 1, Long.MAX_VALUE),
    /** 0 for none. */
    MAX_DRAFT_TOKENS("max draft tokens", 0, 64),
    /** Milliseconds of waiting that outweigh one step of priority: up to an hour. */
    AGEING("ageing", 1, 3_600_000),
    TENANT_WEIGHT("weight of a tenant", 1, 1_000_000);

    private final String words;
    private final long least;
    private final long most;

    EngineSetting(String words, long least, long most) {
        this.words = words;
        this.least = least;
        this.most = most;
    }

    public long least() {
        return least;
    }

    /** The largest number of its type where nothing bounds it. */
    public long most() {
        return most;
    }

    /** Whether something else than the type bounds it above. */
    public boolean hasMost() {
        return most < Integer.MAX_VALUE;
    }

    public boolean allows(long value) {
        return value >= least && value <= most;
    }

    /** What a message says was expected. */
    public String expected() {
        return hasMost() ? least + " to " + most : "at least " + least;
    }

    /** @throws EngineSettingsException if it is out of range */
    public void check(long value) {
        if (!allows(value)) {
            throw new EngineSettingsException(this, expected(), value);
        }
    }

    /** As messages have it. */
    @Override
    public String toString() {
        return words;
    }
}
