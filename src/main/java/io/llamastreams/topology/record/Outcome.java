package io.llamastreams.topology.record;

import io.llamastreams.serving.Generation;
import io.llamastreams.serving.Usage;
import java.time.Instant;

/**
 * What goes out when a prompt ends.
 *
 * @param completion the answer
 * @param statistics what it cost
 */
public record Outcome(CompletionRecord completion, StatisticsRecord statistics) implements Departure {

    /** Answers a prompt with the completion of the same prompt that came before; that costs nothing. */
    public static Outcome copy(PendingPrompt pending, CompletionRecord first) {
        var prompt = pending.prompt();
        CompletionRecord completion = new CompletionRecord(
                prompt.id(),
                first.status(),
                first.answer(),
                Usage.NONE,
                first.error(),
                first.lineage().copiedTo(pending.origin(), Instant.ofEpochMilli(pending.timestamp())),
                prompt.tenant(),
                prompt.batchId(),
                prompt.attributes());
        return new Outcome(
                completion,
                new StatisticsRecord(
                        prompt.id(),
                        first.status(),
                        prompt.tenant(),
                        first.lineage().model(),
                        prompt.batchId(),
                        Usage.NONE));
    }

    /** Puts together what the prompt record had and what came of it. */
    public static Outcome of(PendingPrompt pending, Generation generation, CompletionRecord.Lineage lineage) {
        var prompt = pending.prompt();
        CompletionRecord completion = new CompletionRecord(
                prompt.id(),
                generation.status(),
                generation.answer(),
                generation.usage(),
                generation.error(),
                lineage,
                prompt.tenant(),
                prompt.batchId(),
                prompt.attributes());
        StatisticsRecord statistics = new StatisticsRecord(
                prompt.id(),
                generation.status(),
                prompt.tenant(),
                lineage.model(),
                prompt.batchId(),
                generation.usage());
        return new Outcome(completion, statistics);
    }
}
