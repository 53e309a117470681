package io.llamastreams.topology.batch;

import io.llamastreams.serving.Prompt;
import io.llamastreams.topology.record.BatchRecord;
import io.llamastreams.topology.record.IncomingPrompt;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a batch of each prompt of it that comes in. A prompt may announce how many its batch has, in a header whose value is
 * the number in decimal digits. StreamThread of its task.
 */
final class BatchIntake extends ContextualProcessor<byte[], IncomingPrompt, String, BatchRecord> {
    private static final Logger log = LoggerFactory.getLogger(BatchIntake.class);

    /** More digits do not fit a number, and mean nothing. */
    private static final int MAX_DIGITS = 18;

    @Override
    public void process(Record<byte[], IncomingPrompt> record) {
        Prompt prompt = record.value().prompt();
        if (!Batches.isTracked(prompt.batchId())) {
            return;
        }
        long now = context().currentSystemTimeMs();
        BatchRecord change = BatchRecord.ofPrompt(prompt, announced(record.headers()), Instant.ofEpochMilli(now));
        context().forward(new Record<>(prompt.batchId(), change, now, new RecordHeaders()));
    }

    /** What the header says; 0 without one, or if it is no such number: the prompt is good nevertheless. */
    private long announced(Headers headers) {
        Header header = headers.lastHeader(Batches.TOTAL_HEADER);
        if (header == null) {
            return 0;
        }
        String digits = header.value() == null ? "" : new String(header.value(), StandardCharsets.US_ASCII);
        if (digits.isEmpty() || digits.length() > MAX_DIGITS || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            log.warn(
                    "header {} is not looked at: expected 1 to {} digits: place={}",
                    Batches.TOTAL_HEADER,
                    MAX_DIGITS,
                    context()
                            .recordMetadata()
                            .map(place -> place.topic() + "-" + place.partition() + " offset " + place.offset())
                            .orElse(""));
            return 0;
        }
        return Long.parseLong(digits);
    }
}
