package io.llamastreams.serving.request;

import io.llamastreams.engine.request.DecodingControl;
import io.llamastreams.engine.request.Ending;
import io.llamastreams.engine.request.EngineLimits;
import io.llamastreams.engine.request.GenerationRequest;
import io.llamastreams.engine.request.Report;
import io.llamastreams.engine.request.SamplingParams;
import io.llamastreams.engine.request.SchedulingParams;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.PromptInput;
import io.llamastreams.serving.options.Task;
import io.llamastreams.serving.result.EmbeddingResultBuilder;
import io.llamastreams.serving.result.ScoreResultBuilder;
import io.llamastreams.serving.result.ScoreResultBuilder.Continuation;
import io.llamastreams.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Makes the engine requests of a prompt that is only looked at, of options that were checked. Any thread. */
final class ScoreRequests {
    private final Tokenizer tokenizer;
    private final int maxTokens;
    private final EngineLimits limits;

    /**
     * For one model.
     *
     * @param maxTokens of prompt and continuation together
     * @param limits requests of one prompt are let in together, so they must fit at all
     */
    ScoreRequests(Tokenizer tokenizer, int maxTokens, EngineLimits limits) {
        this.tokenizer = tokenizer;
        this.maxTokens = maxTokens;
        this.limits = limits;
    }

    /**
     * A request for each continuation; they share the prompt's memory through the prefix cache.
     *
     * @param ids of the prompt
     * @param field that the texts came in
     */
    PromptReader.Reading of(Prompt prompt, int[] ids, String field, List<String> texts) {
        if (texts.size() > limits.maxQueuedRequests()) {
            return refused(field + ": expected at most " + limits.maxQueuedRequests()
                    + ", as many requests as the engine takes in, found " + texts.size());
        }
        List<Continuation> continuations = new ArrayList<>();
        long tokens = 0;
        for (int i = 0; i < texts.size(); i++) {
            Continuation continuation = continuation(prompt.input(), ids, texts.get(i));
            if (continuation.ids().length > maxTokens) {
                return refused(field + "[" + i + "]: expected at most " + maxTokens + " tokens with the prompt, found "
                        + continuation.ids().length);
            }
            tokens += continuation.ids().length;
            continuations.add(continuation);
        }
        if (tokens > limits.maxQueuedTokens()) {
            return refused(field + ": expected at most " + limits.maxQueuedTokens()
                    + " tokens, the prompt's with each counted, found " + tokens);
        }
        Optional<Integer> likeliest = prompt.options().report().logprobs();
        List<GenerationRequest> requests = continuations.stream()
                .map(continuation -> request(
                        prompt,
                        continuation.ids(),
                        // The likeliest token at each place says whether the continuation is the greedy one.
                        new Report(Report.NONE, Math.max(1, likeliest.orElse(0)), continuation.from(), false)))
                .toList();
        boolean compares = prompt.options().task() instanceof Task.Label;
        return new PromptReader.Reading.Ready(
                requests, new ScoreResultBuilder(prompt.id(), prompt.seed(), continuations, compares, likeliest));
    }

    /** @param ids of the prompt */
    static PromptReader.Reading embedding(Prompt prompt, int[] ids) {
        return new PromptReader.Reading.Ready(
                List.of(request(prompt, ids, new Report(Report.NONE, Report.NONE, 1, true))),
                new EmbeddingResultBuilder(prompt.id(), prompt.seed(), ids.length));
    }

    private static GenerationRequest request(Prompt prompt, int[] ids, Report report) {
        return new GenerationRequest(
                prompt.id(),
                ids,
                1,
                SamplingParams.GREEDY,
                new Ending(0),
                report,
                new SchedulingParams(prompt.priority(), prompt.tenant(), SchedulingParams.NO_DEADLINE),
                sample -> DecodingControl.NONE);
    }

    /**
     * Prompt and continuation as tokens. A text is encoded together with its continuation and cut where the prompt's tokens
     * end, as lm-evaluation-harness does; where the two do not come apart there, or the prompt came as tokens, the continuation
     * is encoded alone and put behind. An answer in a dialogue is a text of its own, with a space before it as the vocabulary
     * has it, unless the dialogue's form ends with white space.
     */
    private Continuation continuation(PromptInput input, int[] promptIds, String text) {
        int[] ids = switch (input) {
            case PromptInput.Text prompt -> {
                int[] whole = tokenizer.encodePrompt(prompt.text() + text);
                boolean comesApart =
                        whole.length > promptIds.length && Arrays.mismatch(whole, promptIds) == promptIds.length;
                yield comesApart ? whole : joined(promptIds, tokenizer.encodeInside(text));
            }
            case PromptInput.Messages dialogue ->
                joined(promptIds, endsWithSpace(promptIds) ? tokenizer.encodeInside(text) : tokenizer.encode(text));
            case PromptInput.Tokens tokens -> joined(promptIds, tokenizer.encodeInside(text));
        };
        return new Continuation(text, ids, promptIds.length);
    }

    private boolean endsWithSpace(int[] ids) {
        byte[] bytes = tokenizer.bytes(ids[ids.length - 1]);
        return bytes.length > 0 && Character.isWhitespace(bytes[bytes.length - 1]);
    }

    private static int[] joined(int[] prompt, int[] continuation) {
        int[] ids = Arrays.copyOf(prompt, prompt.length + continuation.length);
        System.arraycopy(continuation, 0, ids, prompt.length, continuation.length);
        return ids;
    }

    private static PromptReader.Reading refused(String reason) {
        return new PromptReader.Reading.Refused(reason);
    }
}
