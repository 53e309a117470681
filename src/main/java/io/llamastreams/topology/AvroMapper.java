package io.llamastreams.topology;

import io.llamastreams.registry.GeneratedRecords;
import io.llamastreams.registry.RecordFormatException;
import io.llamastreams.schema.Completion;
import io.llamastreams.schema.CompletionStatus;
import io.llamastreams.schema.CompletionUsage;
import io.llamastreams.schema.Difference;
import io.llamastreams.schema.Lineage;
import io.llamastreams.schema.PromptRequest;
import io.llamastreams.schema.RecordHeader;
import io.llamastreams.schema.RecordPlace;
import io.llamastreams.schema.TokenStatistics;
import io.llamastreams.schema.TokenUsage;
import io.llamastreams.schema.TokenUsageKey;
import io.llamastreams.serving.Digests;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.Usage;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * Plain values to generated Avro records and back; with {@link AvroPrompts}, {@link AvroAnswers}, {@link AvroBatches},
 * {@link AvroControl} and {@link AvroDifferences} the only class of this package that knows the latter. Any thread.
 */
final class AvroMapper {
    static final Mapping<Prompt> PROMPT = new Mapping<>(
            PromptRequest.class,
            AvroPrompts::request,
            record -> AvroPrompts.incoming((PromptRequest) record).prompt());
    static final Mapping<IncomingPrompt> INCOMING = new Mapping<>(
            PromptRequest.class,
            incoming -> AvroPrompts.request(incoming.prompt()),
            record -> AvroPrompts.incoming((PromptRequest) record));
    static final Mapping<CompletionRecord> COMPLETION =
            new Mapping<>(Completion.class, AvroMapper::completion, record -> completion((Completion) record));
    static final Mapping<StatisticsRecord> STATISTICS = new Mapping<>(
            TokenStatistics.class, AvroMapper::statistics, record -> statistics((TokenStatistics) record));
    static final Mapping<UsageRecord> USAGE =
            new Mapping<>(TokenUsage.class, AvroMapper::usage, record -> usage((TokenUsage) record));
    static final Mapping<UsageKey> USAGE_KEY =
            new Mapping<>(TokenUsageKey.class, AvroMapper::usageKey, record -> usageKey((TokenUsageKey) record));

    static final Mapping<ControlCommand> CONTROL_COMMAND = new Mapping<>(
            io.llamastreams.schema.ControlCommand.class,
            AvroControl::command,
            record -> AvroControl.command((io.llamastreams.schema.ControlCommand) record));
    static final Mapping<ControlAcknowledgement> CONTROL_ACKNOWLEDGEMENT = new Mapping<>(
            io.llamastreams.schema.ControlAcknowledgement.class,
            AvroControl::acknowledgement,
            record -> AvroControl.acknowledgement((io.llamastreams.schema.ControlAcknowledgement) record));

    /** In the control store. */
    static final Mapping<StoredCommand> STORED_COMMAND = new Mapping<>(
            io.llamastreams.schema.StoredCommand.class,
            AvroControl::stored,
            record -> AvroControl.stored((io.llamastreams.schema.StoredCommand) record));

    /** In the store of answers. */
    static final Mapping<StoredAnswer> STORED_ANSWER = new Mapping<>(
            io.llamastreams.schema.StoredAnswer.class,
            AvroMapper::answer,
            record -> answer((io.llamastreams.schema.StoredAnswer) record));

    static final Mapping<DifferenceRecord> DIFFERENCE = new Mapping<>(
            Difference.class, AvroDifferences::difference, record -> AvroDifferences.difference((Difference) record));

    /** In the pending store. */
    static final Mapping<PendingPrompt> PENDING = new Mapping<>(
            io.llamastreams.schema.PendingPrompt.class,
            AvroMapper::pending,
            record -> pending((io.llamastreams.schema.PendingPrompt) record));

    /** In the usage store, whose key has tenant, model and window: they are left empty here. */
    static final Mapping<UsageRecord.Totals> TOTALS = new Mapping<>(
            TokenUsage.class,
            totals -> usage(new UsageRecord("", "", Instant.EPOCH, Instant.EPOCH, totals)),
            record -> usage((TokenUsage) record).totals());

