package io.llamastreams.topology.batch;

import io.llamastreams.topology.record.BatchRecord;
import io.llamastreams.topology.record.StatisticsRecord;
import java.time.Instant;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;

/** Tells a batch of each prompt of it that has ended. StreamThread of its task. */
final class BatchEnds extends ContextualProcessor<byte[], StatisticsRecord, String, BatchRecord> {

    @Override
    public void process(Record<byte[], StatisticsRecord> record) {
        StatisticsRecord statistics = record.value();
        if (Batches.isTracked(statistics.batchId())) {
            BatchRecord change = BatchRecord.ofEnd(statistics, Instant.ofEpochMilli(record.timestamp()));
            context().forward(new Record<>(statistics.batchId(), change, record.timestamp(), new RecordHeaders()));
        }
    }
}
