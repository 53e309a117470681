package io.llamastreams.topology;

import io.llamastreams.serving.Generation;
import java.time.Instant;

/**
 * What goes out when a prompt ends.
 *
 * @param completion the answer
 * @param statistics what it cost
 */
record Outcome(CompletionRecord completion, StatisticsRecord statistics) {

    /** Puts together what the prompt record had and what came of it. */
    static Outcome of(PendingPrompt pending, Generation generation, PromptSessions sessions, String engineVersion) {
        var prompt = pending.prompt();
        CompletionRecord completion = new CompletionRecord(
                prompt.id(),
                generation.status(),
                generation.answer(),
                generation.usage(),
                generation.error(),
                new CompletionRecord.Lineage(
                        pending.origin(),
                        Instant.ofEpochMilli(pending.timestamp()),
                        sessions.modelName(),
                        generation.seed(),
                        engineVersion,
                        sessions.kvType(),
                        sessions.digests().of(prompt)),
                prompt.tenant(),
                prompt.batchId(),
                prompt.attributes());
        StatisticsRecord statistics = new StatisticsRecord(
                prompt.id(),
                generation.status(),
                prompt.tenant(),
                sessions.modelName(),
                prompt.batchId(),
                generation.usage());
        return new Outcome(completion, statistics);
    }
}
