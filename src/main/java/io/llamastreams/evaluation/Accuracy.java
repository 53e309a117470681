package io.llamastreams.evaluation;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How many answers were right. Every prompt with an expected answer counts, also one that was refused or has failed.
 *
 * @param exactMatch answers that are the expected text, of all
 * @param jsonValid answers that are one JSON object, of those that should be
 * @param allFieldsRight answers with the expected fields, their values and nothing else, of the same
 * @param fields by field, in the order in which fields were met: answers that have it right, of those that should have it
 */
public record Accuracy(
        Proportion exactMatch, Proportion jsonValid, Proportion allFieldsRight, Map<String, Proportion> fields) {
    public Accuracy {
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }

    public long answers() {
        return exactMatch.whole();
    }

    /** Whether any answer should be a JSON object; if none, only {@link #exactMatch} says something. */
    public boolean hasFields() {
        return jsonValid.isDefined();
    }
}
