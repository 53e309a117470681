package io.llamastreams.app.client;

import io.llamastreams.app.jsonl.CompletionLine;
import io.llamastreams.serving.Generation;
import io.llamastreams.topology.CompletionRecord;
import java.util.List;
import java.util.Optional;

/** Completion records as the same lines that the commands without Kafka write. Stateless. */
public final class Completions {

    private Completions() {}

    /** The line of a completion; its logprobs are in it if the prompt asked for them. */
    public static String line(CompletionRecord completion) {
        return CompletionLine.formatWithIds(generation(completion), completion.attributes());
    }

    /** How the prompt ended, with the first of its texts. */
    public static Generation generation(CompletionRecord completion) {
        Optional<CompletionRecord.Choice> choice = completion.choices().stream().findFirst();
        return new Generation(
                completion.id(),
                completion.status(),
                choice.map(CompletionRecord.Choice::text).orElse(""),
                choice.map(CompletionRecord.Choice::tokenIds).orElse(List.of()),
                choice.map(CompletionRecord.Choice::logprobs).orElse(List.of()),
                choice.flatMap(CompletionRecord.Choice::finishReason),
                completion.usage(),
                completion.lineage().seed(),
                completion.error());
    }
}
