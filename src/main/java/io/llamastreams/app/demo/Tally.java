package io.llamastreams.app.demo;

import io.llamastreams.serving.Generation;

/** Adds up how prompts ended. One thread. */
final class Tally {

    private int succeeded;
    private int rejected;
    private int ended;
    private long promptTokens;
    private long cachedTokens;
    private long completionTokens;

    void add(Generation generation) {
        ended++;
        succeeded += generation.status() == Generation.Status.SUCCEEDED ? 1 : 0;
        rejected += generation.status() == Generation.Status.REJECTED ? 1 : 0;
        promptTokens += generation.usage().promptTokens();
        cachedTokens += generation.usage().cachedTokens();
        completionTokens += generation.usage().completionTokens();
    }

    /** Prompts that have ended, however. */
    int ended() {
        return ended;
    }

    DemoSummary.Counts counts() {
        return new DemoSummary.Counts(ended, succeeded, rejected, promptTokens, cachedTokens, completionTokens);
    }
}
