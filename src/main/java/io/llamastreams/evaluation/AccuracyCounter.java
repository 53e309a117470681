package io.llamastreams.evaluation;

import java.util.LinkedHashMap;
import java.util.Map;

/** Adds verdicts up. One thread. */
public final class AccuracyCounter {
    private Proportion exactMatch = Proportion.NONE;
    private Proportion jsonValid = Proportion.NONE;
    private Proportion allFieldsRight = Proportion.NONE;
    private final Map<String, Proportion> fields = new LinkedHashMap<>();

    public void add(Verdict verdict) {
        exactMatch = exactMatch.plus(verdict.exactMatch());
        switch (verdict) {
            case Verdict.OfFields ofFields -> {
                jsonValid = jsonValid.plus(ofFields.jsonValid());
                allFieldsRight = allFieldsRight.plus(ofFields.allFieldsRight());
                ofFields.fieldsRight()
                        .forEach((field, right) -> fields.put(
                                field,
                                fields.getOrDefault(field, Proportion.NONE).plus(right)));
            }
            case Verdict.OfText ofText -> {}
        }
    }

    /** What was added so far. */
    public Accuracy accuracy() {
        return new Accuracy(exactMatch, jsonValid, allFieldsRight, fields);
    }
}
