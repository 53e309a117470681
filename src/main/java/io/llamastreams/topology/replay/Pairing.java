package io.llamastreams.topology.replay;

import io.llamastreams.topology.record.CompletionRecord;
import io.llamastreams.topology.record.DifferenceRecord;
import io.llamastreams.topology.serde.RecordMappings;
import io.llamastreams.topology.serde.StoredSerde;
import org.apache.kafka.streams.processor.api.ContextualFixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Brings together the two completions of a prompt record, which come in any order: the first waits in a store that both sides
 * have, the second takes it out and sends the difference on. StreamThread of its task.
 */
final class Pairing extends ContextualFixedKeyProcessor<String, CompletionRecord, DifferenceRecord> {
    static final String STORE = "completions-to-compare";

    /** Which run a completion is of. */
    enum Side {
        BEFORE,
        NOW;

        private Side other() {
            return this == BEFORE ? NOW : BEFORE;
        }
    }

    private final Side side;
    private final StoredSerde<CompletionRecord> serde = new StoredSerde<>(RecordMappings.COMPLETION);
    private KeyValueStore<String, byte[]> waiting;

    Pairing(Side side) {
        this.side = side;
    }

    @Override
    public void init(FixedKeyProcessorContext<String, DifferenceRecord> context) {
        super.init(context);
        waiting = context.getStateStore(STORE);
    }

    @Override
    public void process(FixedKeyRecord<String, CompletionRecord> record) {
        byte[] other = waiting.delete(key(side.other(), record.key()));
        if (other == null) {
            waiting.put(key(side, record.key()), serde.encode(record.value()));
            return;
        }
        CompletionRecord partner = serde.decode(other);
        context()
                .forward(record.withValue(
                        side == Side.NOW
                                ? DifferenceRecord.of(partner, record.value())
                                : DifferenceRecord.of(record.value(), partner)));
    }

    private static String key(Side side, String origin) {
        return side + " " + origin;
    }
}
