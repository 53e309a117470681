package io.llamastreams.topology.serde;

import io.llamastreams.registry.GeneratedRecords;
import io.llamastreams.schema.BatchStatus;
import io.llamastreams.schema.Completion;
import io.llamastreams.schema.Difference;
import io.llamastreams.schema.PromptRequest;
import io.llamastreams.schema.TokenStatistics;
import io.llamastreams.schema.TokenUsage;
import io.llamastreams.schema.TokenUsageKey;
import io.llamastreams.serving.Prompt;
import io.llamastreams.topology.record.BatchRecord;
import io.llamastreams.topology.record.CompletionRecord;
import io.llamastreams.topology.record.ControlAcknowledgement;
import io.llamastreams.topology.record.ControlCommand;
import io.llamastreams.topology.record.DifferenceRecord;
import io.llamastreams.topology.record.IncomingPrompt;
import io.llamastreams.topology.record.PendingNotes;
import io.llamastreams.topology.record.PendingPrompt;
import io.llamastreams.topology.record.StatisticsRecord;
import io.llamastreams.topology.record.StoredAnswer;
import io.llamastreams.topology.record.StoredCommand;
import io.llamastreams.topology.record.UsageKey;
import io.llamastreams.topology.record.UsageRecord;
import java.time.Instant;

/**
 * All records that lie on topics and in stores. With the classes {@code Avro...} of this package, one for each kind, the only
 * one of the project's stream side that knows generated records. Any thread.
 */
public final class RecordMappings {
    /** On the prompts topic, as they were sent. */
    public static final RecordMapping<Prompt> PROMPT = RecordMapping.of(
            PromptRequest.class,
            AvroPrompts::request,
            record -> AvroPrompts.incoming(record).prompt());

    /** On the prompts topic, read with the care of a service: what cannot be served is a prompt with a fault. */
    public static final RecordMapping<IncomingPrompt> INCOMING = RecordMapping.of(
            PromptRequest.class, incoming -> AvroPrompts.request(incoming.prompt()), AvroPrompts::incoming);

    public static final RecordMapping<CompletionRecord> COMPLETION =
            RecordMapping.of(Completion.class, AvroCompletions::completion, AvroCompletions::completion);
    public static final RecordMapping<StatisticsRecord> STATISTICS =
            RecordMapping.of(TokenStatistics.class, AvroUsage::statistics, AvroUsage::statistics);
    public static final RecordMapping<UsageRecord> USAGE =
            RecordMapping.of(TokenUsage.class, AvroUsage::usage, AvroUsage::usage);
    public static final RecordMapping<UsageKey> USAGE_KEY =
            RecordMapping.of(TokenUsageKey.class, AvroUsage::usageKey, AvroUsage::usageKey);
    public static final RecordMapping<BatchRecord> BATCH =
            RecordMapping.of(BatchStatus.class, AvroBatches::batch, AvroBatches::batch);
    public static final RecordMapping<ControlCommand> CONTROL_COMMAND =
            RecordMapping.of(io.llamastreams.schema.ControlCommand.class, AvroControl::command, AvroControl::command);
    public static final RecordMapping<ControlAcknowledgement> CONTROL_ACKNOWLEDGEMENT = RecordMapping.of(
            io.llamastreams.schema.ControlAcknowledgement.class,
            AvroControl::acknowledgement,
            AvroControl::acknowledgement);
    public static final RecordMapping<DifferenceRecord> DIFFERENCE =
            RecordMapping.of(Difference.class, AvroDifferences::difference, AvroDifferences::difference);

    /** In the control store. */
    public static final RecordMapping<StoredCommand> STORED_COMMAND =
            RecordMapping.of(io.llamastreams.schema.StoredCommand.class, AvroControl::stored, AvroControl::stored);

    /** In the store of answers. */
    public static final RecordMapping<StoredAnswer> STORED_ANSWER = RecordMapping.of(
            io.llamastreams.schema.StoredAnswer.class, AvroCompletions::answer, AvroCompletions::answer);

    /** In the pending store. */
    public static final RecordMapping<PendingPrompt> PENDING =
            RecordMapping.of(io.llamastreams.schema.PendingPrompt.class, AvroPending::pending, AvroPending::pending);

    /** In the pending store, beside prompts. */
    public static final RecordMapping<PendingNotes> PENDING_NOTES =
            RecordMapping.of(io.llamastreams.schema.PendingNotes.class, AvroPending::notes, AvroPending::notes);

    /** In the usage store, whose key has tenant, model and window: they are left empty here. */
    public static final RecordMapping<UsageRecord.Totals> TOTALS = RecordMapping.of(
            TokenUsage.class,
            totals -> AvroUsage.usage(new UsageRecord("", "", Instant.EPOCH, Instant.EPOCH, totals)),
            record -> AvroUsage.usage(record).totals());

    static {
        GeneratedRecords.trust();
    }

    private RecordMappings() {}
}
