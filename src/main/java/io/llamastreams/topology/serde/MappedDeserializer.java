package io.llamastreams.topology.serde;

import io.llamastreams.registry.RecordFormatException;
import io.llamastreams.registry.SchemaRegistry;
import io.llamastreams.topology.config.TopologyConfig;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.utils.Utils;

/**
 * Bytes to plain values, by way of generated records. A consumer that makes one by its class name configures it with {@code
 * schema.registry.url}; it then has a registry client of its own. One thread at a time.
 */
class MappedDeserializer<T> implements Deserializer<T> {
    private final RecordMapping<T> mapping;
    private final Optional<SchemaRegistry> shared;
    private Optional<SchemaRegistry> owned = Optional.empty();
    private Deserializer<Object> records;

    MappedDeserializer(RecordMapping<T> mapping, Optional<SchemaRegistry> shared) {
        this.mapping = mapping;
        this.shared = shared;
        shared.ifPresent(registry -> records = new RegistryDeserializer(registry, mapping.recordClass()));
    }

    /**
     * Takes over a configuration.
     *
     * @param configs may name another deserializer of records with {@link TopologyConfig#DESERIALIZER}; else the registry's
     *     keys stand here, unless a registry was given at construction
     * @throws IllegalArgumentException if a value cannot be used
     */
    @Override
    public void configure(Map<String, ?> configs, boolean isKey) {
        Object other = configs.get(TopologyConfig.DESERIALIZER);
        if (other != null && !other.toString().isEmpty()) {
            records = RecordSerdeClasses.deserializer(other);
        } else {
            SchemaRegistry registry = shared.orElseGet(() -> {
                owned = Optional.of(Registries.open(configs));
                return owned.get();
            });
            records = new RegistryDeserializer(registry, mapping.recordClass());
        }
        records.configure(configs, isKey);
    }

    @Override
    public T deserialize(String topic, byte[] bytes) {
        return deserialize(topic, new RecordHeaders(), bytes);
    }

    /**
     * Reads a record.
     *
     * @throws RecordFormatException if there are no bytes, or they are not such a record
     * @throws io.llamastreams.registry.SchemaRegistryException as {@link io.llamastreams.registry.RecordCodec#decode}
     */
    @Override
    public T deserialize(String topic, Headers headers, byte[] bytes) {
        if (bytes == null) {
            throw new RecordFormatException(
                    "expected a " + mapping.recordClass().getSimpleName() + " record, found a record without a value");
        }
        return mapping.read(records.deserialize(topic, headers, bytes));
    }

    @Override
    public void close() {
        Utils.closeQuietly(records, "record deserializer");
        owned.ifPresent(SchemaRegistry::close);
        owned = Optional.empty();
    }
}
