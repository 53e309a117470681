package io.llamastreams.app.jsonl;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.llamastreams.serving.GenerationOptions;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.PromptInput;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Reads request lines: {@code {"id": "a", "prompt": "Once upon a time", "max_new_tokens": 32}}.
 *
 * <p>Types are checked here, ranges where requests are served. Fields that ask for what cannot be done yet are a refusal,
 * since leaving them out would give an answer to another question; other unknown fields are ignored with one warning each.
 * {@code expected} is handed on unread, also from a line that is refused: whoever measures says what it may be. One thread.
 */
public final class RequestParser {
    private static final Set<String> KNOWN = Set.of(
            "id",
            "prompt",
            "messages",
            "prompt_ids",
            "max_new_tokens",
            "temperature",
            "top_p",
            "top_k",
            "min_p",
            "seed",
            "n",
            "stop",
            "stop_token_ids",
            "ignore_eos",
            "logprobs",
            "priority",
            "deadline_ms",
            "tenant",
            "batch_id",
            "attributes",
            "expected");

    private static final List<String> NOT_YET = List.of("json_schema", "regex", "choice", "grammar");

    /** Other programs' names for what is known here, for the warning. */
    private static final Map<String, String> OTHER_NAMES = Map.of(
            "max_tokens", "max_new_tokens",
            "max_completion_tokens", "max_new_tokens",
            "n_predict", "max_new_tokens",
            "prompt_token_ids", "prompt_ids",
            "custom_id", "id",
            "request_id", "id");

    private static final int MAX_WARNINGS = 100;

    private final InstantSource clock;
    private final Consumer<String> warnings;
    private final Set<String> warned = new HashSet<>();

    /**
     * @param clock tells what {@code deadline_ms} counts from
     * @param warnings takes a sentence for each unknown field name, once
     */
    public RequestParser(InstantSource clock, Consumer<String> warnings) {
        this.clock = clock;
        this.warnings = warnings;
    }

    /** @param lineNumber from 1 */
    public RequestLine parse(String line, long lineNumber) {
        String id = "line-" + lineNumber;
        Optional<JsonNode> expected = Optional.empty();
        try {
            JsonNode json = Json.read(line);
            if (!(json instanceof ObjectNode object)) {
                return refused(id, lineNumber, "expected a JSON object, found " + Json.describe(json), expected);
            }
            Fields fields = new Fields(object);
            expected = fields.value("expected");
            id = fields.string("id").orElseThrow(() -> FieldException.expected("id", "a string", "nothing"));
            warnOfUnknown(object, lineNumber);
            return new RequestLine.Accepted(prompt(id, fields), expected);
        } catch (JsonProcessingException e) {
            String place = e.getLocation() == null
                    ? ""
                    : " at column " + e.getLocation().getColumnNr();
            return refused(id, lineNumber, "not JSON: " + e.getOriginalMessage() + place, expected);
        } catch (FieldException e) {
            return refused(id, lineNumber, e.getMessage(), expected);
        }
    }

    /** A line of which nothing could be read. */
    static RequestLine.Refused refused(long lineNumber, String reason) {
        return refused("line-" + lineNumber, lineNumber, reason, Optional.empty());
    }

    private static RequestLine.Refused refused(String id, long lineNumber, String reason, Optional<JsonNode> expected) {
        return new RequestLine.Refused(id, "line " + lineNumber + ": " + reason, expected);
    }

    private Prompt prompt(String id, Fields fields) {
        for (String field : NOT_YET) {
            if (fields.has(field)) {
                throw new FieldException(field + ": not supported yet");
            }
        }
        int samples = fields.integer("n").orElse(1);
        if (samples != 1) {
            throw new FieldException("n: only 1 is supported yet, found " + samples);
        }
        return new Prompt(
                id,
                input(fields),
                options(fields),
                fields.integer("priority").orElse(0),
                fields.longInteger("deadline_ms").map(this::deadline),
                fields.string("tenant").orElse(""),
                fields.string("batch_id").orElse(""),
                fields.scalars("attributes").orElse(Map.of()));
    }

    private static PromptInput input(Fields fields) {
        List<String> present = List.of("prompt", "messages", "prompt_ids").stream()
                .filter(fields::has)
                .toList();
        if (present.size() != 1) {
            throw new FieldException("expected one of prompt, messages and prompt_ids, found "
                    + (present.isEmpty() ? "none" : String.join(" and ", present)));
        }
        return switch (present.getFirst()) {
            case "prompt" -> new PromptInput.Text(fields.string("prompt").orElseThrow());
            case "messages" ->
                new PromptInput.Messages(fields.objects("messages").orElseThrow().stream()
                        .map(RequestParser::message)
                        .toList());
            default -> new PromptInput.Tokens(fields.integers("prompt_ids").orElseThrow());
        };
    }

    private static PromptInput.Message message(Fields turn) {
        return new PromptInput.Message(
                turn.string("role").orElseThrow(() -> FieldException.expected("messages: role", "a string", "nothing")),
                turn.string("content")
                        .orElseThrow(() -> FieldException.expected("messages: content", "a string", "nothing")));
    }

    private static GenerationOptions options(Fields fields) {
        GenerationOptions defaults = GenerationOptions.DEFAULT;
        return new GenerationOptions(
                fields.integer("max_new_tokens").orElse(defaults.maxNewTokens()),
                fields.number("temperature").orElse(defaults.temperature()),
                fields.integer("top_k").orElse(defaults.topK()),
                fields.number("top_p").orElse(defaults.topP()),
                fields.number("min_p").orElse(defaults.minP()),
                fields.longInteger("seed"),
                fields.stringOrStrings("stop").orElse(defaults.stop()),
                fields.integers("stop_token_ids").orElse(defaults.stopTokenIds()),
                fields.bool("ignore_eos").orElse(defaults.ignoreEos()),
                logprobs(fields));
    }

    /** As a boolean, or as the number of alternatives that others give beside the chosen token. */
    private static boolean logprobs(Fields fields) {
        if (!fields.has("logprobs") || fields.get("logprobs").isBoolean()) {
            return fields.bool("logprobs").orElse(false);
        }
        if (!fields.get("logprobs").isNumber()) {
            throw FieldException.expected("logprobs", "true, false, 0 or 1", Json.describe(fields.get("logprobs")));
        }
        int alternatives = fields.integer("logprobs").orElseThrow();
        if (alternatives < 0 || alternatives > 1) {
            throw new FieldException(
                    "logprobs: only those of the chosen tokens are supported yet: expected true, false, 0 or 1, found "
                            + alternatives);
        }
        return true;
    }

    private Long deadline(long millisFromNow) {
        long now = clock.millis();
        return millisFromNow > Long.MAX_VALUE - now ? Long.MAX_VALUE : now + millisFromNow;
    }

    private void warnOfUnknown(ObjectNode object, long lineNumber) {
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            String name = field.getKey();
            if (!KNOWN.contains(name) && !NOT_YET.contains(name) && warned.size() < MAX_WARNINGS && warned.add(name)) {
                String hint = Optional.ofNullable(OTHER_NAMES.get(name))
                        .map(known -> "; here it is called \"" + known + "\"")
                        .orElse("");
                warnings.accept("line " + lineNumber + ": unknown field \"" + name
                        + "\" is ignored, here and in all further lines" + hint);
            }
        }
    }
}
