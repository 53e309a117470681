package io.llamastreams.topology.service;

import io.llamastreams.registry.SchemaRegistry;
import io.llamastreams.topology.batch.Batches;
import io.llamastreams.topology.config.IntakeLimits;
import io.llamastreams.topology.config.PrefixAffinity;
import io.llamastreams.topology.config.TopicNames;
import io.llamastreams.topology.config.Topics;
import io.llamastreams.topology.config.TopologyConfig;
import io.llamastreams.topology.prompt.PlacingProcessor;
import io.llamastreams.topology.prompt.PromptProcessor;
import io.llamastreams.topology.prompt.PromptSessions;
import io.llamastreams.topology.prompt.TaskContext;
import io.llamastreams.topology.record.Arrival;
import io.llamastreams.topology.record.BatchRecord;
import io.llamastreams.topology.record.CompletionRecord;
import io.llamastreams.topology.record.ControlAcknowledgement;
import io.llamastreams.topology.record.Departure;
import io.llamastreams.topology.record.IncomingPrompt;
import io.llamastreams.topology.record.Outcome;
import io.llamastreams.topology.record.PendingPrompt;
import io.llamastreams.topology.record.StatisticsRecord;
import io.llamastreams.topology.record.UsageGroup;
import io.llamastreams.topology.record.UsageKey;
import io.llamastreams.topology.record.UsageRecord;
import io.llamastreams.topology.replay.Replay;
import io.llamastreams.topology.serde.RecordMapping;
import io.llamastreams.topology.serde.RecordMappings;
import io.llamastreams.topology.serde.RecordSerdes;
import io.llamastreams.topology.serde.StoredSerde;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.ValueMapper;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.processor.api.ContextualFixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * The stream topology.
 *
 * <pre>
 *   control ----------. [control-commands]                   .-- control acknowledgements
 *                     |                                      |
 *   prompts --- [by prefix] --- generate [pending-prompts] --+-- completions
 *      |                        [answers, if wanted]         |
 *      '-- dead-letter (unreadable)                          '-- statistics --+-- token-statistics
 *                                                                             |
 *                                          by tenant and model, per window [usage-totals] --- token-usage
 *
 *   prompts and statistics, by batch id --- track-batches [batches] --- batches
 * </pre>
 *
 * Where a comparison is wanted, {@link Replay} holds completions against another application's.
 *
 * <p>Every store, processor and internal topic has a name of its own, so that a later version finds what an earlier one left.
 */
public final class LlamaTopology {
    private static final String USAGE_STORE = "usage-totals";

    private final TopologyConfig config;
    private final SchemaRegistry registry;

    private LlamaTopology(TopologyConfig config, SchemaRegistry registry) {
        this.config = config;
        this.registry = registry;
    }

    /**
     * Builds the topology.
     *
     * @param registry stays the caller's, who closes it after the streams
     */
    static Topology build(TopologyConfig config, SchemaRegistry registry, TaskContext taskContext) {
        return new LlamaTopology(config, registry).build(taskContext);
    }

    /** For the streams that run it: the configuration's, and what becomes of records that cannot be read. */
    static Properties properties(TopologyConfig config) {
        Properties properties = new Properties();
        properties.putAll(config.streamsConfig());
        properties.putIfAbsent(
                StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG, BadRecordHandler.class.getName());
        return properties;
    }

    private Topology build(TaskContext taskContext) {
        TopicNames topics = config.topics();
        StreamsBuilder builder = new StreamsBuilder(
                new org.apache.kafka.streams.TopologyConfig(new StreamsConfig(config.streamsConfig())));
        IntakeLimits limits = IntakeLimits.of(config);

        KStream<byte[], Arrival> commands = builder.stream(
                        topics.control(),
                        Consumed.with(Serdes.ByteArray(), values(RecordMappings.CONTROL_COMMAND))
                                .withName("control")
                                .withTimestampExtractor((record, streamTime) -> Math.max(0, record.timestamp())))
                .mapValues(command -> (Arrival) command, Named.as("arriving-commands"));
        KStream<byte[], IncomingPrompt> prompts = builder.stream(
                topics.prompts(),
                Consumed.with(Serdes.ByteArray(), values(RecordMappings.INCOMING))
                        .withName("prompts")
                        // a record without a time must not stop the stream
                        .withTimestampExtractor((record, streamTime) -> Math.max(0, record.timestamp())));
        KStream<String, BatchRecord> batchIntake = Batches.intake(prompts);
        KStream<byte[], Departure> departures = placed(prompts, taskContext.sessions())
                .mapValues(prompt -> (Arrival) prompt, Named.as("arriving-prompts"))
                .merge(commands, Named.as("arrivals"))
                .process(
                        new PromptProcessorSupplier(
                                () -> new PromptProcessor(taskContext, limits),
                                !limits.duplicates().isOff()),
                        Named.as("generate"));
        departures
                .flatMapValues(only(ControlAcknowledgement.class), Named.as("acknowledgements-of-departures"))
                .to(
                        topics.acknowledgements(),
                        Produced.with(Serdes.ByteArray(), values(RecordMappings.CONTROL_ACKNOWLEDGEMENT))
                                .withName("control-acknowledgements"));
        KStream<byte[], Outcome> outcomes =
                departures.flatMapValues(only(Outcome.class), Named.as("outcomes-of-departures"));

        KStream<byte[], CompletionRecord> completions =
                outcomes.mapValues(Outcome::completion, Named.as("completion-of-outcome"));
        Replay.maybeAdd(config, registry, builder, completions);
        completions.to(
                topics.completions(),
                Produced.with(Serdes.ByteArray(), values(RecordMappings.COMPLETION))
                        .withName("completions"));

        KStream<byte[], StatisticsRecord> statistics =
                outcomes.mapValues(Outcome::statistics, Named.as("statistics-of-outcome"));
        statistics.to(
                topics.statistics(),
                Produced.with(Serdes.ByteArray(), values(RecordMappings.STATISTICS))
                        .withName("token-statistics"));
        addUsage(statistics, topics);
        Batches.add(batchIntake, statistics, config, values(RecordMappings.BATCH));
        return builder.build();
    }

