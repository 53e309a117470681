package io.llamastreams.topology.record;

import io.llamastreams.registry.RecordCodec;
import io.llamastreams.serving.Prompt;
import java.util.Optional;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.ProcessingContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * A prompt that was taken in and has not ended yet, with all that its completion needs.
 *
 * @param origin where the record lies
 * @param timestamp of the record, epoch milliseconds
 * @param key of the record
 * @param headers of the record
 * @param prompt what is asked for
 */
public record PendingPrompt(Origin origin, long timestamp, Optional<byte[]> key, Headers headers, Prompt prompt) {

    /** What the record is that a processor has before it, or the one that it is a copy of. */
    public static PendingPrompt of(Record<byte[], IncomingPrompt> record, ProcessingContext context) {
        return record.value().moved().orElseGet(() -> {
            var place = context.recordMetadata()
                    .orElseThrow(() -> new IllegalStateException("expected a record that lies on a topic"));
            return new PendingPrompt(
                    new Origin(place.topic(), place.partition(), place.offset()),
                    record.timestamp(),
                    Optional.ofNullable(record.key()),
                    withoutValueSchema(record.headers()),
                    record.value().prompt());
        });
    }

    /** The same record, with another prompt. */
    public PendingPrompt withPrompt(Prompt newPrompt) {
        return new PendingPrompt(origin, timestamp, key, headers, newPrompt);
    }

    /** The prompt's value schema is not the completion's; who reads by header would take it for that. */
    private static Headers withoutValueSchema(Headers headers) {
        return new RecordHeaders(headers).remove(RecordCodec.VALUE_SCHEMA_HEADER);
    }
}
