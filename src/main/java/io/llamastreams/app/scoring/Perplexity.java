package io.llamastreams.app.scoring;

import java.util.function.IntConsumer;

/**
 * How well a model foresees a text.
 *
 * @param tokens of the text, each counted once; BOS is not among them
 * @param nll sum of {@code -log p} over them, natural logarithm
 */
public record Perplexity(long tokens, double nll) {

    /** e to the mean of {@code -log p}. */
    public double ppl() {
        return Math.exp(nll / tokens);
    }

    /**
     * Scores a text in windows of {@code window} tokens that do not overlap: each is BOS and the next {@code window - 1} tokens
     * of the text, which are foreseen from those before them in the same window alone.
     *
     * @param ids of the text, without BOS, at least one
     * @param window at least 2, at most what the scorer takes
     * @param scored hears how many more tokens have been scored
     */
    public static Perplexity of(SequenceScorer scorer, int bosId, int[] ids, int window, IntConsumer scored) {
        double nll = 0;
        for (int from = 0; from < ids.length; from += window - 1) {
            int length = Math.min(ids.length - from, window - 1);
            int[] sequence = new int[length + 1];
            sequence[0] = bosId;
            System.arraycopy(ids, from, sequence, 1, length);
            nll += scorer.negativeLogLikelihood(sequence, scored);
        }
        return new Perplexity(ids.length, nll);
    }
}
