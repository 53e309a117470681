package io.llamastreams.app.jsonl;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
 * <p>Types are checked here, ranges where requests are served. Unknown fields are ignored with one warning each.
 * {@code expected} is handed on unread, also from a line that is refused: whoever measures says what it may be. One thread.
 */
public final class RequestParser {
    private static final Set<String> KNOWN = Set.of(
            "id",
            "prompt",
            "messages",
            "prompt_ids",
            "priority",
            "deadline_ms",
            "tenant",
            "batch_id",
            "attributes",
            "expected");

    /** Other programs' names for what is known here, for the warning. */
    private static final Map<String, String> OTHER_NAMES = Map.ofEntries(
            Map.entry("max_tokens", "max_new_tokens"),
            Map.entry("max_completion_tokens", "max_new_tokens"),
            Map.entry("n_predict", "max_new_tokens"),
            Map.entry("min_new_tokens", "min_tokens"),
            Map.entry("prompt_token_ids", "prompt_ids"),
            Map.entry("custom_id", "id"),
            Map.entry("request_id", "id"),
            Map.entry("typ_p", "typical_p"),
            Map.entry("repeat_penalty", "repetition_penalty"),
            Map.entry("stop_sequences", "stop"),
            Map.entry("guided_json", "json_schema"),
            Map.entry("guided_regex", "regex"),
            Map.entry("guided_choice", "choice"),
            Map.entry("guided_grammar", "grammar"),
            Map.entry("structured_outputs", "json_schema, json_object, regex, choice or grammar"),
            Map.entry("response_format", "json_schema or json_object"),
            Map.entry("num_return_sequences", "n"));

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
        return new Prompt(
                id,
                input(fields),
                OptionFields.read(fields),
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

    private Long deadline(long millisFromNow) {
        long now = clock.millis();
        return millisFromNow > Long.MAX_VALUE - now ? Long.MAX_VALUE : now + millisFromNow;
    }

    private static boolean isKnown(String name) {
        return KNOWN.contains(name) || OptionFields.NAMES.contains(name);
    }

    private void warnOfUnknown(ObjectNode object, long lineNumber) {
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            String name = field.getKey();
            if (!isKnown(name) && warned.size() < MAX_WARNINGS && warned.add(name)) {
                String hint = Optional.ofNullable(OTHER_NAMES.get(name))
                        .map(known -> "; here it is called \"" + known + "\"")
                        .orElse("");
                warnings.accept("line " + lineNumber + ": unknown field \"" + name
                        + "\" is ignored, here and in all further lines" + hint);
            }
        }
    }
}
