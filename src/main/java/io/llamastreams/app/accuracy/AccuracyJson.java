package io.llamastreams.app.accuracy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.llamastreams.evaluation.Accuracy;
import io.llamastreams.evaluation.Proportion;
import io.llamastreams.evaluation.Verdict;

/** Shares and verdicts as JSON; shares are fractions from 0 to 1. Stateless. */
public final class AccuracyJson {

    private AccuracyJson() {}

    /**
     * Adds {@code json_valid}, {@code all_fields_right}, {@code field_accuracy} and {@code exact_match}. Where no answer should be
     * a JSON object, the first two are null and {@code field_accuracy} is empty.
     */
    public static void put(ObjectNode json, Accuracy accuracy) {
        put(json, "json_valid", accuracy.jsonValid());
        put(json, "all_fields_right", accuracy.allFieldsRight());
        ObjectNode fields = json.putObject("field_accuracy");
        accuracy.fields().forEach((field, share) -> put(fields, field, share));
        put(json, "exact_match", accuracy.exactMatch());
    }

    private static void put(ObjectNode json, String name, Proportion share) {
        json.put(name, share.isDefined() ? Double.valueOf(share.fraction()) : null);
    }

    /** Adds the same of one answer: {@code json_valid}, {@code all_fields_right}, {@code fields_right}, {@code exact_match}. */
    public static void put(ObjectNode json, Verdict verdict) {
        switch (verdict) {
            case Verdict.OfFields ofFields -> {
                json.put("json_valid", ofFields.jsonValid()).put("all_fields_right", ofFields.allFieldsRight());
                ObjectNode fields = json.putObject("fields_right");
                ofFields.fieldsRight().forEach(fields::put);
            }
            case Verdict.OfText ofText -> {}
        }
        json.put("exact_match", verdict.exactMatch());
    }
}