    private static <T extends Departure> ValueMapper<Departure, List<T>> only(Class<T> kind) {
        return departure -> kind.isInstance(departure) ? List.of(kind.cast(departure)) : List.of();
    }

    /** Prompts on the partitions of their beginnings, if the configuration says so. */
    private KStream<byte[], IncomingPrompt> placed(KStream<byte[], IncomingPrompt> prompts, PromptSessions sessions) {
        PrefixAffinity affinity = config.prefixAffinity();
        if (!affinity.isOn()) {
            return prompts;
        }
        return prompts.process(() -> new PlacingProcessor(affinity, sessions), Named.as("place-by-prefix"))
                .repartition(Repartitioned.<byte[], PendingPrompt>as("prompts-by-prefix")
                        .withKeySerde(Serdes.ByteArray())
                        .withValueSerde(new StoredSerde<>(RecordMappings.PENDING))
                        .withNumberOfPartitions(affinity.partitions())
                        .withStreamPartitioner(PlacingProcessor.BY_KEY))
                .processValues(PlacingProcessor.Placed::new, Named.as("placed-prompts"));
    }

    private void addUsage(KStream<byte[], StatisticsRecord> statistics, TopicNames topics) {
        Duration window = config.usageWindow();
        Duration grace = config.usageGrace();
        statistics
                // a prompt's headers are its own; they do not belong to a total
                .processValues(DroppedHeaders::new, Named.as("statistics-without-headers"))
                .groupBy(
                        (key, value) -> new UsageGroup(value.tenant(), value.model()),
                        Grouped.with(
                                "statistics-by-tenant-and-model",
                                UsageGroup.serde(),
                                new StoredSerde<>(RecordMappings.STATISTICS)))
                .windowedBy(TimeWindows.ofSizeAndGrace(window, grace))
                .aggregate(
                        () -> UsageRecord.Totals.NONE,
                        (group, value, totals) -> totals.plus(value),
                        Named.as("add-up-usage"),
                        Materialized.<UsageGroup, UsageRecord.Totals>as(
                                        Stores.inMemoryWindowStore(USAGE_STORE, window.plus(grace), window, false))
                                .withKeySerde(UsageGroup.serde())
                                .withValueSerde(new StoredSerde<>(RecordMappings.TOTALS)))
                .toStream(Named.as("usage-changes"))
                .map(LlamaTopology::usageRecord, Named.as("usage-records"))
                .to(
                        topics.usage(),
                        Produced.with(keys(RecordMappings.USAGE_KEY), values(RecordMappings.USAGE))
                                .withName("token-usage"));
    }

    private static KeyValue<UsageKey, UsageRecord> usageRecord(Windowed<UsageGroup> key, UsageRecord.Totals totals) {
        UsageGroup group = key.key();
        var start = key.window().startTime();
        return KeyValue.pair(
                new UsageKey(group.tenant(), group.model(), start),
                new UsageRecord(
                        group.tenant(), group.model(), start, key.window().endTime(), totals));
    }

    private <T> Serde<T> values(RecordMapping<T> mapping) {
        return RecordSerdes.values(mapping, registry, config);
    }

    private <T> Serde<T> keys(RecordMapping<T> mapping) {
        return RecordSerdes.keys(mapping, registry, config);
    }

    /** Hands a record on without its headers. */
    private static final class DroppedHeaders
            extends ContextualFixedKeyProcessor<byte[], StatisticsRecord, StatisticsRecord> {
        @Override
        public void process(FixedKeyRecord<byte[], StatisticsRecord> record) {
            context().forward(record.withHeaders(new RecordHeaders()));
        }
    }

    /** Gives each task a processor, and the store that it keeps pending prompts in. */
    private record PromptProcessorSupplier(
            Supplier<Processor<byte[], Arrival, byte[], Departure>> processors, boolean knowsDuplicates)
            implements ProcessorSupplier<byte[], Arrival, byte[], Departure> {

        @Override
        public Processor<byte[], Arrival, byte[], Departure> get() {
            return processors.get();
        }

        /** In memory, since they are small and a crash would cost a local copy anyway; the changelogs are what lasts. */
        @Override
        public Set<StoreBuilder<?>> stores() {
            Set<StoreBuilder<?>> stores = new LinkedHashSet<>();
            stores.add(store(PromptProcessor.PENDING_STORE));
            stores.add(store(PromptProcessor.CONTROL_STORE));
            if (knowsDuplicates) {
                stores.add(store(PromptProcessor.ANSWER_STORE));
            }
            return stores;
        }

        private static StoreBuilder<KeyValueStore<String, byte[]>> store(String name) {
            return Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(name), Serdes.String(), Serdes.ByteArray())
                    .withCachingDisabled()
                    .withLoggingEnabled(Topics.CHANGELOG);
        }
    }
}
