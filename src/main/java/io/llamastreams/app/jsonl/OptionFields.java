package io.llamastreams.app.jsonl;

import com.fasterxml.jackson.databind.JsonNode;
import io.llamastreams.serving.options.EndingOptions;
import io.llamastreams.serving.options.GenerationOptions;
import io.llamastreams.serving.options.PenaltyOptions;
import io.llamastreams.serving.options.ReportOptions;
import io.llamastreams.serving.options.SampleOptions;
import io.llamastreams.serving.options.SamplingOptions;
import io.llamastreams.serving.options.Structure;
import io.llamastreams.serving.options.Task;
import io.llamastreams.serving.options.TokenOptions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads the fields of a request line that say what is wanted, and how. Types are checked, ranges are not. Stateless. */
final class OptionFields {
    static final Set<String> NAMES = Set.of(
            "max_new_tokens",
            "min_tokens",
            "temperature",
            "top_k",
            "top_p",
            "min_p",
            "typical_p",
            "repetition_penalty",
            "presence_penalty",
            "frequency_penalty",
            "logit_bias",
            "bad_words",
            "allowed_token_ids",
            "seed",
            "n",
            "best_of",
            "stop",
            "stop_token_ids",
            "ignore_eos",
            "repetition_detection",
            "logprobs",
            "top_logprobs",
            "prompt_logprobs",
            "json_schema",
            "json_object",
            "regex",
            "choice",
            "grammar",
            "label",
            "continuations",
            "embed");

    private static final List<String> STRUCTURES = List.of("json_schema", "json_object", "regex", "choice", "grammar");
    private static final List<String> TASKS = List.of("label", "continuations", "embed");

    private OptionFields() {}

    /** @throws FieldException if a field is of the wrong type, or there are two of which one is wanted */
    static GenerationOptions read(Fields fields) {
        return new GenerationOptions(
                task(fields), samples(fields), sampling(fields), ending(fields), report(fields), structure(fields));
    }

    private static SampleOptions samples(Fields fields) {
        return new SampleOptions(fields.integer("n").orElse(1), fields.integer("best_of"));
    }

    private static SamplingOptions sampling(Fields fields) {
        SamplingOptions defaults = SamplingOptions.GREEDY;
        return new SamplingOptions(
                fields.number("temperature").orElse(defaults.temperature()),
                fields.integer("top_k").orElse(defaults.topK()),
                fields.number("top_p").orElse(defaults.topP()),
                fields.number("min_p").orElse(defaults.minP()),
                fields.number("typical_p").orElse(defaults.typicalP()),
                penalties(fields),
                tokens(fields),
                fields.longInteger("seed"));
    }

    private static PenaltyOptions penalties(Fields fields) {
        PenaltyOptions defaults = PenaltyOptions.NONE;
        return new PenaltyOptions(
                fields.number("repetition_penalty").orElse(defaults.repetition()),
                fields.number("presence_penalty").orElse(defaults.presence()),
                fields.number("frequency_penalty").orElse(defaults.frequency()));
    }

    private static TokenOptions tokens(Fields fields) {
        List<Integer> allowed = fields.integers("allowed_token_ids").orElse(List.of());
        if (fields.has("allowed_token_ids") && allowed.isEmpty()) {
            throw FieldException.expected("allowed_token_ids", "at least one token id", "none");
        }
        return new TokenOptions(
                logitBias(fields), fields.stringOrStrings("bad_words").orElse(List.of()), allowed);
    }

    /** An object of numbers by token id; JSON writes the latter as strings. */
    private static Map<Integer, Double> logitBias(Fields fields) {
        Map<Integer, Double> bias = new HashMap<>();
        fields.object("logit_bias").ifPresent(object -> {
            for (String key : object.names()) {
                bias.put(tokenId(key), object.number(key).orElse(0.0));
            }
        });
        return bias;
    }

