package io.llamastreams.app.jsonl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Typed view of a JSON object. A field that is null counts as not there; each getter throws {@link FieldException}. */
final class Fields {
    private final ObjectNode object;

    /** Put before the names in messages. */
    private final String prefix;

    Fields(ObjectNode object) {
        this(object, "");
    }

    private Fields(ObjectNode object, String prefix) {
        this.object = object;
        this.prefix = prefix;
    }

    /** Names of all fields, also of those that are null. */
    List<String> names() {
        return object.properties().stream().map(Map.Entry::getKey).toList();
    }

    /** Of whatever type. */
    Optional<JsonNode> value(String field) {
        JsonNode value = object.get(field);
        return value == null || value.isNull() ? Optional.empty() : Optional.of(value);
    }

    boolean has(String field) {
        return value(field).isPresent();
    }

    JsonNode get(String field) {
        return value(field).orElseThrow();
    }

    Optional<String> string(String field) {
        return value(field).map(value -> string(prefix + field, value));
    }

    private static String string(String field, JsonNode value) {
        if (!value.isTextual()) {
            throw FieldException.expected(field, "a string", Json.describe(value));
        }
        return value.asText();
    }

    Optional<Double> number(String field) {
        return value(field).map(value -> {
            if (!value.isNumber()) {
                throw FieldException.expected(prefix + field, "a number", Json.describe(value));
            }
            return value.asDouble();
        });
    }

    Optional<Integer> integer(String field) {
        return value(field).map(value -> integer(prefix + field, value));
    }

    int requiredInteger(String field) {
        return integer(field).orElseThrow(() -> FieldException.expected(prefix + field, "an integer", "nothing"));
    }

    private static int integer(String field, JsonNode value) {
        return (int) integer(field, value, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    Optional<Long> longInteger(String field) {
        return value(field).map(value -> integer(field, value, Long.MIN_VALUE, Long.MAX_VALUE));
    }

    /** Whole numbers may be written as 3 or 3.0. */
    private static long integer(String field, JsonNode value, long min, long max) {
        boolean finite = value.isNumber() && !(value.isDouble() && !Double.isFinite(value.asDouble()));
        if (!finite || !value.canConvertToExactIntegral()) {
            throw FieldException.expected(field, "an integer", Json.describe(value));
        }
        BigDecimal exact = value.decimalValue();
        if (exact.compareTo(BigDecimal.valueOf(min)) < 0 || exact.compareTo(BigDecimal.valueOf(max)) > 0) {
            throw FieldException.expected(field, "an integer from " + min + " to " + max, Json.describe(value));
        }
        return exact.longValueExact();
    }

    Optional<Boolean> bool(String field) {
        return value(field).map(value -> {
            if (!value.isBoolean()) {
                throw FieldException.expected(field, "true or false", Json.describe(value));
            }
            return value.asBoolean();
        });
    }

    Optional<List<Integer>> integers(String field) {
        return value(field).map(value -> elements(field, "an array of integers", value, Fields::integer));
    }

    Optional<List<String>> stringOrStrings(String field) {
        return value(field)
                .map(value -> value.isTextual()
                        ? List.of(value.asText())
                        : elements(field, "a string or an array of strings", value, Fields::string));
    }

    Optional<List<String>> strings(String field) {
        return value(field).map(value -> elements(field, "an array of strings", value, Fields::string));
    }

    Optional<Fields> object(String field) {
        return value(field).map(value -> {
            if (value instanceof ObjectNode node) {
                return new Fields(node, field + ".");
            }
            throw FieldException.expected(field, "an object", Json.describe(value));
        });
    }

    /** An array of objects. */
    Optional<List<Fields>> objects(String field) {
        return value(field)
                .map(value -> elements(field, "an array of objects", value, (name, element) -> {
                    if (element instanceof ObjectNode node) {
                        return new Fields(node);
                    }
                    throw FieldException.expected(name, "an object", Json.describe(element));
                }));
    }

    /** An object whose values are strings, numbers or booleans; all become strings. */
    Optional<Map<String, String>> scalars(String field) {
        return value(field).map(value -> {
            if (!value.isObject()) {
                throw FieldException.expected(field, "an object", Json.describe(value));
            }
            Map<String, String> scalars = new LinkedHashMap<>();
            value.properties().forEach(entry -> {
                if (!entry.getValue().isValueNode()) {
                    throw FieldException.expected(
                            field + "." + entry.getKey(),
                            "a string, a number or a boolean",
                            Json.describe(entry.getValue()));
                }
                if (!entry.getValue().isNull()) {
                    scalars.put(entry.getKey(), entry.getValue().asText());
                }
            });
            return scalars;
        });
    }

    private interface ElementReader<T> {
        T read(String name, JsonNode element);
    }

    private static <T> List<T> elements(String field, String expected, JsonNode value, ElementReader<T> reader) {
        if (!value.isArray()) {
            throw FieldException.expected(field, expected, Json.describe(value));
        }
        List<T> elements = new ArrayList<>(value.size());
        for (int i = 0; i < value.size(); i++) {
            elements.add(reader.read(field + "[" + i + "]", value.get(i)));
        }
        return elements;
    }
}