    static {
        GeneratedRecords.trust();
    }

    /**
     * A plain type and the generated class that stands for it on a topic.
     *
     * @param recordClass generated from a schema
     */
    record Mapping<T>(Class<?> recordClass, Function<T, Object> toRecord, Function<Object, T> fromRecord) {

        String schemaJson() {
            return GeneratedRecords.schemaJson(recordClass);
        }

        /** @throws RecordFormatException if the record is of another class */
        T read(Object record) {
            if (!recordClass.isInstance(record)) {
                throw new RecordFormatException("expected " + recordClass.getName() + ", found "
                        + (record == null ? "null" : record.getClass().getName())
                        + " (a deserializer must give generated records: specific.avro.reader=true)");
            }
            return fromRecord.apply(record);
        }
    }

    private AvroMapper() {}

    // --- completions

    private static Completion completion(CompletionRecord completion) {
        CompletionRecord.Lineage lineage = completion.lineage();
        Origin origin = lineage.origin();
        Usage usage = completion.usage();
        Completion.Builder builder = Completion.newBuilder()
                .setId(completion.id())
                .setStatus(status(completion.status()))
                .setUsage(new CompletionUsage(
                        usage.promptTokens(),
                        usage.cachedTokens(),
                        usage.completionTokens(),
                        usage.queueNanos(),
                        usage.prefillNanos(),
                        usage.decodeNanos()))
                .setError(completion.error())
                .setLineage(new Lineage(
                        origin.topic(),
                        origin.partition(),
                        origin.offset(),
                        lineage.promptTimestamp(),
                        lineage.model(),
                        lineage.seed(),
                        lineage.engineVersion(),
                        lineage.kvType(),
                        lineage.digests().model(),
                        lineage.digests().tokenizer(),
                        lineage.digests().parameters(),
                        lineage.digests().prompt(),
                        lineage.copyOf().map(AvroMapper::place).orElse(null)))
                .setTenant(completion.tenant())
                .setBatchId(completion.batchId())
                .setAttributes(completion.attributes());
        AvroAnswers.put(completion.answer(), builder);
        return builder.build();
    }

    private static CompletionRecord completion(Completion completion) {
        Lineage lineage = completion.getLineage();
        CompletionUsage usage = completion.getUsage();
        return new CompletionRecord(
                completion.getId(),
                status(completion.getStatus()),
                AvroAnswers.answer(completion),
                new Usage(
                        usage.getPromptTokens(),
                        usage.getCachedTokens(),
                        usage.getCompletionTokens(),
                        usage.getQueueNanos(),
                        usage.getPrefillNanos(),
                        usage.getDecodeNanos()),
                completion.getError(),
                new CompletionRecord.Lineage(
                        new Origin(lineage.getTopic(), lineage.getPartition(), lineage.getOffset()),
                        lineage.getPromptTimestamp(),
                        lineage.getModel(),
                        lineage.getSeed(),
                        lineage.getEngineVersion(),
                        lineage.getKvType(),
                        new Digests(
                                lineage.getModelDigest(),
                                lineage.getTokenizerDigest(),
                                lineage.getParametersDigest(),
                                lineage.getPromptDigest()),
                        Optional.ofNullable(lineage.getCopyOf())
                                .map(place -> new Origin(place.getTopic(), place.getPartition(), place.getOffset()))),
                completion.getTenant(),
                completion.getBatchId(),
                completion.getAttributes());
    }

    private static RecordPlace place(Origin origin) {
        return new RecordPlace(origin.topic(), origin.partition(), origin.offset());
    }

    static CompletionStatus status(Generation.Status status) {
        return CompletionStatus.valueOf(status.name());
    }

