package io.llamastreams.topology.prompt;

import io.llamastreams.serving.Generation;
import io.llamastreams.serving.Usage;
import io.llamastreams.stats.Counter;
import io.llamastreams.topology.record.PromptCounts;
import java.util.EnumMap;
import java.util.Map;

/** What one service has done, all tasks together. Any thread. */
public final class PromptCounters {
    /** As long as nothing was encoded: English in a vocabulary of 32,000. */
    private static final double UNKNOWN_TOKENS_PER_CHARACTER = 0.25;

    private final Counter received = new Counter();
    private final Counter resubmitted = new Counter();
    private final Counter pending = new Counter();
    private final Counter pendingTextLength = new Counter();
    private final Counter pendingTokens = new Counter();

    /** Of prompts that were encoded, to tell how many tokens a text makes. */
    private final Counter encodedTextLength = new Counter();

    private final Counter encodedTokens = new Counter();
    private final Map<Generation.Status, Counter> ended = new EnumMap<>(Generation.Status.class);

    public PromptCounters() {
        for (Generation.Status status : Generation.Status.values()) {
            ended.put(status, new Counter());
        }
    }

    void received() {
        received.increment();
    }

    void resubmitted(int prompts) {
        resubmitted.add(prompts);
    }

    void ended(Generation.Status status) {
        ended.get(status).increment();
    }

    /** A task has so many pending prompts more, and with them so much work. */
    void pendingAdded(int prompts, PromptLoad load) {
        pending.add(prompts);
        pendingTextLength.add(load.textLength());
        pendingTokens.add(load.tokens());
    }

    /** A task has so many pending prompts fewer. */
    void pendingRemoved(int prompts, PromptLoad load) {
        pendingAdded(-prompts, PromptLoad.NONE.minus(load));
    }

    /** A prompt has ended, which tells how many tokens its text made; nothing, if it was never encoded. */
    void encoded(PromptLoad load, Usage usage) {
        if (load.textLength() > 0 && usage.promptTokens() > 0) {
            encodedTextLength.add(load.textLength());
            encodedTokens.add(usage.promptTokens());
        }
    }

    private long estimatedPendingTokens() {
        long length = encodedTextLength.value();
        double tokensPerCharacter =
                length == 0 ? UNKNOWN_TOKENS_PER_CHARACTER : (double) encodedTokens.value() / length;
        return Math.max(0, pendingTokens.value() + (long) (pendingTextLength.value() * tokensPerCharacter));
    }

    public PromptCounts counts() {
        return new PromptCounts(
                received.value(),
                resubmitted.value(),
                pending.value(),
                estimatedPendingTokens(),
                ended.get(Generation.Status.SUCCEEDED).value(),
                ended.get(Generation.Status.REJECTED).value(),
                ended.get(Generation.Status.FAILED).value(),
                ended.get(Generation.Status.CANCELLED).value(),
                ended.get(Generation.Status.EXPIRED).value());
    }
}
