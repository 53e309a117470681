package io.llamastreams.topology.batch;

import io.llamastreams.topology.config.TopologyConfig;
import io.llamastreams.topology.record.BatchRecord;
import io.llamastreams.topology.record.IncomingPrompt;
import io.llamastreams.topology.record.StatisticsRecord;
import io.llamastreams.topology.serde.RecordMappings;
import io.llamastreams.topology.serde.StoredSerde;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * The topology's part for batches.
 *
 * <pre>
 *   prompts ---- batch-intake ---+
 *                                +--- by batch id --- track-batches [batches] --- batches
 *   statistics - batch-ends -----+
 * </pre>
 *
 * Prompts of a batch lie on any partition, so changes are brought together by batch id. Intake and end of a prompt are told by
 * the same task, and in this order; each is told in the transaction that takes the prompt in or ends it.
 */
public final class Batches {
    /** Of a prompt record: how many prompts its batch has, in decimal digits. One prompt of a batch is enough to say it. */
    public static final String TOTAL_HEADER = "llama-batch-total";

    /** Longer ids come back with completions like others, but have no place in the table. */
    public static final int MAX_ID_LENGTH = 256;

    public static final String STORE = "batches";

    /** The store is written once per commit and batch, and read from its beginning at each start. */
    private static final Map<String, String> CHANGELOG = Map.of(
            TopicConfig.SEGMENT_BYTES_CONFIG, Integer.toString(16 * 1024 * 1024),
            TopicConfig.SEGMENT_MS_CONFIG, Long.toString(Duration.ofHours(1).toMillis()),
            TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG, "0.1");

    private Batches() {}

    /** Whether prompts of this batch id are counted; an empty one means that there is no batch. */
    static boolean isTracked(String batchId) {
        return !batchId.isEmpty() && batchId.length() <= MAX_ID_LENGTH;
    }

    /** The changes that incoming prompts are; to be asked for before anything can end them. */
    public static KStream<String, BatchRecord> intake(KStream<byte[], IncomingPrompt> prompts) {
        return prompts.process(BatchIntake::new, Named.as("batch-intake"));
    }

    /**
     * Adds the table.
     *
     * @param intake as {@link #intake} gives it
     * @param values of the topic of batches
     */
    public static void add(
            KStream<String, BatchRecord> intake,
            KStream<byte[], StatisticsRecord> statistics,
            TopologyConfig config,
            Serde<BatchRecord> values) {
        intake.merge(statistics.process(BatchEnds::new, Named.as("batch-ends")), Named.as("batch-changes"))
                .repartition(Repartitioned.with(Serdes.String(), new StoredSerde<>(RecordMappings.BATCH))
                        .withName("changes-by-batch"))
                .process(new TrackerSupplier(config.batchesRetention()), Named.as("track-batches"))
                .to(
                        config.topics().batches(),
                        Produced.with(Serdes.String(), values).withName("batches"));
    }

    /** Gives each task a tracker, and the store that the table is. */
    private record TrackerSupplier(Duration retention)
            implements ProcessorSupplier<String, BatchRecord, String, BatchRecord> {

        @Override
        public Processor<String, BatchRecord, String, BatchRecord> get() {
            return new BatchTracker(retention);
        }

        @Override
        public Set<StoreBuilder<?>> stores() {
            return Set.of(Stores.keyValueStoreBuilder(
                            Stores.inMemoryKeyValueStore(STORE),
                            Serdes.String(),
                            new StoredSerde<>(RecordMappings.BATCH))
                    .withCachingEnabled()
                    .withLoggingEnabled(CHANGELOG));
        }
    }
}
