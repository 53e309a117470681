package io.llamastreams.app.jsonl;

import com.fasterxml.jackson.databind.JsonNode;
import io.llamastreams.serving.options.Alternatives;
import io.llamastreams.serving.options.EndingOptions;
import io.llamastreams.serving.options.GenerationOptions;
import io.llamastreams.serving.options.OptionSource;
import io.llamastreams.serving.options.RequestOption;
import io.llamastreams.serving.options.RequestOptions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The fields of a request line that say what is wanted, and how. Types are checked, ranges are not: a field of the wrong type,
 * or a second one of which one is wanted, is a {@link FieldException}. One thread.
 */
final class OptionFields implements OptionSource {
    static final Set<String> NAMES =
            RequestOptions.ALL.stream().map(RequestOption::name).collect(Collectors.toUnmodifiableSet());

    private final Fields fields;

    private OptionFields(Fields fields) {
        this.fields = fields;
    }

    /** @throws FieldException if a field is of the wrong type, or there are two of which one is wanted */
    static GenerationOptions read(Fields fields) {
        return RequestOptions.read(new OptionFields(fields));
    }

    @Override
    public boolean has(String name) {
        return fields.has(name);
    }

    @Override
    public Optional<Boolean> bool(String name) {
        return fields.bool(name);
    }

    @Override
    public Optional<Integer> integer(String name) {
        return fields.integer(name);
    }

    @Override
    public Optional<Long> longInteger(String name) {
        return fields.longInteger(name);
    }

    @Override
    public Optional<Double> number(String name) {
        return fields.number(name);
    }

    @Override
    public Optional<String> text(String name) {
        return fields.string(name);
    }

    /** As an object, or as a string that holds one. */
    @Override
    public Optional<String> json(String name) {
        return fields.value(name).map(value -> {
            if (value.isTextual()) {
                return value.asText();
            }
            if (value.isObject()) {
                return Json.write(value);
            }
            throw FieldException.expected(name, "an object or a string", Json.describe(value));
        });
    }

    @Override
    public Optional<List<String>> texts(String name) {
        return fields.strings(name);
    }

    @Override
    public Optional<List<String>> textOrTexts(String name) {
        return fields.stringOrStrings(name);
    }

    @Override
    public Optional<List<Integer>> tokenIds(String name) {
        return fields.integers(name);
    }

    @Override
    public Optional<List<Integer>> someTokenIds(String name) {
        Optional<List<Integer>> ids = fields.integers(name);
        if (ids.isPresent() && ids.get().isEmpty()) {
            throw FieldException.expected(name, "at least one token id", "none");
        }
        return ids;
    }

    /** An object of numbers by token id; JSON writes the latter as strings. */
    @Override
    public Optional<Map<Integer, Double>> biases(String name) {
        return fields.object(name).map(object -> {
            Map<Integer, Double> biases = new HashMap<>();
            for (String key : object.names()) {
                biases.put(tokenId(name, key), object.number(key).orElse(0.0));
            }
            return biases;
        });
    }

    private static int tokenId(String name, String key) {
        try {
            return Integer.parseInt(key);
        } catch (NumberFormatException e) {
            throw FieldException.expected(name, "token ids as keys", "\"" + key + "\"");
        }
    }

    @Override
    public Optional<EndingOptions.Repetition> repetition(String name) {
        return fields.object(name)
                .map(limit -> new EndingOptions.Repetition(
                        limit.requiredInteger("max_pattern_tokens"), limit.requiredInteger("repetitions")));
    }

    /** As a boolean, or as the number of likeliest tokens that are told beside the one that stands there. */
    @Override
    public Optional<Integer> likeliest(String name) {
        Optional<JsonNode> value = fields.value(name);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        if (value.get().isBoolean()) {
            return value.get().asBoolean() ? Optional.of(0) : Optional.empty();
        }
        if (!value.get().isNumber()) {
            throw FieldException.expected(name, "true, false or a number", Json.describe(value.get()));
        }
        return fields.integer(name);
    }

    @Override
    public boolean isSwitchedOff(String name) {
        return fields.value(name)
                .filter(value -> value.isBoolean() && !value.asBoolean())
                .isPresent();
    }

    @Override
    public void conflict(Alternatives alternatives, List<RequestOption<?>> given) {
        throw new FieldException(
                "expected at most one of " + names(alternatives.options(), ", ") + ", found " + names(given, " and "));
    }

    private static String names(List<RequestOption<?>> options, String between) {
        return options.stream().map(RequestOption::name).collect(Collectors.joining(between));
    }
}
