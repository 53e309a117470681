package io.llamastreams.evaluation;

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
     */
    record OfFields(boolean exactMatch, boolean jsonValid, boolean allFieldsRight, Map<String, Boolean> fieldsRight)
            implements Verdict {
        public OfFields {
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
