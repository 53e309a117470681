package io.llamastreams.engine;

import io.llamastreams.engine.request.Likeliest;
import io.llamastreams.engine.request.Report;
import io.llamastreams.engine.request.TokenEvent;
import java.util.ArrayList;
import java.util.List;

/**
 * What is gathered of a prompt's rows while they are computed: log-probabilities of its tokens, or its mean hidden state. In
 * the order of positions, each once, also when the prompt is computed in parts or again. Engine thread only.
 */
final class PromptLook {
    private final Report report;
    private final int promptTokens;
    private final float[] logprobs;
    private final List<Likeliest> likeliest = new ArrayList<>();
    private final double[] sums;
    private int next;

    /** @param embeddingLength of the hidden states that are summed up; 0 if none are */
    PromptLook(Report report, int[] prompt, int embeddingLength) {
        this.report = report;
        promptTokens = prompt.length;
        logprobs = new float[report.scoresPrompt() ? Math.max(0, promptTokens - report.scoredFrom()) : 0];
        sums = new double[embeddingLength];
        next = report.embedding() ? 0 : report.scoredFrom() - 1;
    }

    /** First position whose row was not seen yet. */
    int next() {
        return next;
    }

    boolean embedsAt(int position) {
        return report.embedding() && position >= next;
    }

    /** Takes the log-probability of the token after the next position. */
    void addScore(float logprob, Likeliest likeliestThere) {
        logprobs[next + 1 - report.scoredFrom()] = logprob;
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

    /** All that was gathered. */
    TokenEvent event(String id) {
        if (!report.embedding()) {
            return new TokenEvent.PromptScored(id, logprobs, List.copyOf(likeliest));
        }
        float[] mean = new float[sums.length];
        for (int i = 0; i < mean.length; i++) {
            mean[i] = (float) (sums[i] / promptTokens);
        }
        return new TokenEvent.Embedded(id, mean);
    }
}
