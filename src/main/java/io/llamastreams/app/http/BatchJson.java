package io.llamastreams.app.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.topology.record.BatchRecord;

/** A batch as JSON. Stateless. */
final class BatchJson {

    private BatchJson() {}

    /** Times are ISO 8601; {@code announced} and {@code completed_at} are null as long as they are not known. */
    static ObjectNode of(BatchRecord batch) {
        var ends = batch.ends();
        ObjectNode json = Json.object().put("batch_id", batch.batchId());
        if (batch.announced() > 0) {
            json.put("announced", batch.announced());
        } else {
            json.putNull("announced");
        }
        json.put("seen", batch.seen())
                .put("pending", batch.pending())
                .put("succeeded", ends.succeeded())
                .put("rejected", ends.rejected())
                .put("failed", ends.failed())
                .put("cancelled", ends.cancelled())
                .put("expired", ends.expired());
        json.putObject("usage")
                .put("prompt_tokens", ends.promptTokens())
                .put("cached_tokens", ends.cachedTokens())
                .put("completion_tokens", ends.completionTokens());
        json.put("first_at", batch.first().toString())
                .put("last_at", batch.last().toString())
                .put("completed", batch.completed().isPresent())
                .put("completed_at", batch.completed().map(Object::toString).orElse(null));
        return json;
    }
}
