package io.llamastreams.topology;

import io.llamastreams.serving.Generation;
import io.llamastreams.stats.Counter;
import java.util.EnumMap;
import java.util.Map;

/** What one service has done, all tasks together. Any thread. */
final class PromptCounters {
    private final Counter received = new Counter();
    private final Counter resubmitted = new Counter();
    private final Counter pending = new Counter();
    private final Map<Generation.Status, Counter> ended = new EnumMap<>(Generation.Status.class);

    PromptCounters() {
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

    /** A task has so many pending prompts more, or fewer. */
    void pendingChanged(int difference) {
        pending.add(difference);
    }

    PromptCounts counts() {
        return new PromptCounts(
                received.value(),
                resubmitted.value(),
                pending.value(),
                ended.get(Generation.Status.SUCCEEDED).value(),
                ended.get(Generation.Status.REJECTED).value(),
                ended.get(Generation.Status.FAILED).value(),
                ended.get(Generation.Status.CANCELLED).value(),
                ended.get(Generation.Status.EXPIRED).value());
    }
}