    static Generation.Status status(CompletionStatus status) {
        return switch (status) {
            case SUCCEEDED -> Generation.Status.SUCCEEDED;
            case REJECTED -> Generation.Status.REJECTED;
            case FAILED -> Generation.Status.FAILED;
            case CANCELLED -> Generation.Status.CANCELLED;
            case EXPIRED -> Generation.Status.EXPIRED;
            case UNKNOWN ->
                throw new RecordFormatException("status: written by a newer version that knows more of them");
        };
    }

    // --- statistics and usage

    private static TokenStatistics statistics(StatisticsRecord statistics) {
        Usage usage = statistics.usage();
        return new TokenStatistics(
                statistics.id(),
                status(statistics.status()),
                statistics.tenant(),
                statistics.model(),
                statistics.batchId(),
                usage.promptTokens(),
                usage.cachedTokens(),
                usage.completionTokens(),
                usage.queueNanos(),
                usage.prefillNanos(),
                usage.decodeNanos());
    }

    private static StatisticsRecord statistics(TokenStatistics statistics) {
        return new StatisticsRecord(
                statistics.getId(),
                status(statistics.getStatus()),
                statistics.getTenant(),
                statistics.getModel(),
                statistics.getBatchId(),
                new Usage(
                        statistics.getPromptTokens(),
                        statistics.getCachedTokens(),
                        statistics.getCompletionTokens(),
                        statistics.getQueueNanos(),
                        statistics.getPrefillNanos(),
                        statistics.getDecodeNanos()));
    }

    private static TokenUsage usage(UsageRecord usage) {
        UsageRecord.Totals totals = usage.totals();
        return new TokenUsage(
                usage.tenant(),
                usage.model(),
                usage.windowStart(),
                usage.windowEnd(),
                totals.succeeded(),
                totals.rejected(),
                totals.failed(),
                totals.cancelled(),
                totals.expired(),
                totals.promptTokens(),
                totals.cachedTokens(),
                totals.completionTokens());
    }

    private static UsageRecord usage(TokenUsage usage) {
        return new UsageRecord(
                usage.getTenant(),
                usage.getModel(),
                usage.getWindowStart(),
                usage.getWindowEnd(),
                new UsageRecord.Totals(
                        usage.getSucceeded(),
                        usage.getRejected(),
                        usage.getFailed(),
                        usage.getCancelled(),
                        usage.getExpired(),
                        usage.getPromptTokens(),
                        usage.getCachedTokens(),
                        usage.getCompletionTokens()));
    }

    private static TokenUsageKey usageKey(UsageKey key) {
        return new TokenUsageKey(key.tenant(), key.model(), key.windowStart());
    }

    private static UsageKey usageKey(TokenUsageKey key) {
        return new UsageKey(key.getTenant(), key.getModel(), key.getWindowStart());
    }

    // --- store of answers

    private static io.llamastreams.schema.StoredAnswer answer(StoredAnswer answer) {
        return new io.llamastreams.schema.StoredAnswer(
                answer.origin().topic(),
                answer.origin().partition(),
                answer.origin().offset(),
                answer.fingerprint(),
                answer.timestamp(),
                answer.completion().map(AvroMapper::completion).orElse(null));
    }

    private static StoredAnswer answer(io.llamastreams.schema.StoredAnswer answer) {
        return new StoredAnswer(
                new Origin(answer.getTopic(), answer.getPartition(), answer.getOffset()),
                answer.getFingerprint(),
                answer.getTimestamp(),
                Optional.ofNullable(answer.getCompletion()).map(AvroMapper::completion));
    }

    // --- pending store

    private static io.llamastreams.schema.PendingPrompt pending(PendingPrompt pending) {
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

    private static PendingPrompt pending(io.llamastreams.schema.PendingPrompt pending) {
        Headers headers = new RecordHeaders();
        for (RecordHeader header : pending.getHeaders()) {
            headers.add(header.getKey(), header.getValue() == null ? null : bytes(header.getValue()));
        }
        return new PendingPrompt(
                new Origin(pending.getTopic(), pending.getPartition(), pending.getOffset()),
                pending.getTimestamp(),
                Optional.ofNullable(pending.getKey()).map(AvroMapper::bytes),
                headers,
                AvroPrompts.incoming(pending.getRequest()).prompt());
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
