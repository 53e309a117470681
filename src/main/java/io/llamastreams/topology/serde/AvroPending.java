package io.llamastreams.topology.serde;

import io.llamastreams.schema.NotedAttempt;
import io.llamastreams.schema.RecordHeader;
import io.llamastreams.topology.record.Origin;
import io.llamastreams.topology.record.PendingNotes;
import io.llamastreams.topology.record.PendingPrompt;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** Prompts in the pending store, with all that their records had, and what is noted of them. Any thread. */
final class AvroPending {
    private AvroPending() {}

    static io.llamastreams.schema.PendingPrompt pending(PendingPrompt pending) {
        List<RecordHeader> headers = new ArrayList<>();
        for (Header header : pending.headers()) {
            headers.add(
                    new RecordHeader(header.key(), header.value() == null ? null : ByteBuffer.wrap(header.value())));
        }
        return new io.llamastreams.schema.PendingPrompt(
                pending.origin().topic(),
                pending.origin().partition(),
                pending.origin().offset(),
                pending.timestamp(),
                pending.key().map(ByteBuffer::wrap).orElse(null),
                headers,
                AvroPrompts.request(pending.prompt()));
    }

    static PendingPrompt pending(io.llamastreams.schema.PendingPrompt pending) {
        Headers headers = new RecordHeaders();
        for (RecordHeader header : pending.getHeaders()) {
            headers.add(header.getKey(), header.getValue() == null ? null : bytes(header.getValue()));
        }
        return new PendingPrompt(
                new Origin(pending.getTopic(), pending.getPartition(), pending.getOffset()),
                pending.getTimestamp(),
                Optional.ofNullable(pending.getKey()).map(AvroPending::bytes),
                headers,
                AvroPrompts.incoming(pending.getRequest()).prompt());
    }

    static io.llamastreams.schema.PendingNotes notes(PendingNotes notes) {
        return new io.llamastreams.schema.PendingNotes(
                notes.made(),
                notes.attempt().map(AvroPending::attempt).orElse(null),
                notes.first().orElse(null));
    }

    private static NotedAttempt attempt(PendingNotes.Attempt attempt) {
        return new NotedAttempt(
                attempt.before().all(),
                attempt.before().alone(),
                attempt.after().all(),
                attempt.after().alone(),
                attempt.run());
    }

    static PendingNotes notes(io.llamastreams.schema.PendingNotes notes) {
        return new PendingNotes(
                notes.getMade(),
                Optional.ofNullable(notes.getAttempt()).map(AvroPending::attempt),
                Optional.ofNullable(notes.getFirst()));
    }

    private static PendingNotes.Attempt attempt(NotedAttempt attempt) {
        return new PendingNotes.Attempt(
                new PendingNotes.Deaths(attempt.getDeathsBefore(), attempt.getDeathsAloneBefore()),
                new PendingNotes.Deaths(attempt.getDeathsAfter(), attempt.getDeathsAloneAfter()),
                attempt.getRun());
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
