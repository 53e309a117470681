package io.llamastreams.serving.result;

import io.llamastreams.engine.request.Likeliest;
import io.llamastreams.engine.request.TokenEvent;
import io.llamastreams.serving.Answer;
import io.llamastreams.serving.LikelyTokens;
import io.llamastreams.serving.Score;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** How likely given continuations of a prompt are: an engine request for each, whose prompt ends with the continuation. */
public final class ScoreResultBuilder extends ResultBuilder {
    private final List<Continuation> continuations;
    private final boolean comparesThem;
    private final Optional<Integer> likeliest;
    private final Score[] scores;

    /**
     * One continuation.
     *
     * @param ids of prompt and continuation
     * @param from where the continuation begins
     */
    @SuppressWarnings("ArrayRecordComponent") // the engine request's own
    public record Continuation(String text, int[] ids, int from) {}

    /**
     * Nothing has come yet.
     *
     * @param comparesThem whether they are answers to choose from
     * @param likeliest how many likeliest tokens are told beside the log-probability of each token; empty if that is not
     */
    public ScoreResultBuilder(
            String id, long seed, List<Continuation> continuations, boolean comparesThem, Optional<Integer> likeliest) {
        super(id, seed, continuations.stream().mapToInt(c -> c.ids().length).sum(), continuations.size());
        this.continuations = List.copyOf(continuations);
        this.comparesThem = comparesThem;
        this.likeliest = likeliest;
        scores = new Score[continuations.size()];
    }

    @Override
    public void take(int request, TokenEvent.PromptScored event) {
        Continuation continuation = continuations.get(request);
        double sum = 0;
        boolean greedy = true;
        for (int i = 0; i < event.logprobs().length; i++) {
            sum += event.logprobs()[i];
            greedy &= isLikeliest(event.likeliest().get(i), continuation.ids()[continuation.from() + i]);
        }
        scores[request] = new Score(
                continuation.text(),
                Arrays.stream(continuation.ids(), continuation.from(), continuation.ids().length)
                        .boxed()
                        .toList(),
                sum,
                greedy,
                Optional.empty(),
                likeliest.isPresent() ? LikelyTokens.floats(event.logprobs()) : List.of(),
                likeliest.orElse(0) > 0
                        ? event.likeliest().stream().map(LikelyTokens::of).toList()
                        : List.of());
    }

    private static boolean isLikeliest(Likeliest likeliest, int token) {
        return likeliest.tokens()[0] == token;
    }

    /** Some of the scores alone would say nothing about the others. */
    @Override
    Answer answer(boolean complete) {
        if (!complete) {
            return new Answer.Nothing();
        }
        List<Score> all = List.of(scores);
        return comparesThem ? compared(all) : new Answer.Scores(all, Optional.empty());
    }

    /** Shares by softmax over the log-likelihoods; the highest is taken out first, so that nothing overflows. */
    private static Answer compared(List<Score> scores) {
        double highest = scores.stream().mapToDouble(Score::logLikelihood).max().orElseThrow();
        double[] weights = scores.stream()
                .mapToDouble(score -> StrictMath.exp(score.logLikelihood() - highest))
                .toArray();
        double sum = 0;
        for (double weight : weights) {
            sum += weight;
        }
        double total = sum;
        List<Score> shares = IntStream.range(0, weights.length)
                .mapToObj(i -> scores.get(i).withProbability(weights[i] / total))
                .toList();
        String label = scores.stream()
                .filter(score -> score.logLikelihood() == highest)
                .findFirst()
                .orElseThrow()
                .text();
        return new Answer.Scores(shares, Optional.of(label));
    }
}
