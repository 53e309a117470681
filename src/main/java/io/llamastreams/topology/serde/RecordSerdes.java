package io.llamastreams.topology.serde;

import io.llamastreams.registry.SchemaRegistry;
import io.llamastreams.topology.config.TopologyConfig;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Serializers and deserializers of all {@linkplain RecordMappings records}, for values or, where the method says so, keys. Of
 * the serializers that are made from a configuration each has a registry client of its own, which it closes; a registry that is
 * given stays the caller's. Any thread; what is made is for one thread at a time.
 *
 * <p>Kafka makes serializers by their class names too: for that there are {@link PromptSerializer} and {@link
 * CompletionDeserializer}, what a producer of prompts and a consumer of completions name in their own configuration.
 */
public final class RecordSerdes {
    private RecordSerdes() {}

    /**
     * A serializer with a registry client of its own.
     *
     * @param config keys as {@link MappedSerializer#configure}
     * @throws IllegalArgumentException if a value of the configuration cannot be used
     */
    public static <T> Serializer<T> serializer(RecordMapping<T> mapping, Map<String, ?> config) {
        Serializer<T> serializer = new MappedSerializer<>(mapping, Optional.empty());
        serializer.configure(config, false);
        return serializer;
    }

    /** As {@link #serializer(RecordMapping, Map)} for what is read. */
    public static <T> Deserializer<T> deserializer(RecordMapping<T> mapping, Map<String, ?> config) {
        Deserializer<T> deserializer = new MappedDeserializer<>(mapping, Optional.empty());
        deserializer.configure(config, false);
        return deserializer;
    }

    /** Over somebody's registry; may be configured further. */
    public static <T> Serializer<T> serializer(RecordMapping<T> mapping, SchemaRegistry registry) {
        return new MappedSerializer<>(mapping, Optional.of(registry));
    }

    /** Over somebody's registry; may be configured further. */
    public static <T> Deserializer<T> deserializer(RecordMapping<T> mapping, SchemaRegistry registry) {
        return new MappedDeserializer<>(mapping, Optional.of(registry));
    }

    /** For values, over a service's registry and by its configuration. */
    public static <T> Serde<T> values(RecordMapping<T> mapping, SchemaRegistry registry, TopologyConfig config) {
        return serde(mapping, registry, config, false);
    }

    /** For keys, over a service's registry and by its configuration. */
    public static <T> Serde<T> keys(RecordMapping<T> mapping, SchemaRegistry registry, TopologyConfig config) {
        return serde(mapping, registry, config, true);
    }

    private static <T> Serde<T> serde(
            RecordMapping<T> mapping, SchemaRegistry registry, TopologyConfig config, boolean isKey) {
        Map<String, Object> registryConfig = config.registryConfig();
        Serializer<T> serializer = serializer(mapping, registry);
        serializer.configure(registryConfig, isKey);
        Deserializer<T> deserializer = deserializer(mapping, registry);
        deserializer.configure(registryConfig, isKey);
        return Serdes.serdeFrom(serializer, deserializer);
    }
}