    private static int tokenId(String key) {
        try {
            return Integer.parseInt(key);
        } catch (NumberFormatException e) {
            throw FieldException.expected("logit_bias", "token ids as keys", "\"" + key + "\"");
        }
    }

    private static EndingOptions ending(Fields fields) {
        EndingOptions defaults = EndingOptions.DEFAULT;
        return new EndingOptions(
                fields.integer("max_new_tokens").orElse(defaults.maxNewTokens()),
                fields.integer("min_tokens").orElse(defaults.minTokens()),
                fields.stringOrStrings("stop").orElse(defaults.stop()),
                fields.integers("stop_token_ids").orElse(defaults.stopTokenIds()),
                fields.bool("ignore_eos").orElse(defaults.ignoreEos()),
                fields.object("repetition_detection")
                        .map(limit -> new EndingOptions.Repetition(
                                limit.requiredInteger("max_pattern_tokens"), limit.requiredInteger("repetitions"))));
    }

    private static ReportOptions report(Fields fields) {
        Optional<Integer> logprobs = likeliest(fields, "logprobs");
        boolean unwanted = fields.has("logprobs") && logprobs.isEmpty();
        // Their number beside a switch, as in OpenAI's chat completions.
        Optional<Integer> beside = unwanted ? Optional.empty() : fields.integer("top_logprobs");
        return new ReportOptions(beside.or(() -> logprobs), likeliest(fields, "prompt_logprobs"));
    }

    /** As a boolean, or as the number of likeliest tokens that are told beside the one that stands there. */
    private static Optional<Integer> likeliest(Fields fields, String field) {
        Optional<JsonNode> value = fields.value(field);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        if (value.get().isBoolean()) {
            return value.get().asBoolean() ? Optional.of(0) : Optional.empty();
        }
        if (!value.get().isNumber()) {
            throw FieldException.expected(field, "true, false or a number", Json.describe(value.get()));
        }
        return fields.integer(field);
    }

    private static Optional<Structure> structure(Fields fields) {
        List<String> given = given(fields, STRUCTURES);
        if (given.isEmpty()) {
            return Optional.empty();
        }
        String field = only(given, STRUCTURES);
        return Optional.of(
                switch (field) {
                    case "json_schema" -> new Structure.JsonSchema(schema(fields.get(field)));
                    case "json_object" -> new Structure.JsonObject();
                    case "regex" -> new Structure.Regex(fields.string(field).orElseThrow());
                    case "choice" -> new Structure.Choice(fields.strings(field).orElseThrow());
                    default -> new Structure.Grammar(fields.string(field).orElseThrow());
                });
    }

    /** As an object, or as a string that holds one. */
    private static String schema(JsonNode value) {
        if (value.isTextual()) {
            return value.asText();
        }
        if (value.isObject()) {
            return Json.write(value);
        }
        throw FieldException.expected("json_schema", "an object or a string", Json.describe(value));
    }

    private static Task task(Fields fields) {
        List<String> given = given(fields, TASKS);
        if (given.isEmpty()) {
            return new Task.Generate();
        }
        String field = only(given, TASKS);
        return switch (field) {
            case "label" -> new Task.Label(fields.strings(field).orElseThrow());
            case "continuations" -> new Task.Continuations(fields.strings(field).orElseThrow());
            default -> new Task.Embed();
        };
    }

    /** Those that the line has; false counts as not there. */
    private static List<String> given(Fields fields, List<String> names) {
        return names.stream()
                .filter(fields::has)
                .filter(name -> !isSwitch(name) || fields.bool(name).orElseThrow())
                .toList();
    }

    private static boolean isSwitch(String name) {
        return name.equals("json_object") || name.equals("embed");
    }

    private static String only(List<String> given, List<String> names) {
        if (given.size() > 1) {
            throw new FieldException(
                    "expected at most one of " + String.join(", ", names) + ", found " + String.join(" and ", given));
        }
        return given.getFirst();
    }
}
