package io.llamastreams.topology.replay;

import io.llamastreams.registry.SchemaRegistry;
import io.llamastreams.topology.config.Topics;
import io.llamastreams.topology.config.TopologyConfig;
import io.llamastreams.topology.record.CompletionRecord;
import io.llamastreams.topology.record.DifferenceRecord;
import io.llamastreams.topology.serde.RecordMapping;
import io.llamastreams.topology.serde.RecordMappings;
import io.llamastreams.topology.serde.RecordSerdes;
import io.llamastreams.topology.serde.StoredSerde;
import java.util.Locale;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * The part of the topology that holds this application's completions against those of another one, which answers the same
 * prompts with another model.
 *
 * <pre>
 *   completions of the other --- by origin ---+
 *                                             +--- pair [completions-to-compare] --- differences
 *   completions of this one  --- by origin ---+
 * </pre>
 *
 * Keys of prompts may be missing or shared, so both are brought together by the place of the prompt record.
 */
public final class Replay {
    private final TopologyConfig config;
    private final SchemaRegistry registry;
    private final StreamsBuilder builder;

    private Replay(TopologyConfig config, SchemaRegistry registry, StreamsBuilder builder) {
        this.config = config;
        this.registry = registry;
        this.builder = builder;
    }

    /** Adds it, if the configuration names completions to compare with. */
    public static void maybeAdd(
            TopologyConfig config,
            SchemaRegistry registry,
            StreamsBuilder builder,
            KStream<byte[], CompletionRecord> completions) {
        config.replayOf().ifPresent(topic -> new Replay(config, registry, builder).add(topic, completions));
    }

    private void add(String topic, KStream<byte[], CompletionRecord> completions) {
        KStream<byte[], CompletionRecord> others = builder.stream(
                topic,
                Consumed.with(Serdes.ByteArray(), values(RecordMappings.COMPLETION))
                        .withName("completions-before")
                        .withTimestampExtractor((record, streamTime) -> Math.max(0, record.timestamp())));
        builder.addStateStore(waiting());
        KStream<String, DifferenceRecord> now = pairs(completions, Pairing.Side.NOW);
        KStream<String, DifferenceRecord> before = pairs(others, Pairing.Side.BEFORE);
        now.merge(before, Named.as("differences-of-both"))
                .to(
                        config.differencesTopic(),
                        Produced.with(Serdes.String(), values(RecordMappings.DIFFERENCE))
                                .withName("differences"));
    }

    private static KStream<String, DifferenceRecord> pairs(
            KStream<byte[], CompletionRecord> completions, Pairing.Side side) {
        String name = side.name().toLowerCase(Locale.ROOT);
        return completions
                .selectKey(
                        (key, completion) -> completion.lineage().origin().storeKey(),
                        Named.as("origin-of-completion-" + name))
                .repartition(Repartitioned.<String, CompletionRecord>as("completions-by-origin-" + name)
                        .withKeySerde(Serdes.String())
                        .withValueSerde(new StoredSerde<>(RecordMappings.COMPLETION)))
                .processValues(() -> new Pairing(side), Named.as("pair-" + name), Pairing.STORE);
    }

    /** In memory like the other stores; as large as one run is ahead of the other. */
    private static StoreBuilder<?> waiting() {
        return Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(Pairing.STORE), Serdes.String(), Serdes.ByteArray())
                .withCachingDisabled()
                .withLoggingEnabled(Topics.CHANGELOG);
    }

    private <T> Serde<T> values(RecordMapping<T> mapping) {
        return RecordSerdes.values(mapping, registry, config);
    }
}
