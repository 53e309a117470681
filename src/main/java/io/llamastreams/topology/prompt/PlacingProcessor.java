package io.llamastreams.topology.prompt;

import io.llamastreams.topology.config.PrefixAffinity;
import io.llamastreams.topology.record.IncomingPrompt;
import io.llamastreams.topology.record.PendingPrompt;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Sends prompts to the partition of their beginning, each with all that its record had, so that its completion bears the origin,
 * key, headers and time of the record that the user sent. StreamThread of its task.
 *
 * <pre>
 *   prompts -> PlacingProcessor -> repartition topic: key is the partition, value a PendingPrompt -> Placed -> PromptProcessor
 * </pre>
 */
public final class PlacingProcessor extends ContextualProcessor<byte[], IncomingPrompt, byte[], PendingPrompt> {
    /** Header of a record between the two, for a prompt that is to be refused. */
    private static final String FAULT = "fault";

    /** Takes the partition from the key; where there are fewer than there were meant to be, the remainder. */
    public static final StreamPartitioner<byte[], PendingPrompt> BY_KEY = (topic, key, value, partitions) ->
            Optional.of(Set.of(ByteBuffer.wrap(key).getInt() % partitions));

    private final PrefixAffinity affinity;
    private final PromptSessions sessions;
    private final PrefixPlacement placement;

    public PlacingProcessor(PrefixAffinity affinity, PromptSessions sessions) {
        this.affinity = affinity;
        this.sessions = sessions;
        placement = new PrefixPlacement(affinity.partitions());
    }

    @Override
    public void process(Record<byte[], IncomingPrompt> record) {
        PendingPrompt prompt = PendingPrompt.of(record, context());
        int partition = placement.place(affinity.hash(prompt.prompt(), sessions::promptIds));
        RecordHeaders headers = new RecordHeaders();
        if (!record.value().fault().isEmpty()) {
            headers.add(FAULT, record.value().fault().getBytes(StandardCharsets.UTF_8));
        }
        byte[] key = ByteBuffer.allocate(Integer.BYTES).putInt(partition).array();
        context().forward(new Record<>(key, prompt, prompt.timestamp(), headers));
    }

    /** Reads what {@link PlacingProcessor} wrote. */
    public static final class Placed implements FixedKeyProcessor<byte[], PendingPrompt, IncomingPrompt> {
        private FixedKeyProcessorContext<byte[], IncomingPrompt> context;

        @Override
        public void init(FixedKeyProcessorContext<byte[], IncomingPrompt> newContext) {
            context = newContext;
        }

        @Override
        public void process(FixedKeyRecord<byte[], PendingPrompt> record) {
            var fault = record.headers().lastHeader(FAULT);
            context.forward(record.withValue(new IncomingPrompt(
                    record.value().prompt(),
                    fault == null ? "" : new String(fault.value(), StandardCharsets.UTF_8),
                    Optional.of(record.value()))));
        }
    }
}
