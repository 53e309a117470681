package io.llamastreams.topology.serde;

import io.llamastreams.registry.RecordCodec;
import io.llamastreams.registry.SchemaRegistry;
import java.util.Map;
import org.apache.kafka.common.serialization.Serializer;

/** Generated records to Confluent's wire format; what the mapped serializers use unless another class is configured. */
final class RegistrySerializer implements Serializer<Object> {
    private final RecordCodec codec;
    private boolean isKey;

    RegistrySerializer(SchemaRegistry registry, boolean registers, Class<?> recordClass) {
        codec = new RecordCodec(registry, registers, recordClass);
    }

    @Override
    public void configure(Map<String, ?> configs, boolean forKey) {
        isKey = forKey;
    }

    @Override
    public byte[] serialize(String topic, Object record) {
        return codec.encode(isKey ? Registries.keySubject(topic) : Registries.valueSubject(topic), record);
    }
}
