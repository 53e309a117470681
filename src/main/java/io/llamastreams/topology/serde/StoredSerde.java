package io.llamastreams.topology.serde;

import io.llamastreams.registry.RecordFormatException;
import io.llamastreams.registry.StoredRecordCodec;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/** Plain values in our own stores, changelogs and repartition topics; needs no registry. Any thread. */
public final class StoredSerde<T> implements Serde<T> {
    private final RecordMapping<T> mapping;
    private final StoredRecordCodec codec;

    public StoredSerde(RecordMapping<T> mapping) {
        this.mapping = mapping;
        codec = new StoredRecordCodec(mapping.recordClass());
    }

    public byte[] encode(T value) {
        return codec.encode(mapping.toRecord().apply(value));
    }

    /** @throws RecordFormatException if the bytes are not such a value, or were written by a version this one cannot read */
    public T decode(byte[] bytes) {
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
