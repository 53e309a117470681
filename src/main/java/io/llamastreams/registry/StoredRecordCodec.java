package io.llamastreams.registry;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificData;

/**
 * Form of records in our own stores and changelogs: Avro's single-object encoding, which bears the schema's fingerprint. It
 * needs no registry, so that a store can be restored while the registry is down. Any thread.
 */
public final class StoredRecordCodec {
    private final BinaryMessageEncoder<Object> encoder;
    private final BinaryMessageDecoder<Object> decoder;
    private final String name;

    /** @param recordClass generated from a schema */
    public StoredRecordCodec(Class<?> recordClass) {
        SpecificData data = SpecificData.getForClass(recordClass);
        Schema schema = GeneratedRecords.schema(recordClass);
        encoder = new BinaryMessageEncoder<>(data, schema, true);
        decoder = new BinaryMessageDecoder<>(data, schema);
        name = schema.getName();
    }

    public byte[] encode(Object record) {
        try {
            ByteBuffer buffer = encoder.encode(record);
            byte[] bytes = new byte[buffer.remaining()];
            buffer.get(bytes);
            return bytes;
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory failed", e);
        }
    }

    /** @throws RecordFormatException if the bytes are not such a record, or were written by a version this one cannot read */
    public Object decode(byte[] bytes) {
        try {
            return decoder.decode(bytes);
        } catch (IOException | AvroRuntimeException e) {
            throw new RecordFormatException("stored " + name + ": " + e.getMessage(), e);
        }
    }
}
