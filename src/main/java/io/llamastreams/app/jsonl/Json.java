package io.llamastreams.app.jsonl;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The JSON reader and writer of the command line. Any thread. */
public final class Json {
    /** NaN and Infinity are read, so that whoever checks the value can name it. */
    private static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Json() {}

    public static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    public static ArrayNode array() {
        return MAPPER.createArrayNode();
    }

    /** An array of token ids. */
    public static ArrayNode array(Iterable<Integer> ids) {
        ArrayNode array = array();
        ids.forEach(array::add);
        return array;
    }

    /** An array of token ids. */
    public static ArrayNode array(int[] ids) {
        ArrayNode array = array();
        for (int id : ids) {
            array.add(id);
        }
        return array;
    }

    /**
     * Reads one JSON value that fills the whole text.
     *
     * @throws JsonProcessingException if it does not
     */
    public static JsonNode read(String text) throws JsonProcessingException {
        return MAPPER.readTree(text);
    }

    /** The value in one line. */
    public static String write(JsonNode value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What a value is, for error messages: its type, and itself where it is short. */
    public static String describe(JsonNode value) {
        return switch (value.getNodeType()) {
            case ARRAY -> "an array";
            case OBJECT, POJO -> "an object";
            case BOOLEAN, NUMBER -> value.asText();
            case NULL -> "null";
            case MISSING -> "nothing";
            case BINARY -> "bytes";
            case STRING -> value.asText().length() <= 20 ? "the string " + write(value) : "a string";
        };
    }
}
