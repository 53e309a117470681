package io.llamastreams.evaluation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** JSON as RFC 8259 has it, with no leniency: what a program that gets the answer could rely on. Stateless. */
final class StrictJson {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private StrictJson() {}

    /** The fields of the one object that the text is, white space around it apart; empty if it is anything else. */
    static Optional<Map<String, JsonNode>> fields(String text) {
        try {
            return MAPPER.readTree(text.strip()) instanceof ObjectNode object
                    ? Optional.of(fields(object))
                    : Optional.empty();
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    /** An object's fields, in its order. */
    static Map<String, JsonNode> fields(ObjectNode object) {
        Map<String, JsonNode> values = new LinkedHashMap<>();
        object.properties().forEach(field -> values.put(field.getKey(), field.getValue()));
        return values;
    }

    /** Whether two values are the same: objects whatever the order of their fields, numbers whatever their notation. */
    static boolean areEqual(JsonNode one, JsonNode other) {
        return one.equals(StrictJson::compareScalars, other);
    }

    /** As Jackson wants it: 0 for equal ones, else anything. */
    private static int compareScalars(JsonNode one, JsonNode other) {
        return one.equals(other) || one.isNumber() && other.isNumber() && areEqualNumbers(one, other) ? 0 : 1;
    }

    /** Whole numbers exactly, others as the doubles that most readers make of them. */
    private static boolean areEqualNumbers(JsonNode one, JsonNode other) {
        return one.isIntegralNumber() && other.isIntegralNumber()
                ? one.bigIntegerValue().equals(other.bigIntegerValue())
                : one.doubleValue() == other.doubleValue();
    }
}
