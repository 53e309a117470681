package io.llamastreams.registry;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;

/**
 * How a record names the schema it was written with.
 *
 * <pre>
 *   in front of the body, or in a header:   0x00 | id, 4 bytes, big-endian
 *   in a header:                            0x01 | GUID, 16 bytes, big-endian
 * </pre>
 *
 * Source: Confluent Schema Registry, "Wire format".
 */
sealed interface SchemaId {
    /** Bytes that an id takes in front of a body. */
    int PREFIX_BYTES = 1 + Integer.BYTES;

    byte MAGIC_ID = 0;
    byte MAGIC_GUID = 1;

    /** Number that one registry gave. */
    record Number(int id) implements SchemaId {
        @Override
        public String toString() {
            return "schema id " + id;
        }
    }

    /** Identity of the schema's content in any registry. */
    record Guid(UUID guid) implements SchemaId {
        @Override
        public String toString() {
            return "schema GUID " + guid;
        }
    }

    /**
     * Reads what stands in front of the body.
     *
     * @throws RecordFormatException if that is no schema id
     */
    static SchemaId ofPrefix(byte[] record) {
        if (record.length < PREFIX_BYTES) {
            throw new RecordFormatException(
                    "expected magic byte 0 and a schema id (5 bytes), found a record of " + record.length + " bytes");
        }
        if (record[0] != MAGIC_ID) {
            throw new RecordFormatException("magic byte: expected 0, found " + (record[0] & 0xff));
        }
        return new Number(ByteBuffer.wrap(record, 1, Integer.BYTES).getInt());
    }

    /**
     * Reads the value of a schema id header.
     *
     * @throws RecordFormatException if that is no schema id
     */
    static SchemaId ofHeader(byte[] header) {
        ByteBuffer buffer = ByteBuffer.wrap(header);
        if (header.length == PREFIX_BYTES && header[0] == MAGIC_ID) {
            return new Number(buffer.getInt(1));
        }
        if (header.length == 1 + 2 * Long.BYTES && header[0] == MAGIC_GUID) {
            return new Guid(new UUID(buffer.getLong(1), buffer.getLong(1 + Long.BYTES)));
        }
        throw new RecordFormatException("schema id header: expected magic byte 1 and a GUID (17 bytes), found "
                + header.length + " bytes" + (header.length == 0 ? "" : " with magic byte " + (header[0] & 0xff)));
    }

    static SchemaId read(byte[] record, Optional<byte[]> header) {
        return header.isPresent() ? ofHeader(header.get()) : ofPrefix(record);
    }
}
