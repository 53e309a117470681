package io.llamastreams.model.load;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The keys of a GGUF file and their values, on the heap: it outlives the mapping. Immutable, any thread.
 *
 * <p>Each getter is empty where the key is absent, and throws {@link ModelFormatException} where the key holds another
 * type; integer types of any width and sign count as one type, so do both float types.
 */
public final class GgufMetadata {
    private final Path file;
    /** Values: String, Long, BigInteger (above a signed long), Float, Double, Boolean; String[], long[], float[], boolean[]. */
    private final Map<String, Object> values;

    GgufMetadata(Path file, Map<String, Object> values) {
        this.file = file;
        this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** All keys, in the file's order. */
    public Set<String> keys() {
        return values.keySet();
    }

    public Optional<String> string(String key) {
        return value(key, String.class, "a string");
    }

    public OptionalLong integer(String key) {
        Optional<Long> value = value(key, Long.class, "an integer below 2^63");
        return value.isPresent() ? OptionalLong.of(value.get()) : OptionalLong.empty();
    }

    public Optional<Float> number(String key) {
        if (values.get(key) instanceof Double wide) {
            return Optional.of(wide.floatValue());
        }
        return value(key, Float.class, "a floating-point number");
    }

    public Optional<Boolean> bool(String key) {
        return value(key, Boolean.class, "a boolean");
    }

    /** A copy of an array of strings. */
    public Optional<String[]> strings(String key) {
        return value(key, String[].class, "an array of strings").map(String[]::clone);
    }

    /** A copy of an array of floating-point numbers. */
    public Optional<float[]> floats(String key) {
        return value(key, float[].class, "an array of floating-point numbers").map(float[]::clone);
    }

    /** A copy of an array of integers, each of which fits 32 bits with sign. */
    public Optional<int[]> integers(String key) {
        return value(key, long[].class, "an array of integers").map(wide -> {
            int[] narrow = new int[wide.length];
            for (int i = 0; i < wide.length; i++) {
                if (wide[i] != (int) wide[i]) {
                    throw ModelFormatException.expected(
                            file, "key " + key + ", element " + i, "a number of 32 bits", wide[i]);
                }
                narrow[i] = (int) wide[i];
            }
            return narrow;
        });
    }

    /** A value in a few words, for people: numbers and short strings as they are, arrays by length and kind. */
    public Optional<String> describe(String key) {
        return Optional.ofNullable(values.get(key))
                .map(value -> value instanceof String text
                        ? ModelFormatException.quote(text)
                        : isScalar(value) ? value.toString() : kind(value));
    }

    /** Elements of an array of any kind, without copying it. */
    OptionalLong arrayLength(String key) {
        Object value = values.get(key);
        if (value == null) {
            return OptionalLong.empty();
        }
        if (isScalar(value)) {
            throw ModelFormatException.expected(file, "key " + key, "an array", kind(value));
        }
        return OptionalLong.of(java.lang.reflect.Array.getLength(value));
    }

    private <T> Optional<T> value(String key, Class<T> type, String expected) {
        Object value = values.get(key);
        if (value == null || type.isInstance(value)) {
            return Optional.ofNullable(type.cast(value));
        }
        throw ModelFormatException.expected(file, "key " + key, expected, kind(value));
    }

    private static boolean isScalar(Object value) {
        return !value.getClass().isArray();
    }

    private static String kind(Object value) {
        return switch (value) {
            case String text -> "the string " + ModelFormatException.quote(text);
            case Boolean flag -> "the boolean " + flag;
            case Float number -> "the floating-point number " + number;
            case Double number -> "the floating-point number " + number;
            case Number integer -> "the integer " + integer;
            case String[] array -> "an array of " + array.length + " strings";
            case float[] array -> "an array of " + array.length + " floating-point numbers";
            case long[] array -> "an array of " + array.length + " integers";
            case boolean[] array -> "an array of " + array.length + " booleans";
            default -> throw new IllegalStateException("not a metadata value: " + value.getClass());
        };
    }
}
