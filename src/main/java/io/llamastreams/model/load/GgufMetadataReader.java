package io.llamastreams.model.load;

import java.io.IOException;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The key-value part of a GGUF header. Source: GGUF specification, {@code gguf_metadata_kv_t}; types 0-12 are u8, i8, u16,
 * i16, u32, i32, f32, bool, string, array, u64, i64, f64. Arrays inside arrays are refused: no Llama file has them.
 */
final class GgufMetadataReader {
    static final int MAX_KEYS = 1 << 16;
    /** The specification's limit. */
    static final int MAX_KEY_BYTES = 65535;
    /** Above any vocabulary in use. */
    static final int MAX_ARRAY_ELEMENTS = 1 << 20;
    /** Length of an empty key, type, one byte of value. */
    static final int LEAST_KEY_BYTES = 8 + 4 + 1;

    private static final int TYPE_STRING = 8;
    private static final int TYPE_ARRAY = 9;

    private final HeaderReader in;

    GgufMetadataReader(HeaderReader in) {
        this.in = in;
    }

    GgufMetadata read(int keyCount) throws IOException {
        Map<String, Object> values = new LinkedHashMap<>();
        for (int i = 0; i < keyCount; i++) {
            String key = in.readString("name of key " + i, MAX_KEY_BYTES);
            String thing = "key " + ModelFormatException.quote(key);
            if (key.isEmpty()) {
                throw in.expected("name of key " + i, "at least one character", "none");
            }
            if (values.containsKey(key)) {
                throw in.expected(thing, "once", "a second time");
            }
            values.put(key, readValue(in.readInt("type of " + thing), thing));
        }
        return new GgufMetadata(in.file(), values);
    }

    private Object readValue(int type, String thing) throws IOException {
        return switch (type) {
            case 0, 1, 2, 3, 4, 5, 11 -> readInteger(type, thing);
            case 6 -> Float.intBitsToFloat(in.readInt(thing));
            case 7 -> readBoolean(thing);
            case TYPE_STRING -> in.readString(thing, HeaderReader.MAX_STRING_BYTES);
            case TYPE_ARRAY -> readArray(thing);
            case 10 -> readUnsignedLong(thing);
            case 12 -> Double.longBitsToDouble(in.readLong(thing));
            default -> throw in.expected(thing, "a value type from 0 to 12", Integer.toUnsignedString(type));
        };
    }

    private Object readArray(String thing) throws IOException {
        int type = in.readInt("element type of " + thing);
        int leastBytes = switch (type) {
            case 0, 1, 7 -> 1;
            case 2, 3 -> 2;
            case 4, 5, 6 -> 4;
            case TYPE_STRING, 10, 11, 12 -> 8;
            case TYPE_ARRAY -> throw in.expected(thing, "an array of plain values", "an array of arrays");
            default -> throw in.expected(thing, "an element type from 0 to 12", Integer.toUnsignedString(type));
        };
        int length = in.readCount("length of " + thing, MAX_ARRAY_ELEMENTS, leastBytes);
        return switch (type) {
            case 6, 12 -> {
                float[] array = new float[length];
                for (int i = 0; i < length; i++) {
                    array[i] = type == 6
                            ? Float.intBitsToFloat(in.readInt(thing))
                            : (float) Double.longBitsToDouble(in.readLong(thing));
                }
                yield array;
            }
            case 7 -> {
                boolean[] array = new boolean[length];
                for (int i = 0; i < length; i++) {
                    array[i] = readBoolean(thing);
                }
                yield array;
            }
            case TYPE_STRING -> {
                String[] array = new String[length];
                String element = "an element of " + thing;
                for (int i = 0; i < length; i++) {
                    array[i] = in.readString(element, HeaderReader.MAX_STRING_BYTES);
                }
                yield array;
            }
            default -> {
                long[] array = new long[length];
                for (int i = 0; i < length; i++) {
                    array[i] = readInteger(type, thing);
                    if (type == 10 && array[i] < 0) {
                        throw in.expected(
                                thing + ", element " + i, "at most 2^63 - 1", Long.toUnsignedString(array[i]));
                    }
                }
                yield array;
            }
        };
    }

    /** Types 0-5, 10 and 11; of type 10 the bits. */
    private long readInteger(int type, String thing) throws IOException {
        return switch (type) {
            case 0 -> in.readByte(thing);
            case 1 -> (byte) in.readByte(thing);
            case 2 -> in.readShort(thing) & 0xffff;
            case 3 -> (short) in.readShort(thing);
            case 4 -> Integer.toUnsignedLong(in.readInt(thing));
            case 5 -> in.readInt(thing);
            default -> in.readLong(thing);
        };
    }

    private Number readUnsignedLong(String thing) throws IOException {
        long bits = in.readLong(thing);
        if (bits >= 0) {
            return bits;
        }
        return new BigInteger(Long.toUnsignedString(bits));
    }

    private boolean readBoolean(String thing) throws IOException {
        int value = in.readByte(thing);
        if (value > 1) {
            throw in.expected(thing, "0 or 1", value);
        }
        return value == 1;
    }
}
