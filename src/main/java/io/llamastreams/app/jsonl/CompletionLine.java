package io.llamastreams.app.jsonl;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.llamastreams.serving.Answer;
import io.llamastreams.serving.Choice;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.LikelyTokens;
import io.llamastreams.serving.PromptScores;
import io.llamastreams.serving.Score;
import io.llamastreams.serving.Usage;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes completion lines: {@code {"id", "status", "text", "finish_reason", "usage": {"prompt_tokens", "cached_tokens",
 * "completion_tokens"}}} and, where there was one, {@code "error"}. Stateless.
 *
 * <p>The first text stands in the line itself; where there are several, all of them stand in {@code "choices"} besides. What
 * was not asked for has no field.
 */
public final class CompletionLine {

    private CompletionLine() {}

    /** What a consumer of texts wants. */
    public static String format(Generation generation) {
        ObjectNode line = head(generation);
        line.put("text", generation.text());
        line.put("finish_reason", generation.finishReason().orElse(null));
        putEnd(line, generation);
        return Json.write(line);
    }

    /**
     * The same with the {@code ids} of the tokens and all that was asked for.
     *
     * @param attributes the caller's own, handed back if there are any
     */
    public static String formatWithIds(Generation generation, Map<String, String> attributes) {
        return Json.write(withIds(generation, attributes));
    }

    /** The object of {@link #formatWithIds}, for somebody who has more to say. */
    public static ObjectNode withIds(Generation generation, Map<String, String> attributes) {
        ObjectNode line = head(generation);
        putAnswer(line, generation);
        putEnd(line, generation);
        if (!attributes.isEmpty()) {
            ObjectNode object = line.putObject("attributes");
            new TreeMap<>(attributes).forEach(object::put);
        }
        return line;
    }

    /** What came of a prompt: its first text, and what else there is. */
    public static void putAnswer(ObjectNode line, Generation generation) {
        line.set("ids", Json.array(generation.tokenIds()));
        line.put("text", generation.text());
        line.put("finish_reason", generation.finishReason().orElse(null));
        generation.choices().stream().findFirst().ifPresent(first -> putLogprobs(line, first));
        switch (generation.answer()) {
            case Answer.Nothing nothing -> {}
            case Answer.Texts texts -> {
                texts.prompt().ifPresent(scores -> putPrompt(line, scores));
                if (texts.choices().size() > 1) {
                    putChoices(line.putArray("choices"), texts.choices());
                }
            }
            case Answer.Scores scores -> {
                scores.label().ifPresent(label -> line.put("label", label));
                scores.scores().forEach(score -> line.withArray("scores").add(score(score)));
            }
            case Answer.Embedding embedding -> line.set("embedding", floats(embedding.values()));
        }
    }

    private static void putChoices(ArrayNode array, List<Choice> choices) {
        for (Choice choice : choices) {
            ObjectNode object = array.addObject().put("index", choice.index());
            object.set("ids", Json.array(choice.tokenIds()));
            object.put("text", choice.text())
                    .put("finish_reason", choice.finishReason().orElse(null));
            putLogprobs(object, choice);
            choice.cumulativeLogprob().ifPresent(sum -> object.put("cumulative_logprob", sum));
        }
    }

    private static void putLogprobs(ObjectNode object, Choice choice) {
        if (!choice.logprobs().isEmpty()) {
            object.set("logprobs", floats(choice.logprobs()));
        }
        if (!choice.likeliest().isEmpty()) {
            object.set("top_logprobs", likeliest(choice.likeliest()));
        }
    }

    /** Lists of the prompt's length: the first token has null, since nothing stands before it. */
    private static void putPrompt(ObjectNode line, PromptScores scores) {
        line.set("prompt_ids", Json.array(scores.tokenIds()));
        ArrayNode logprobs = line.putArray("prompt_logprobs").addNull();
        scores.logprobs().forEach(logprobs::add);
        if (!scores.likeliest().isEmpty()) {
            ArrayNode likeliest = line.putArray("prompt_top_logprobs").addNull();
            likeliest(scores.likeliest()).forEach(likeliest::add);
        }
    }

    private static ObjectNode score(Score score) {
        ObjectNode object = Json.object()
                .put("text", score.text())
                .put("log_likelihood", score.logLikelihood())
                .put("tokens", score.tokenIds().size())
                .put("greedy", score.greedy());
        score.probability().ifPresent(probability -> object.put("probability", probability));
        if (!score.logprobs().isEmpty()) {
            object.set("ids", Json.array(score.tokenIds()));
            object.set("logprobs", floats(score.logprobs()));
        }
        if (!score.likeliest().isEmpty()) {
            object.set("top_logprobs", likeliest(score.likeliest()));
        }
        return object;
    }

    private static ArrayNode likeliest(List<LikelyTokens> places) {
        ArrayNode array = Json.array();
        for (LikelyTokens place : places) {
            ObjectNode object = array.addObject();
            object.set("ids", Json.array(place.tokenIds()));
            object.set("logprobs", floats(place.logprobs()));
        }
        return array;
    }

    private static ArrayNode floats(List<Float> values) {
        ArrayNode array = Json.array();
        values.forEach(array::add);
        return array;
    }

    private static ObjectNode head(Generation generation) {
        return Json.object()
                .put("id", generation.id())
                .put("status", generation.status().name());
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
