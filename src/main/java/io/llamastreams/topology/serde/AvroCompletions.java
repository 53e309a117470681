package io.llamastreams.topology.serde;

import io.llamastreams.registry.RecordFormatException;
import io.llamastreams.schema.Completion;
import io.llamastreams.schema.CompletionStatus;
import io.llamastreams.schema.CompletionUsage;
import io.llamastreams.schema.Lineage;
import io.llamastreams.schema.RecordPlace;
import io.llamastreams.serving.Digests;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.Usage;
import io.llamastreams.topology.record.CompletionRecord;
import io.llamastreams.topology.record.Origin;
import io.llamastreams.topology.record.StoredAnswer;
import java.util.Optional;

/** Completions, also those that are kept to answer the same prompt again. Any thread. */
final class AvroCompletions {
    private AvroCompletions() {}

    static Completion completion(CompletionRecord completion) {
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
                        lineage.copyOf().map(AvroCompletions::place).orElse(null)))
                .setTenant(completion.tenant())
                .setBatchId(completion.batchId())
                .setAttributes(completion.attributes());
        AvroAnswers.put(completion.answer(), builder);
        return builder.build();
    }

    static CompletionRecord completion(Completion completion) {
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

    static io.llamastreams.schema.StoredAnswer answer(StoredAnswer answer) {
        return new io.llamastreams.schema.StoredAnswer(
                answer.origin().topic(),
                answer.origin().partition(),
                answer.origin().offset(),
                answer.fingerprint(),
                answer.timestamp(),
                answer.completion().map(AvroCompletions::completion).orElse(null));
    }

    static StoredAnswer answer(io.llamastreams.schema.StoredAnswer answer) {
        return new StoredAnswer(
                new Origin(answer.getTopic(), answer.getPartition(), answer.getOffset()),
                answer.getFingerprint(),
                answer.getTimestamp(),
                Optional.ofNullable(answer.getCompletion()).map(AvroCompletions::completion));
    }
}
