package io.llamastreams.app.command;

import io.llamastreams.app.client.BatchFollower;
import io.llamastreams.app.client.TopicReader;
import io.llamastreams.topology.batch.Batches;
import io.llamastreams.topology.config.TopologyConfig;
import io.llamastreams.topology.record.BatchRecord;
import io.llamastreams.topology.serde.RecordMappings;
import io.llamastreams.topology.serde.RecordSerdes;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.serialization.Deserializer;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** What commands that look at batches have in common. Stateless. */
final class BatchOutput {

    private BatchOutput() {}

    static BatchFollower follow(TopologyConfig config, String batchId, LimitedReports reports) {
        Deserializer<BatchRecord> deserializer =
                RecordSerdes.deserializer(RecordMappings.BATCH, config.registryConfig());
        return new BatchFollower(
                TopicReader.fromBeginning(
                        config.consumerConfig(), config.topics().batches(), deserializer),
                batchId,
                (where, reason) -> reports.error(where + ": no batch: " + reason));
    }

    /** @throws ParameterException if there is no table of batches of this id */
    static void requireId(CommandLine line, String batchId) {
        if (batchId.isBlank() || batchId.length() > Batches.MAX_ID_LENGTH) {
            throw new ParameterException(
                    line, "--batch: expected 1 to " + Batches.MAX_ID_LENGTH + " characters, found " + batchId.length());
        }
    }

    /** How a batch's prompts ended, in one line; zeros are left out. */
    static String summary(BatchRecord batch) {
        var ends = batch.ends();
        List<String> parts = new ArrayList<>();
        add(parts, ends.succeeded(), "succeeded");
        add(parts, ends.rejected(), "rejected");
        add(parts, ends.failed(), "failed");
        add(parts, ends.cancelled(), "cancelled");
        add(parts, ends.expired(), "expired");
        add(parts, batch.total() - batch.ended(), "not ended");
        return "batch " + batch.batchId() + ": " + batch.total() + " prompts: "
                + (parts.isEmpty() ? "none" : String.join(", ", parts)) + "; " + ends.promptTokens()
                + " prompt tokens (" + ends.cachedTokens() + " cached), " + ends.completionTokens() + " new ones";
    }

    private static void add(List<String> parts, long count, String what) {
        if (count > 0) {
            parts.add(count + " " + what);
        }
    }
}
