package io.llamastreams.model.save;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Keys of a GGUF file and their values, in order, each once. Source: GGUF specification, {@code gguf_metadata_kv_t}. One owner.
 *
 * <p>All methods that add a key throw {@link IllegalArgumentException} if it is there already, is empty or too long.
 */
public final class GgufKeys {
    private static final int MAX_KEY_BYTES = 65535;

    private static final int UINT32 = 4;
    private static final int INT32 = 5;
    private static final int FLOAT32 = 6;
    private static final int BOOL = 7;
    private static final int STRING = 8;
    private static final int ARRAY = 9;

    /** @param elements of an array, -1 for a single value */
    private record Value(int type, int elements, byte[] bytes) {}

    private final Map<String, Value> values = new LinkedHashMap<>();

    /** @param value 0 to 2^32 - 1 */
    public GgufKeys unsigned(String key, long value) {
        if (value < 0 || value > 0xFFFF_FFFFL) {
            throw new IllegalArgumentException("key " + key + ": expected 0 to 4294967295, found " + value);
        }
        return put(key, UINT32, little(Integer.BYTES).putInt((int) value));
    }

    public GgufKeys number(String key, float value) {
        return put(key, FLOAT32, little(Float.BYTES).putFloat(value));
    }

    public GgufKeys bool(String key, boolean value) {
        return put(key, BOOL, little(1).put((byte) (value ? 1 : 0)));
    }

    public GgufKeys string(String key, String value) {
        return put(key, new Value(STRING, -1, stringBytes(value)));
    }

    public GgufKeys strings(String key, List<String> value) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(arrayStart(STRING, value.size()).array());
        value.forEach(element -> bytes.writeBytes(stringBytes(element)));
        return put(key, new Value(ARRAY, value.size(), bytes.toByteArray()));
    }

    public GgufKeys numbers(String key, float... value) {
        ByteBuffer bytes = array(FLOAT32, value.length, Float.BYTES);
        for (float element : value) {
            bytes.putFloat(element);
        }
        return put(key, new Value(ARRAY, value.length, bytes.array()));
    }

    public GgufKeys integers(String key, int... value) {
        ByteBuffer bytes = array(INT32, value.length, Integer.BYTES);
        for (int element : value) {
            bytes.putInt(element);
        }
        return put(key, new Value(ARRAY, value.length, bytes.array()));
    }

    /** Adds all keys of another, behind the ones that are here. */
    public GgufKeys all(GgufKeys others) {
        others.values.forEach(this::put);
        return this;
    }

    /** In order. */
    public Set<String> names() {
        return Collections.unmodifiableSet(values.keySet());
    }

    /** Elements of an array; empty where the key is absent or no array. */
    OptionalInt elements(String key) {
        Value value = values.get(key);
        return value == null || value.type() != ARRAY ? OptionalInt.empty() : OptionalInt.of(value.elements());
    }

    /** Appends them as they stand in a file. */
    void writeTo(ByteArrayOutputStream out) {
        values.forEach((key, value) -> {
            out.writeBytes(stringBytes(key));
            out.writeBytes(little(Integer.BYTES).putInt(value.type()).array());
            out.writeBytes(value.bytes());
        });
    }

    static byte[] stringBytes(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return little(Long.BYTES + utf8.length).putLong(utf8.length).put(utf8).array();
    }

    static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static ByteBuffer array(int type, int length, int elementBytes) {
        ByteBuffer start = arrayStart(type, length).flip();
        int bytes = Math.addExact(start.remaining(), Math.multiplyExact(length, elementBytes));
        return little(bytes).put(start);
    }

    private static ByteBuffer arrayStart(int type, int length) {
        return little(Integer.BYTES + Long.BYTES).putInt(type).putLong(length);
    }

    private GgufKeys put(String key, int type, ByteBuffer bytes) {
        return put(key, new Value(type, -1, bytes.array()));
    }

    private GgufKeys put(String key, Value value) {
        if (key.isEmpty() || key.getBytes(StandardCharsets.UTF_8).length > MAX_KEY_BYTES) {
            throw new IllegalArgumentException(
                    "key: expected 1 to " + MAX_KEY_BYTES + " bytes, found " + key.length() + " characters");
        }
        if (values.putIfAbsent(key, value) != null) {
            throw new IllegalArgumentException("key " + key + ": expected once, found a second time");
        }
        return this;
    }
}
