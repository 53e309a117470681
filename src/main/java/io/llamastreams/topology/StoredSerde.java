package io.llamastreams.topology;

import io.llamastreams.registry.RecordFormatException;
import io.llamastreams.registry.StoredRecordCodec;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/** Plain values in our own stores, changelogs and repartition topics; needs no registry. Any thread. */
final class StoredSerde<T> implements Serde<T> {
    private final AvroMapper.Mapping<T> mapping;
    private final StoredRecordCodec codec;

    StoredSerde(AvroMapper.Mapping<T> mapping) {
        this.mapping = mapping;
        codec = new StoredRecordCodec(mapping.recordClass());
    }

    byte[] encode(T value) {
        return codec.encode(mapping.toRecord().apply(value));
    }

    /** @throws RecordFormatException if the bytes are not such a value, or were written by a version this one cannot read */
    T decode(byte[] bytes) {
        return mapping.read(codec.decode(bytes));
    }

    @Override
    public Serializer<T> serializer() {
        return (topic, value) -> value == null ? null : encode(value);
    }

    @Override
    public Deserializer<T> deserializer() {
        return (topic, bytes) -> bytes == null ? null : decode(bytes);
    }
}
