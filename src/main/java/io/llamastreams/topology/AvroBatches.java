package io.llamastreams.topology;

import io.llamastreams.schema.BatchStatus;
import java.util.Optional;

/** {@link AvroMapper}'s part for batches. Any thread. */
final class AvroBatches {
    static final AvroMapper.Mapping<BatchRecord> BATCH =
            new AvroMapper.Mapping<>(BatchStatus.class, AvroBatches::batch, record -> batch((BatchStatus) record));

    private AvroBatches() {}

    private static BatchStatus batch(BatchRecord batch) {
        UsageRecord.Totals ends = batch.ends();
        return new BatchStatus(
                batch.batchId(),
                batch.announced(),
                batch.seen(),
                ends.succeeded(),
                ends.rejected(),
                ends.failed(),
                ends.cancelled(),
                ends.expired(),
                ends.promptTokens(),
                ends.cachedTokens(),
                ends.completionTokens(),
                batch.first(),
                batch.last(),
                batch.completed().orElse(null));
    }

    private static BatchRecord batch(BatchStatus batch) {
        return new BatchRecord(
                batch.getBatchId(),
                batch.getAnnounced(),
                batch.getSeen(),
                new UsageRecord.Totals(
                        batch.getSucceeded(),
                        batch.getRejected(),
                        batch.getFailed(),
                        batch.getCancelled(),
                        batch.getExpired(),
                        batch.getPromptTokens(),
                        batch.getCachedTokens(),
                        batch.getCompletionTokens()),
                batch.getFirstTime(),
                batch.getLastTime(),
                Optional.ofNullable(batch.getCompletedTime()));
    }
}
