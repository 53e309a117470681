package io.llamastreams.app.reproduce;

import com.fasterxml.jackson.databind.JsonNode;
import io.llamastreams.app.jsonl.Json;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Where two answers first differ, in words that name the place, what was recorded and what was made now. Numbers are equal if
 * their bits are: a line has as many digits as that needs. Stateless.
 */
final class Comparison {
    private static final String IDS = "ids";
    private static final String LOGPROBS = "logprobs";
    private static final String TEXT = "text";
    private static final String CHOICES = "choices";

    /** What may differ from run to run, or was looked at before. */
    private static final Set<String> NOT_COMPARED =
            Set.of("id", "status", "usage", "error", "lineage", "attributes", IDS, LOGPROBS, TEXT);

    private Comparison() {}

    /** Empty if the answers are equal. */
    static Optional<String> ofAnswers(JsonNode recorded, JsonNode made) {
        return ofTexts("", recorded, made, false)
                .or(() -> ofChoices(recorded, made, false))
                .or(() -> ofRest("", recorded, made));
    }

    /** For an answer that was ended early: whether what it has is how the whole one begins. */
    static Optional<String> ofBeginnings(JsonNode recorded, JsonNode made) {
        return ofTexts("", recorded, made, true).or(() -> ofChoices(recorded, made, true));
    }

    private static Optional<String> ofChoices(JsonNode recorded, JsonNode made, boolean beginning) {
        JsonNode choices = recorded.path(CHOICES);
        for (int i = 0; i < choices.size(); i++) {
            Optional<String> difference = ofTexts(
                    CHOICES + "[" + i + "]: ",
                    choices.get(i),
                    made.path(CHOICES).path(i),
                    beginning);
            if (difference.isPresent()) {
                return difference;
            }
        }
        return Optional.empty();
    }

    private static Optional<String> ofTexts(String place, JsonNode recorded, JsonNode made, boolean beginning) {
        Optional<String> difference = ofTokens(place + "token ", recorded.path(IDS), made.path(IDS), beginning)
                .or(() -> ofTokens(
                        place + "log-probability of token ", recorded.path(LOGPROBS), made.path(LOGPROBS), beginning));
        return beginning
                ? difference
                : difference.or(() -> ofStrings(
                        place, recorded.path(TEXT).asText(), made.path(TEXT).asText()));
    }

    private static Optional<String> ofTokens(String place, JsonNode recorded, JsonNode made, boolean beginning) {
        int most = beginning ? recorded.size() : Math.max(recorded.size(), made.size());
        for (int i = 0; i < most; i++) {
            if (!recorded.path(i).equals(made.path(i))) {
                return difference(place + i, recorded.path(i), made.path(i));
            }
        }
        return Optional.empty();
    }

    private static Optional<String> ofStrings(String place, String recorded, String made) {
        if (recorded.equals(made)) {
            return Optional.empty();
        }
        int i = 0;
        while (i < Math.min(recorded.length(), made.length()) && recorded.charAt(i) == made.charAt(i)) {
            i++;
        }
        return Optional.of(place + "text: character " + i + ": expected " + character(recorded, i) + ", found "
                + character(made, i));
    }

    private static String character(String text, int index) {
        return index < text.length() ? String.format("U+%04X", text.codePointAt(index)) : "the end";
    }

    private static Optional<String> ofRest(String place, JsonNode recorded, JsonNode made) {
        if (recorded.isObject() && made.isObject()) {
            Set<String> names = new TreeSet<>();
            List.of(recorded, made).forEach(node -> node.fieldNames().forEachRemaining(names::add));
            for (String name : names) {
                if (!place.isEmpty() || !NOT_COMPARED.contains(name)) {
                    String inner = place.isEmpty() ? name : place + "." + name;
                    Optional<String> difference = ofRest(inner, recorded.path(name), made.path(name));
                    if (difference.isPresent()) {
                        return difference;
                    }
                }
            }
            return Optional.empty();
        }
        if (recorded.isArray() && made.isArray()) {
            for (int i = 0; i < Math.max(recorded.size(), made.size()); i++) {
                Optional<String> difference = ofRest(place + "[" + i + "]", recorded.path(i), made.path(i));
                if (difference.isPresent()) {
                    return difference;
                }
            }
            return Optional.empty();
        }
        return recorded.equals(made) ? Optional.empty() : difference(place, recorded, made);
    }

    private static Optional<String> difference(String place, JsonNode recorded, JsonNode made) {
        return Optional.of(place + ": expected " + describe(recorded) + ", found " + describe(made));
    }

    private static String describe(JsonNode value) {
        return value.isMissingNode() ? "the end" : Json.describe(value);
    }
}
