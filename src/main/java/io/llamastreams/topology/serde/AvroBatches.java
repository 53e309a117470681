package io.llamastreams.topology.serde;

import io.llamastreams.schema.BatchStatus;
import io.llamastreams.topology.record.BatchRecord;
import io.llamastreams.topology.record.UsageRecord;
import java.util.Optional;

/** How far batches are. Any thread. */
final class AvroBatches {
    private AvroBatches() {}

    static BatchStatus batch(BatchRecord batch) {
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

    static BatchRecord batch(BatchStatus batch) {
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
