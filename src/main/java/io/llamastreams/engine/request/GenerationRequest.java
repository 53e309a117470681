package io.llamastreams.engine.request;

import java.util.Optional;
import java.util.function.IntFunction;

/**
 * What the engine is asked to do: continue a sequence of tokens, or only look at it.
 *
 * @param id unique among the requests of its outbox
 * @param promptIds tokens to continue, BOS included, at least one; not copied, must not change
 * @param samples how many texts are made; they share the prompt's memory and differ in their random numbers
 * @param sampling how tokens are drawn
 * @param ending when a text ends; without new tokens, the prompt is only scored or embedded
 * @param report what is told besides the tokens
 * @param scheduling against other requests
 * @param controls by sample, from 0; called once for each on the engine thread
 * @param madeIds tokens that the text has already, of a request for one: they are told again, with the same log-probabilities, and
 *     the text goes on as if it had not been interrupted; not copied, must not change
 */
public record GenerationRequest(
        String id,
        int[] promptIds,
        int samples,
        SamplingParams sampling,
        Ending ending,
        Report report,
        SchedulingParams scheduling,
        IntFunction<DecodingControl> controls,
        int[] madeIds) {
    private static final int[] NONE = {};

    public GenerationRequest {
        if (promptIds.length == 0) {
            throw new IllegalArgumentException("request " + id + ": expected at least one prompt token, found none");
        }
        boolean looksOnly = report.scoresPrompt() || report.embedding();
        if (ending.maxNewTokens() < 1 && !looksOnly) {
            throw new IllegalArgumentException(
                    "request " + id + ": max new tokens: expected at least 1, found " + ending.maxNewTokens());
        }
        if (samples < 1 || samples > 1 && ending.maxNewTokens() == 0) {
            throw new IllegalArgumentException(
                    "request " + id + ": samples: expected at least 1, and 1 without new tokens, found " + samples);
        }
        if (madeIds.length > 0 && (samples > 1 || madeIds.length > ending.maxNewTokens())) {
            throw new IllegalArgumentException("request " + id + ": tokens made already: expected at most "
                    + ending.maxNewTokens() + " of one text, found " + madeIds.length + " of " + samples);
        }
        if (report.embedding() && (report.scoresPrompt() || ending.maxNewTokens() > 0)) {
            throw new IllegalArgumentException("request " + id + ": an embedding is made alone");
        }
    }

    /** A request of which nothing is made. */
    public GenerationRequest(
            String id,
            int[] promptIds,
            int samples,
            SamplingParams sampling,
            Ending ending,
            Report report,
            SchedulingParams scheduling,
            IntFunction<DecodingControl> controls) {
        this(id, promptIds, samples, sampling, ending, report, scheduling, controls, NONE);
    }

    /** One text with nothing out of the ordinary. */
    public GenerationRequest(
            String id,
            int[] promptIds,
            SamplingParams sampling,
            int maxNewTokens,
            int[] stopTokenIds,
            boolean logprobs,
            int priority,
            TokenWatcher watcher) {
        this(
                id,
                promptIds,
                1,
                sampling,
                new Ending(maxNewTokens, stopTokenIds),
                logprobs ? Report.withLogprobs(0) : Report.TOKENS,
                new SchedulingParams(priority, "", SchedulingParams.NO_DEADLINE),
                sample -> new DecodingControl(watcher, Optional.empty()));
    }

    public int maxNewTokens() {
        return ending.maxNewTokens();
    }

    /** The same request, whose text has these tokens already. */
    public GenerationRequest withMade(int[] newMadeIds) {
        return new GenerationRequest(
                id, promptIds, samples, sampling, ending, report, scheduling, controls, newMadeIds);
    }
}
