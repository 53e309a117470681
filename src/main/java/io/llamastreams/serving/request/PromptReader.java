package io.llamastreams.serving.request;

import io.llamastreams.engine.request.EngineLimits;
import io.llamastreams.engine.request.GenerationRequest;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.PromptInput;
import io.llamastreams.serving.chat.ChatFormat;
import io.llamastreams.serving.options.GenerationOptions;
import io.llamastreams.serving.options.OptionProblems;
import io.llamastreams.serving.options.RequestOptions;
import io.llamastreams.serving.options.Task;
import io.llamastreams.serving.result.ResultBuilder;
import io.llamastreams.tokenizer.Tokenizer;
import java.util.List;
import java.util.Optional;

/**
 * Checks a prompt and makes engine requests of it. A refusal names the field as callers write it, what was expected and what
 * was found. Any thread.
 */
public final class PromptReader {
    /** A text is endless if it has this many times the tokens of the longest prompt. */
    private static final long ENDLESS = 8;

    private final Tokenizer tokenizer;
    private final int contextLength;
    private final ChatFormat chat;
    private final TextRequests texts;
    private final ScoreRequests scores;

    /** What reading a prompt came to. */
    public sealed interface Reading {
        record Refused(String reason) implements Reading {}

        /**
         * A prompt that can be served.
         *
         * @param requests of the engine, all under the prompt's id
         * @param builder of their events
         */
        record Ready(List<GenerationRequest> requests, ResultBuilder builder) implements Reading {}
    }

    /**
     * For one model.
     *
     * @param contextLength tokens of prompt and text together
     * @param limits what one prompt may ask of the engine at once
     */
    public PromptReader(Tokenizer tokenizer, int contextLength, EngineLimits limits, ChatFormat chat) {
        this.tokenizer = tokenizer;
        this.chat = chat;
        this.contextLength = contextLength;
        texts = new TextRequests(tokenizer, contextLength);
        scores = new ScoreRequests(tokenizer, contextLength, limits);
    }

    public Reading read(Prompt prompt) {
        Optional<String> problem = problem(prompt);
        if (problem.isPresent()) {
            return new Reading.Refused(problem.get());
        }
        return switch (set(prompt.input())) {
            case ChatFormat.Setting.Ready set -> ready(prompt, set.ids());
            case ChatFormat.Setting.Refused refused -> new Reading.Refused(refused.reason());
        };
    }

    /** @throws IllegalArgumentException if the input has no form */
    public int[] ids(PromptInput input) {
        return switch (set(input)) {
            case ChatFormat.Setting.Ready set -> set.ids();
            case ChatFormat.Setting.Refused refused -> throw new IllegalArgumentException(refused.reason());
        };
    }

    private ChatFormat.Setting set(PromptInput input) {
        return switch (input) {
            case PromptInput.Text text -> new ChatFormat.Setting.Ready(tokenizer.encodePrompt(text.text()));
            case PromptInput.Messages dialogue -> chat.set(dialogue.messages());
            case PromptInput.Tokens tokens ->
                new ChatFormat.Setting.Ready(
                        tokens.ids().stream().mapToInt(Integer::intValue).toArray());
        };
    }

    /** Most tokens of a prompt; a text that is to be made needs room for one more. */
    private int maxTokens(GenerationOptions options) {
        return options.task() instanceof Task.Generate && options.maxNewTokens() > 0
                ? contextLength - 1
                : contextLength;
    }

    private Reading ready(Prompt prompt, int[] ids) {
        int maxTokens = maxTokens(prompt.options());
        if (ids.length > maxTokens) {
            return new Reading.Refused(tooLong(maxTokens, Integer.toString(ids.length)));
        }
        return switch (prompt.options().task()) {
            case Task.Generate generate -> texts.of(prompt, ids);
            case Task.Label label -> scores.of(prompt, ids, "label", label.answers());
            case Task.Continuations continuations -> scores.of(prompt, ids, "continuations", continuations.texts());
            case Task.Embed embed -> ScoreRequests.embedding(prompt, ids);
        };
    }

    private Optional<String> problem(Prompt prompt) {
        if (prompt.id().isEmpty()) {
            return Optional.of("id: expected text, found none");
        }
        int maxTokens = maxTokens(prompt.options());
        return RequestOptions.problem(prompt.options(), tokenizer.vocabularySize())
                .or(() -> switch (prompt.input()) {
                    case PromptInput.Text text -> lengthProblem(maxTokens, tokenizer.fewestTokens(text.text()));
                    case PromptInput.Messages dialogue -> lengthProblem(maxTokens, fewestTokens(dialogue));
                    case PromptInput.Tokens tokens -> tokensProblem(maxTokens, tokens.ids());
                });
    }

    private Optional<String> tokensProblem(int maxTokens, List<Integer> ids) {
        if (ids.isEmpty()) {
            return Optional.of("prompt_ids: expected at least one token, found none");
        }
        return ids.size() > maxTokens
                ? Optional.of(tooLong(maxTokens, Integer.toString(ids.size())))
                : OptionProblems.tokenIds("prompt_ids", ids, tokenizer.vocabularySize());
    }

    private long fewestTokens(PromptInput.Messages dialogue) {
        long tokens = 0;
        for (PromptInput.Message message : dialogue.messages()) {
            tokens += tokenizer.fewestTokens(message.content().strip());
        }
        return tokens;
    }

    /** Refuses endless texts before they are encoded; others are encoded, to say how many tokens they have. */
    private static Optional<String> lengthProblem(int maxTokens, long fewestTokens) {
        return fewestTokens > ENDLESS * maxTokens
                ? Optional.of(tooLong(maxTokens, "at least " + fewestTokens))
                : Optional.empty();
    }

    private static String tooLong(int maxTokens, String found) {
        return "prompt: expected at most " + maxTokens + " tokens, found " + found;
    }
}
