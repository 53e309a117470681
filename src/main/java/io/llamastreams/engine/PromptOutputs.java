package io.llamastreams.engine;

import io.llamastreams.engine.request.GenerationRequest;
import io.llamastreams.engine.request.Likeliest;
import io.llamastreams.engine.request.Report;
import io.llamastreams.engine.request.TokenEvent;
import io.llamastreams.engine.schedule.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is gathered of the rows of known tokens while they are computed: log-probabilities of the prompt's tokens and of those
 * that were made before an interruption, or the prompt's mean hidden state. In the order of positions, each once, also when
 * tokens are computed in parts or again. Engine thread only.
 */
final class PromptOutputs {
    private final GenerationRequest request;
    private final int promptTokens;
    private final int from;
    private final int scoredEnd;
    private final List<Float> logprobs = new ArrayList<>();
    private final List<Likeliest> likeliest = new ArrayList<>();
    private final double[] sums;
    private int next;

    private PromptOutputs(GenerationRequest request, int from, int scoredEnd, int embeddingLength) {
        this.request = request;
        this.from = from;
        next = from;
        this.scoredEnd = scoredEnd;
        promptTokens = request.promptIds().length;
        sums = new double[embeddingLength];
    }

    /** What a request wants to be looked at; empty if nothing. */
    static Optional<PromptOutputs> of(GenerationRequest request, int embeddingLength) {
        Report report = request.report();
        int prompt = request.promptIds().length;
        int made = report.logprobs() == Report.NONE ? 0 : request.madeIds().length;
        if (report.embedding()) {
            return Optional.of(new PromptOutputs(request, 0, 0, embeddingLength));
        }
        if (!report.scoresPrompt() && made == 0) {
            return Optional.empty();
        }
        int from = report.scoresPrompt() ? Math.min(report.scoredFrom(), prompt) - 1 : prompt - 1;
        return Optional.of(new PromptOutputs(request, from, prompt + made - 1, 0));
    }

    /** Looks at nothing, for a request that wants nothing scored. */
    static PromptOutputs nothing(GenerationRequest request) {
        return new PromptOutputs(request, request.promptIds().length - 1, Integer.MAX_VALUE, 0);
    }

    /** Asks the sequence for the rows that were not seen yet. */
    void ask(Sequence sequence) {
        sequence.wantRows(next, scoredEnd);
    }

    boolean embedsAt(int position) {
        return request.report().embedding() && position >= next;
    }

    /** How many likeliest tokens are wanted beside the token after this position. */
    int likeliestAfter(int position) {
        Report report = request.report();
        return Math.max(0, position + 1 < promptTokens ? report.promptLogprobs() : report.logprobs());
    }

    /** Takes the log-probability of the token after the next position. */
    void addScore(float logprob, Likeliest likeliestThere) {
        logprobs.add(logprob);
        likeliest.add(likeliestThere);
        next++;
    }

    /** Takes the hidden state of the next position. */
    void addHidden(float[] hidden, int offset) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += hidden[offset + i];
        }
        next++;
    }

    /** What is told of the prompt; empty if nothing was asked. */
    Optional<TokenEvent> promptEvent() {
        Report report = request.report();
        if (report.embedding()) {
            return Optional.of(new TokenEvent.Embedded(request.id(), mean()));
        }
        if (!report.scoresPrompt()) {
            return Optional.empty();
        }
        int count = Math.max(0, promptTokens - report.scoredFrom());
        float[] scores = new float[count];
        for (int i = 0; i < count; i++) {
            scores[i] = logprobs.get(i);
        }
        return Optional.of(new TokenEvent.PromptScored(request.id(), scores, likeliest.subList(0, count)));
    }

    /** What is told again of the n-th token that was made before, as far as it was scored again. */
    TokenEvent.Token madeEvent(int n) {
        int scored = promptTokens - 1 + n - from;
        boolean known = request.report().logprobs() != Report.NONE && next >= scoredEnd;
        return new TokenEvent.Token(
                request.id(),
                0,
                request.madeIds()[n],
                known ? logprobs.get(scored) : Float.NaN,
                known ? likeliest.get(scored) : Likeliest.NONE);
    }

    private float[] mean() {
        float[] mean = new float[sums.length];
        for (int i = 0; i < mean.length; i++) {
            mean[i] = (float) (sums[i] / promptTokens);
        }
        return mean;
    }
}
