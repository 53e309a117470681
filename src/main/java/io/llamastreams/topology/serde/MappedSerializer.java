package io.llamastreams.topology.serde;

import io.llamastreams.registry.SchemaRegistry;
import io.llamastreams.topology.config.TopologyConfig;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.utils.Utils;

/**
 * Plain values to bytes, by way of generated records. A producer that makes one by its class name configures it with {@code
 * schema.registry.url}; it then has a registry client of its own. One thread at a time.
 */
class MappedSerializer<T> implements Serializer<T> {
    private final RecordMapping<T> mapping;
    private final Optional<SchemaRegistry> shared;
    private Optional<SchemaRegistry> owned = Optional.empty();
    private Serializer<Object> records;

    MappedSerializer(RecordMapping<T> mapping, Optional<SchemaRegistry> shared) {
        this.mapping = mapping;
        this.shared = shared;
        shared.ifPresent(registry -> records = new RegistrySerializer(registry, true, mapping.recordClass()));
    }

    /**
     * Takes over a configuration.
     *
     * @param configs may name another serializer of records with {@link TopologyConfig#SERIALIZER}; else the registry's keys
     *     stand here, unless a registry was given at construction
     * @throws IllegalArgumentException if a value cannot be used
     */
    @Override
    public void configure(Map<String, ?> configs, boolean isKey) {
        Object other = configs.get(TopologyConfig.SERIALIZER);
        if (other != null && !other.toString().isEmpty()) {
            records = RecordSerdeClasses.serializer(other);
        } else {
            SchemaRegistry registry = shared.orElseGet(() -> {
                owned = Optional.of(Registries.open(configs));
                return owned.get();
            });
            records = new RegistrySerializer(registry, TopologyConfig.registersSchemas(configs), mapping.recordClass());
        }
        records.configure(configs, isKey);
    }

    @Override
    public byte[] serialize(String topic, T value) {
        return value == null
                ? null
                : records.serialize(topic, mapping.toRecord().apply(value));
    }

    @Override
    public byte[] serialize(String topic, Headers headers, T value) {
        return value == null
                ? null
                : records.serialize(topic, headers, mapping.toRecord().apply(value));
    }

    @Override
    public void close() {
        Utils.closeQuietly(records, "record serializer");
        owned.ifPresent(SchemaRegistry::close);
        owned = Optional.empty();
    }
}
