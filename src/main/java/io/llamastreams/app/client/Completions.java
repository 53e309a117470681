package io.llamastreams.app.client;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.llamastreams.app.jsonl.CompletionLine;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.app.jsonl.LineageFields;
import io.llamastreams.serving.Generation;
import io.llamastreams.topology.record.CompletionRecord;
import io.llamastreams.topology.record.Origin;
import java.util.Optional;

/** Completion records as the same lines that the commands without Kafka write. Stateless. */
public final class Completions {

    private Completions() {}

    /** The line of a completion; its logprobs are in it if the prompt asked for them. */
    public static String line(CompletionRecord completion) {
        return Json.write(object(completion));
    }

    /** The same as an object. */
    public static ObjectNode object(CompletionRecord completion) {
        ObjectNode line = CompletionLine.withIds(generation(completion), completion.attributes());
        CompletionRecord.Lineage lineage = completion.lineage();
        Origin origin = lineage.origin();
        new LineageFields(
                        Optional.of(new LineageFields.Place(origin.topic(), origin.partition(), origin.offset())),
                        lineage.model(),
                        lineage.digests(),
                        lineage.seed(),
                        lineage.engineVersion(),
                        lineage.kvType())
                .put(line);
        return line;
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
