package io.llamastreams.topology;

import io.llamastreams.serving.Generation;
import io.llamastreams.serving.Usage;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What goes out when a prompt ends.
 *
 * @param completion the answer
 * @param statistics what it cost
 */
record Outcome(CompletionRecord completion, StatisticsRecord statistics) {

    /** Puts together what the prompt record had and what came of it. */
    static Outcome of(PendingPrompt pending, Generation generation, String model, String engineVersion, String kvType) {
        var prompt = pending.prompt();
        CompletionRecord completion = new CompletionRecord(
                prompt.id(),
                generation.status(),
                choices(generation),
                generation.usage(),
                generation.error(),
                new CompletionRecord.Lineage(
                        pending.origin(),
                        Instant.ofEpochMilli(pending.timestamp()),
                        model,
                        generation.seed(),
                        engineVersion,
                        kvType),
                prompt.tenant(),
                prompt.batchId(),
                prompt.attributes());
        StatisticsRecord statistics = new StatisticsRecord(
                prompt.id(), generation.status(), prompt.tenant(), model, prompt.batchId(), generation.usage());
        return new Outcome(completion, statistics);
    }

    /** The end of a prompt that met an error on our side. */
    static Generation failed(String id, String error) {
        return new Generation(
                id, Generation.Status.FAILED, "", List.of(), List.of(), Optional.empty(), Usage.NONE, 0, error);
    }

    private static List<CompletionRecord.Choice> choices(Generation generation) {
        return switch (generation.status()) {
            case SUCCEEDED, CANCELLED, EXPIRED ->
                List.of(new CompletionRecord.Choice(
                        0, generation.text(), generation.tokenIds(), generation.finishReason(), generation.logprobs()));
            case REJECTED, FAILED -> List.of();
        };
    }
}
