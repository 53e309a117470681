package io.llamastreams.tokenizer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads the fields of one protobuf message, in their order, and never outside its bytes. Source: protobuf.dev, "Encoding".
 * One owner.
 *
 * <p>Use: {@code while (reader.nextField()) switch (reader.field()) ...}, one reading method or {@link #skip} per field.
 * All methods throw {@link IllegalArgumentException} with a line that says where and what.
 */
final class ProtobufReader {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH_DELIMITED = 2;
    private static final int FIXED32 = 5;
    private static final int MAX_VARINT_BYTES = 10;

    private final ByteBuffer bytes;
    private final int offset;
    private final String name;
    private int field;
    private int wireType;

    ProtobufReader(byte[] bytes, String name) {
        this(ByteBuffer.wrap(bytes), 0, name);
    }

    private ProtobufReader(ByteBuffer bytes, int offset, String name) {
        this.bytes = bytes.order(ByteOrder.LITTLE_ENDIAN);
        this.offset = offset;
        this.name = name;
    }

    /** Moves to the next field's value; false at the end of the message. */
    boolean nextField() {
        if (!bytes.hasRemaining()) {
            return false;
        }
        long key = varint();
        long number = key >>> 3;
        if (number < 1 || number > 0x1FFF_FFFFL) {
            throw problem("field number", "1 to 536870911", Long.toUnsignedString(number));
        }
        field = (int) number;
        wireType = (int) (key & 7);
        return true;
    }

    int field() {
        return field;
    }

    long integer() {
        expectWireType(VARINT);
        return varint();
    }

    boolean bool() {
        return integer() != 0;
    }

    float float32() {
        expectWireType(FIXED32);
        expectBytes(Float.BYTES);
        return bytes.getFloat();
    }

    /** Bytes in the field, which is skipped. */
    int byteCount() {
        return slice("bytes").remaining();
    }

    String string() {
        ByteBuffer slice = slice("text");
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(slice).toString();
        } catch (CharacterCodingException e) {
            throw problem("field " + field, "text in UTF-8", "bytes that are not");
        }
    }

    /** A message inside this one. Its reader must not be used after this one has moved on. */
    ProtobufReader message(String messageName) {
        ByteBuffer slice = slice("a message");
        return new ProtobufReader(slice, offset + bytes.position() - slice.remaining(), messageName);
    }

    void skip() {
        switch (wireType) {
            case VARINT -> varint();
            case FIXED64 -> skipBytes(Long.BYTES);
            case LENGTH_DELIMITED -> slice("bytes");
            case FIXED32 -> skipBytes(Integer.BYTES);
            default -> throw problem("field " + field, "a known wire type", "type " + wireType);
        }
    }

    private void skipBytes(int count) {
        expectBytes(count);
        bytes.position(bytes.position() + count);
    }

    private ByteBuffer slice(String expected) {
        if (wireType != LENGTH_DELIMITED) {
            throw problem("field " + field, expected, "wire type " + wireType);
        }
        long length = varint();
        if (length < 0 || length > bytes.remaining()) {
            throw problem(
                    "field " + field,
                    "a length of at most the " + bytes.remaining() + " bytes that are left",
                    Long.toUnsignedString(length));
        }
        ByteBuffer slice = bytes.slice(bytes.position(), (int) length);
        bytes.position(bytes.position() + (int) length);
        return slice;
    }

    private void expectWireType(int expected) {
        if (wireType != expected) {
            throw problem("field " + field, "wire type " + expected, "wire type " + wireType);
        }
    }

    private void expectBytes(int count) {
        if (bytes.remaining() < count) {
            throw problem("field " + field, count + " more bytes", "the end after " + bytes.remaining());
        }
    }

    private long varint() {
        long value = 0;
        for (int i = 0; i < MAX_VARINT_BYTES; i++) {
            if (!bytes.hasRemaining()) {
                throw problem("number", "more bytes", "the end");
            }
            byte next = bytes.get();
            value |= (long) (next & 0x7F) << 7 * i;
            if (next >= 0) {
                return value;
            }
        }
        throw problem("number", "at most " + MAX_VARINT_BYTES + " bytes", "more");
    }

    private IllegalArgumentException problem(String what, String expected, String found) {
        return new IllegalArgumentException(name + " at byte " + (offset + bytes.position()) + ": " + what
                + ": expected " + expected + ", found " + found);
    }
}
