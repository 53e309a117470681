package io.llamastreams.evaluation;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a comparison of one answer with the right one has found. */
public sealed interface Verdict {

    /** Whether the answer is the expected text, character for character, white space around it apart. */
    boolean exactMatch();

    /** Whether nothing is wrong with the answer. */
    boolean isRight();

    /**
     * Of an answer that should be a JSON object.
     *
     * @param jsonValid whether it is exactly one JSON object
     * @param allFieldsRight whether it has the expected fields with their values and no others
     * @param fieldsRight for each expected field, in order, whether it is there with its value
     * @param found the fields that the answer has, in its order; none if it is no valid JSON
     */
    record OfFields(
            boolean exactMatch,
            boolean jsonValid,
            boolean allFieldsRight,
            Map<String, Boolean> fieldsRight,
            Map<String, JsonNode> found)
            implements Verdict {
        public OfFields {
            found = Collections.unmodifiableMap(new LinkedHashMap<>(found));
            fieldsRight = Collections.unmodifiableMap(new LinkedHashMap<>(fieldsRight));
        }

        @Override
        public boolean isRight() {
            return allFieldsRight;
        }
    }

    /** Of an answer that should be a text. */
    record OfText(boolean exactMatch) implements Verdict {
        @Override
        public boolean isRight() {
            return exactMatch;
        }
    }
}
