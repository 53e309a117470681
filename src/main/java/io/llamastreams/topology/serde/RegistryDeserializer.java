package io.llamastreams.topology.serde;

import io.llamastreams.registry.RecordCodec;
import io.llamastreams.registry.SchemaRegistry;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * Confluent's wire format, or a body whose schema a header names, to generated records; what the mapped deserializers use
 * unless another class is configured.
 */
final class RegistryDeserializer implements Deserializer<Object> {
    private final RecordCodec codec;
    private boolean isKey;

    RegistryDeserializer(SchemaRegistry registry, Class<?> recordClass) {
        codec = new RecordCodec(registry, false, recordClass);
    }

    @Override
    public void configure(Map<String, ?> configs, boolean forKey) {
        isKey = forKey;
    }

    @Override
    public Object deserialize(String topic, byte[] bytes) {
        return deserialize(topic, new RecordHeaders(), bytes);
    }

    @Override
    public Object deserialize(String topic, Headers headers, byte[] bytes) {
        Header header = headers.lastHeader(isKey ? RecordCodec.KEY_SCHEMA_HEADER : RecordCodec.VALUE_SCHEMA_HEADER);
        return codec.decode(bytes, Optional.ofNullable(header).map(Header::value));
    }
}
