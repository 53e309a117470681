package io.llamastreams.evaluation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The right answer to a prompt. */
public sealed interface Expected {

    /**
     * What a request line's {@code "expected"} says.
     *
     * @throws IllegalArgumentException if it is neither an object nor a string; the message says what was found
     */
    static Expected of(JsonNode json) {
        if (json instanceof ObjectNode object) {
            return ofObject(object);
        }
        if (json.isTextual()) {
            return new Text(json.asText());
        }
        throw new IllegalArgumentException("expected an object or a string, found "
                + (json.isArray() ? "an array" : json.isNull() ? "null" : json.asText()));
    }

    /** An object with these fields and no others. */
    static Fields ofObject(ObjectNode object) {
        return new Fields(object.toString(), StrictJson.fields(object));
    }

    /**
     * Compares an answer.
     *
     * @param answer what the model wrote; empty if there was no whole answer, as of a prompt that was refused: it is wrong
     */
    Verdict judge(Optional<String> answer);

    /** What is expected, as an answer would be written. */
    String text();

    /**
     * A JSON object with exactly these fields. The answer must be one object and nothing besides, white space around it apart;
     * the order of fields does not matter, and numbers are equal as numbers.
     *
     * @param text the object in its shortest form, fields in their order
     * @param values by field, in order; not to be changed
     */
    record Fields(String text, Map<String, JsonNode> values) implements Expected {
        public Fields {
            values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
        }

        @Override
        public Verdict judge(Optional<String> answer) {
            Optional<Map<String, JsonNode>> read = answer.flatMap(StrictJson::fields);
            Map<String, JsonNode> found = read.orElse(Map.of());
            Map<String, Boolean> right = new LinkedHashMap<>();
            values.forEach((field, value) ->
                    right.put(field, found.containsKey(field) && StrictJson.areEqual(value, found.get(field))));
            boolean allRight = read.isPresent() && found.size() == values.size() && !right.containsValue(false);
            return new Verdict.OfFields(isExactly(text, answer), read.isPresent(), allRight, right, found);
        }
    }

    /** A text, white space around it apart. */
    record Text(String text) implements Expected {
        @Override
        public Verdict judge(Optional<String> answer) {
            return new Verdict.OfText(isExactly(text, answer));
        }
    }

    private static boolean isExactly(String text, Optional<String> answer) {
        return answer.isPresent() && answer.get().strip().equals(text.strip());
    }
}
