package io.llamastreams.grammar.schema;

import com.fasterxml.jackson.databind.JsonNode;
import io.llamastreams.grammar.rule.GrammarException;

/**
 * A schema inside of a document. Two are the same if their places are.
 *
 * @param place for example {@code $.properties.age}
 */
record Schema(JsonNode json, String place) {

    /** The schema under a keyword. */
    Schema child(String name) {
        return new Schema(json.get(name), place + step(name));
    }

    /** An element of an array. */
    Schema child(int index) {
        return new Schema(json.get(index), place + "[" + index + "]");
    }

    /** What messages begin with. */
    String message() {
        return "json_schema: " + place;
    }

    boolean isFalse() {
        return json.isBoolean() && !json.booleanValue();
    }

    /** Whether it says nothing at all. */
    boolean isTrue() {
        return json.isBoolean() ? json.booleanValue() : json.isObject() && json.isEmpty();
    }

    private static String step(String name) {
        return name.matches("[A-Za-z_$][A-Za-z0-9_$-]*") ? "." + name : "['" + name + "']";
    }

    /** For messages. */
    static String describe(JsonNode value) {
        return switch (value.getNodeType()) {
            case STRING -> GrammarException.quote(value.textValue());
            case ARRAY -> value.isEmpty() ? "an empty array" : "an array";
            case OBJECT -> "an object";
            case MISSING -> "nothing";
            case BINARY, BOOLEAN, NULL, NUMBER, POJO -> value.toString();
        };
    }

    GrammarException expected(String what) {
        return GrammarException.expected(message(), what, describe(json));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Schema schema && place.equals(schema.place);
    }

    @Override
    public int hashCode() {
        return place.hashCode();
    }
}
