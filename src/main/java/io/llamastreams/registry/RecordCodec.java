package io.llamastreams.registry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.SchemaParseException;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;

/**
 * Turns records of one generated class into Confluent's wire format and back. A record written with another version of the
 * schema is read as the class's own version, by Avro's rules. Any thread: what is remembered stands in maps that are replaced,
 * not changed; an entry that two threads lose to each other is found again.
 */
public final class RecordCodec {
    /** Header that names the schema of a key. Source: Confluent's {@code HeaderSchemaIdSerializer}. */
    public static final String KEY_SCHEMA_HEADER = "__key_schema_id";

    /** Header that names the schema of a value. */
    public static final String VALUE_SCHEMA_HEADER = "__value_schema_id";

    private final SchemaRegistry registry;
    private final boolean registers;
    private final Class<?> recordClass;
    private final Schema schema;
    private final SpecificDatumWriter<Object> writer;
    private volatile Map<String, Integer> idsBySubject = Map.of();
    private volatile Map<SchemaId, SpecificDatumReader<Object>> readers = Map.of();

    /**
     * @param registry stays the caller's, who closes it
     * @param registers whether a schema that the registry does not know is registered, or is an error
     * @param recordClass generated from a schema
     */
    public RecordCodec(SchemaRegistry registry, boolean registers, Class<?> recordClass) {
        this.registry = registry;
        this.registers = registers;
        this.recordClass = recordClass;
        this.schema = GeneratedRecords.schema(recordClass);
        this.writer = new SpecificDatumWriter<>(schema, SpecificData.getForClass(recordClass));
    }

    /**
     * Frames a record.
     *
     * @param subject under which the schema is looked up the first time
     * @throws IllegalArgumentException if the record is not of this codec's class
     * @throws SchemaRegistryException as {@link SchemaRegistry#register}, the first time a subject is used
     */
    public byte[] encode(String subject, Object record) {
        if (!recordClass.isInstance(record)) {
            throw new IllegalArgumentException("expected " + recordClass + ", found " + record.getClass());
        }
        Integer id = idsBySubject.get(subject);
        if (id == null) {
            id = schemaId(subject);
            idsBySubject = with(idsBySubject, subject, id);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        bytes.write(SchemaId.MAGIC_ID);
        bytes.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(id).array());
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
        try {
            writer.write(record, encoder);
            encoder.flush();
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    private int schemaId(String subject) {
        return registers ? registry.register(subject, schema.toString()) : registry.lookUp(subject, schema.toString());
    }

    /**
     * Reads a record.
     *
     * @param header value of the record's schema id header, if it has one: the bytes are then the body alone
     * @throws RecordFormatException if the bytes are not such a record, or their schema cannot be read as the class's own
     * @throws UnknownSchemaException if the registry has no schema of the id that the record names
     * @throws SchemaRegistryException if the registry gave no answer; says nothing about the record
     */
    public Object decode(byte[] bytes, Optional<byte[]> header) {
        SchemaId id = SchemaId.read(bytes, header);
        SpecificDatumReader<Object> reader = readers.get(id);
        if (reader == null) {
            reader = reader(id);
            readers = with(readers, id, reader);
        }
        int start = header.isPresent() ? 0 : SchemaId.PREFIX_BYTES;
        BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(bytes, start, bytes.length - start, null);
        try {
            Object record = reader.read(null, decoder);
            if (!decoder.isEnd()) {
                throw new RecordFormatException(id + ": expected the end of the record, found more bytes");
            }
            return record;
        } catch (IOException | AvroRuntimeException | UnsupportedOperationException | IndexOutOfBoundsException e) {
            // What Avro throws on bytes that do not follow the schema.
            throw new RecordFormatException(id + ": not a " + schema.getName() + " record: " + e.getMessage(), e);
        }
    }

    private static <K, V> Map<K, V> with(Map<K, V> map, K key, V value) {
        Map<K, V> changed = new HashMap<>(map);
        changed.put(key, value);
        return Map.copyOf(changed);
    }

    private SpecificDatumReader<Object> reader(SchemaId id) {
        Schema written = parse(
                id,
                switch (id) {
                    case SchemaId.Number number -> registry.schemaById(number.id());
                    case SchemaId.Guid guid -> registry.schemaByGuid(guid.guid());
                });
        var compatibility = SchemaCompatibility.checkReaderWriterCompatibility(schema, written);
        if (compatibility.getType() != SchemaCompatibilityType.COMPATIBLE) {
            throw new RecordFormatException(id + ": expected a schema that can be read as " + schema.getFullName()
                    + ", found " + written.getName() + ": "
                    + compatibility.getResult().getIncompatibilities().stream()
                            .map(i -> i.getLocation() + " " + i.getMessage())
                            .findFirst()
                            .orElse("incompatible"));
        }
        return new SpecificDatumReader<>(written, schema, SpecificData.getForClass(recordClass));
    }

    private static Schema parse(SchemaId id, String json) {
        try {
            return new Schema.Parser().parse(json);
        } catch (SchemaParseException e) {
            throw new RecordFormatException(id + ": expected an Avro schema, found another kind", e);
        }
    }
}
