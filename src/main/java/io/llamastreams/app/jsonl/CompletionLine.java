package io.llamastreams.app.jsonl;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.Usage;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes completion lines: {@code {"id", "status", "text", "finish_reason", "usage": {"prompt_tokens", "cached_tokens",
 * "completion_tokens"}}} and, where there was one, {@code "error"}. Stateless.
 */
public final class CompletionLine {

    private CompletionLine() {}

    /** What a consumer of texts wants. */
    public static String format(Generation generation) {
        ObjectNode line = head(generation);
        putText(line, generation);
        putEnd(line, generation);
        return Json.write(line);
    }

    /**
     * The same with the {@code ids} of the tokens and, if they were asked for, their {@code logprobs}.
     *
     * @param attributes the caller's own, handed back if there are any
     */
    public static String formatWithIds(Generation generation, Map<String, String> attributes) {
        return Json.write(withIds(generation, attributes));
    }

    /** The object of {@link #formatWithIds}, for somebody who has more to say. */
    public static ObjectNode withIds(Generation generation, Map<String, String> attributes) {
        ObjectNode line = head(generation);
        line.set("ids", Json.array(generation.tokenIds()));
        putText(line, generation);
        if (!generation.logprobs().isEmpty()) {
            ArrayNode values = line.putArray("logprobs");
            generation.logprobs().forEach(values::add);
        }
        putEnd(line, generation);
        if (!attributes.isEmpty()) {
            ObjectNode object = line.putObject("attributes");
            new TreeMap<>(attributes).forEach(object::put);
        }
        return line;
    }

    private static ObjectNode head(Generation generation) {
        return Json.object()
                .put("id", generation.id())
                .put("status", generation.status().name());
    }

    private static void putText(ObjectNode line, Generation generation) {
        line.put("text", generation.text());
        line.put("finish_reason", generation.finishReason().orElse(null));
    }

    private static void putEnd(ObjectNode line, Generation generation) {
        line.set("usage", usage(generation.usage()));
        if (!generation.error().isEmpty()) {
            line.put("error", generation.error());
        }
    }

    /** Token counts only: times would make two runs of the same work differ. */
    public static ObjectNode usage(Usage usage) {
        return Json.object()
                .put("prompt_tokens", usage.promptTokens())
                .put("cached_tokens", usage.cachedTokens())
                .put("completion_tokens", usage.completionTokens());
    }
}
