package io.llamastreams.serving.result;

import io.llamastreams.engine.request.FinishReason;
import io.llamastreams.engine.request.RequestStatistics;
import io.llamastreams.engine.request.TokenEvent;
import io.llamastreams.serving.Answer;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.Usage;
import java.util.ArrayList;
import java.util.List;

/**
 * Gathers what the engine tells of one prompt until there is an end: a prompt may be several requests of the engine, which are
 * counted from 0 here. One owner: the session's thread.
 */
public abstract class ResultBuilder {
    private final String id;
    private final long seed;
    private final int promptTokens;
    private final int requests;
    private final List<RequestStatistics> costs = new ArrayList<>();
    private Generation.Status status = Generation.Status.SUCCEEDED;

    /**
     * Nothing has come yet.
     *
     * @param promptTokens of all its requests together
     * @param requests how many there are, at least one
     */
    ResultBuilder(String id, long seed, int promptTokens, int requests) {
        this.id = id;
        this.seed = seed;
        this.promptTokens = promptTokens;
        this.requests = requests;
    }

    public final int promptTokens() {
        return promptTokens;
    }

    /** Takes a token; text that is certain by it and may be told, empty if there is none. */
    public String take(TokenEvent.Token event) {
        return "";
    }

    /** Takes what the prompt's tokens scored. */
    public void take(int request, TokenEvent.PromptScored event) {}

    public void take(TokenEvent.Embedded event) {}

    /** Takes the end of one of the requests; true if it was the last. */
    public final boolean take(TokenEvent.Finished end) {
        costs.add(end.statistics());
        end.reasons().forEach(this::note);
        return costs.size() == requests;
    }

    /** A text that was cut short makes the whole so; by its deadline before all. */
    private void note(FinishReason reason) {
        switch (reason) {
            case STOP, LENGTH, REPETITION -> {}
            case CANCELLED -> {
                if (status != Generation.Status.EXPIRED) {
                    status = Generation.Status.CANCELLED;
                }
            }
            case EXPIRED -> status = Generation.Status.EXPIRED;
        }
    }

    /** Text that was held back until the end and may be told; called once, after the last end. */
    public String rest(TokenEvent.Finished end) {
        return "";
    }

    /** What came of it, after {@link #rest}. */
    abstract Answer answer(boolean complete);

    public final Generation generation() {
        return Generation.ended(id, status, answer(status == Generation.Status.SUCCEEDED), usage(), seed);
    }

    /** The end by an error: what was made is void, and was made all the same. */
    public final Generation failed(String error) {
        return Generation.failed(id, new Usage(promptTokens, 0, madeTokens(), 0, 0, 0), seed, error);
    }

    /** Tokens from which it can go on after an interruption; none if it has to begin anew. */
    public List<Integer> resumable() {
        return List.of();
    }

    /** Tokens that were made until now. */
    int madeTokens() {
        return 0;
    }

    /** Of all requests together; they wait and compute at the same time. */
    private Usage usage() {
        int prompt = 0;
        int cached = 0;
        int completion = 0;
        long queue = Long.MAX_VALUE;
        long prefilled = 0;
        long decode = 0;
        for (RequestStatistics cost : costs) {
            prompt += cost.promptTokens();
            cached += cost.cachedTokens();
            completion += cost.completionTokens();
            queue = Math.min(queue, cost.queueNanos());
            prefilled = Math.max(prefilled, cost.queueNanos() + cost.prefillNanos());
            decode = Math.max(decode, cost.decodeNanos());
        }
        return new Usage(prompt, cached, completion, queue, prefilled - queue, decode);
    }
}
