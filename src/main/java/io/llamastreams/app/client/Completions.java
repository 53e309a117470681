package io.llamastreams.app.client;

import io.llamastreams.app.jsonl.CompletionLine;
import io.llamastreams.serving.Generation;
import io.llamastreams.topology.CompletionRecord;

/** Completion records as the same lines that the commands without Kafka write. Stateless. */
public final class Completions {

    private Completions() {}

    /** The line of a completion; its logprobs are in it if the prompt asked for them. */
    public static String line(CompletionRecord completion) {
        return CompletionLine.formatWithIds(generation(completion), completion.attributes());
    }

    /** How the prompt ended. */
    public static Generation generation(CompletionRecord completion) {
        return new Generation(
                completion.id(),
                completion.status(),
                completion.answer(),
                completion.usage(),
                completion.lineage().seed(),
                completion.error());
    }
}
