package io.llamastreams.serving.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import io.llamastreams.engine.request.FinishReason;
import io.llamastreams.engine.request.Likeliest;
import io.llamastreams.engine.request.RequestStatistics;
import io.llamastreams.engine.request.TokenEvent;
import io.llamastreams.serving.Answer;
import io.llamastreams.serving.Choice;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.LetterVocabulary;
import io.llamastreams.serving.LikelyTokens;
import io.llamastreams.serving.PromptScores;
import io.llamastreams.serving.Score;
import io.llamastreams.serving.Usage;
import io.llamastreams.serving.options.SampleOptions;
import io.llamastreams.serving.result.CompletionText.Shown;
import io.llamastreams.serving.result.CompletionText.TextEnd;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ResultBuilderTest {
    private static final RequestStatistics COST = new RequestStatistics(4, 1, 3, 0, 10, 20, 30);

    @Test
    void returnsTextsInTheOrderOfTheirNumbers() {
        ResultBuilder builder = texts(new SampleOptions(2, Optional.empty()), Shown.NONE);
        assertThat(builder.take(token(1, 'b', Float.NaN))).isEmpty();
        builder.take(token(0, 'a', Float.NaN));
        builder.take(token(1, 'c', Float.NaN));
        Generation end = end(builder, FinishReason.STOP, FinishReason.LENGTH);
        assertThat(end.status()).isEqualTo(Generation.Status.SUCCEEDED);
        assertThat(end.choices())
                .extracting(Choice::index, Choice::text, Choice::finishReason, Choice::cumulativeLogprob)
                .containsExactly(
                        tuple(0, "a", Optional.of("stop"), Optional.empty()),
                        tuple(1, "bc", Optional.of("length"), Optional.empty()));
        assertThat(end.usage()).isEqualTo(new Usage(4, 1, 3, 10, 20, 30));
    }

    @Test
    void returnsTheBestOfSeveralByTheirMeanLogprob() {
        ResultBuilder builder = texts(new SampleOptions(2, Optional.of(4)), Shown.SUM);
        builder.take(token(0, 'a', -2f)); // mean -2
        builder.take(token(1, 'b', -1f)); // mean -1.5
        builder.take(token(1, 'b', -2f));
        builder.take(token(2, 'c', -1.5f)); // mean -1.5, but a higher number
        Generation end = end(builder, FinishReason.STOP, FinishReason.STOP, FinishReason.STOP, FinishReason.STOP);
        assertThat(end.choices()).extracting(Choice::text).containsExactly("bb", "c");
        assertThat(end.choices()).extracting(Choice::index).containsExactly(0, 1);
        assertThat(end.choices().getFirst().cumulativeLogprob()).contains(-3.0);
        assertThat(end.logprobs()).isEmpty();
    }

    @Test
    void showsLikeliestTokensWhereTheyWereAskedFor() {
        ResultBuilder builder = texts(new SampleOptions(1, Optional.empty()), Shown.CHOSEN_AND_LIKELIEST);
        assertThat(builder.take(token(0, 'a', -0.5f))).isEqualTo("a");
        builder.take(0, new TokenEvent.PromptScored("x/1", new float[] {-1f, -2f}, List.of()));
        Generation end = end(builder, FinishReason.LENGTH);
        assertThat(end.choices().getFirst().likeliest())
                .containsExactly(new LikelyTokens(List.of(LetterVocabulary.id('a')), List.of(-0.5f)));
        assertThat(end.logprobs()).containsExactly(-0.5f);
        assertThat(((Answer.Texts) end.answer()).prompt())
                .contains(new PromptScores(List.of(1, 5, 6), List.of(-1f, -2f), List.of()));
    }

    @Test
    void keepsWhatThereIsWhenATextIsCutShort() {
        for (FinishReason reason : List.of(FinishReason.EXPIRED, FinishReason.CANCELLED)) {
            ResultBuilder builder = texts(new SampleOptions(2, Optional.empty()), Shown.NONE);
            builder.take(token(0, 'a', Float.NaN));
            Generation end = end(builder, FinishReason.STOP, reason);
            assertThat(end.status().name()).isEqualTo(reason.name());
            assertThat(end.choices()).extracting(Choice::text).containsExactly("a", "");
            assertThat(end.error())
                    .isEqualTo(reason == FinishReason.EXPIRED ? "deadline_ms: the deadline has passed" : "");
        }
    }

    @Test
    void callsARepetitionByItsName() {
        ResultBuilder builder = texts(SampleOptions.ONE, Shown.NONE);
        Generation end = end(builder, FinishReason.REPETITION);
        assertThat(end.finishReason()).contains("repetition");
        assertThat(end.status()).isEqualTo(Generation.Status.SUCCEEDED);
    }

    @Test
    void comparesAnswers() {
        ScoreResultBuilder builder = scores(true, Optional.empty());
        builder.take(1, scored(8, -0.5f, 9, -0.5f));
        assertThat(builder.take(finished(FinishReason.LENGTH))).isFalse();
        builder.take(0, scored(7, -2f));
        assertThat(builder.take(finished(FinishReason.LENGTH))).isTrue();
        Answer.Scores answer = (Answer.Scores) builder.generation().answer();
        assertThat(answer.label()).contains("two");
        // e^-2 / (e^-2 + e^-1) = 1 / (1 + e)
        assertThat(answer.scores().get(0).probability().orElseThrow()).isCloseTo(0.2689414213699951, within(1e-15));
        assertThat(answer.scores().get(1).probability().orElseThrow()).isCloseTo(0.7310585786300049, within(1e-15));
        assertThat(answer.scores()).extracting(Score::logLikelihood).containsExactly(-2.0, -1.0);
        assertThat(answer.scores().get(1).tokenIds()).containsExactly(8, 9);
        assertThat(answer.scores()).allMatch(score -> score.logprobs().isEmpty());
        assertThat(builder.generation().usage()).isEqualTo(new Usage(8, 2, 6, 10, 20, 30));
    }

    @Test
    void scoresContinuationsEachForItself() {
        ScoreResultBuilder builder = scores(false, Optional.of(1));
        builder.take(0, scored(7, -2f));
        builder.take(1, scored(8, -0.5f, 3, -0.25f)); // 9 stands where 3 is likeliest
        builder.take(finished(FinishReason.LENGTH));
        builder.take(finished(FinishReason.LENGTH));
        Answer.Scores answer = (Answer.Scores) builder.generation().answer();
        assertThat(answer.label()).isEmpty();
        assertThat(answer.scores()).extracting(Score::greedy).containsExactly(true, false);
        assertThat(answer.scores()).allMatch(score -> score.probability().isEmpty());
        assertThat(answer.scores().get(1).logprobs()).containsExactly(-0.5f, -0.25f);
        assertThat(answer.scores().get(1).likeliest())
                .containsExactly(
                        new LikelyTokens(List.of(8), List.of(-0.5f)), new LikelyTokens(List.of(3), List.of(-0.25f)));
    }

    @Test
    void givesNoScoresWhereSomeAreMissing() {
        ScoreResultBuilder builder = scores(true, Optional.empty());
        builder.take(0, scored(7, -2f));
        builder.take(finished(FinishReason.LENGTH));
        builder.take(finished(FinishReason.EXPIRED));
        assertThat(builder.generation().status()).isEqualTo(Generation.Status.EXPIRED);
        assertThat(builder.generation().answer()).isEqualTo(new Answer.Nothing());
    }

    @Test
    void handsOnAnEmbedding() {
        EmbeddingResultBuilder builder = new EmbeddingResultBuilder("x", 9, 4);
        builder.take(new TokenEvent.Embedded("x/1", new float[] {0.5f, -1f}));
        builder.take(finished(FinishReason.LENGTH));
        Generation end = builder.generation();
        assertThat(end.answer()).isEqualTo(new Answer.Embedding(List.of(0.5f, -1f)));
        assertThat(end.choices()).isEmpty();
        assertThat(end.seed()).isEqualTo(9);
    }

    private static ResultBuilder texts(SampleOptions samples, Shown shown) {
        TextEnd end = new TextEnd(StopStrings.NONE, new int[] {2}, 0);
        CompletionText[] texts = IntStream.range(0, samples.made())
                .mapToObj(i -> new CompletionText(
                        end, shown, LetterVocabulary.tokenizer().newDecoder(false)))
                .toArray(CompletionText[]::new);
        return new TextResultBuilder("x", 9, new int[] {1, 5, 6}, samples, false, texts);
    }

    private static ScoreResultBuilder scores(boolean compares, Optional<Integer> likeliest) {
        return new ScoreResultBuilder(
                "x",
                9,
                List.of(
                        new ScoreResultBuilder.Continuation("one", new int[] {1, 5, 7}, 2),
                        new ScoreResultBuilder.Continuation("two", new int[] {1, 5, 8, 9}, 2)),
                compares,
                likeliest);
    }

    private static TokenEvent.Token token(int sample, char letter, float logprob) {
        int id = LetterVocabulary.id(letter);
        return new TokenEvent.Token("x/1", sample, id, logprob, new Likeliest(new int[] {id}, new float[] {logprob}));
    }

    /** Pairs of the likeliest token at a place and the logprob of that which stands there. */
    private static TokenEvent.PromptScored scored(Object... pairs) {
        float[] logprobs = new float[pairs.length / 2];
        Likeliest[] likeliest = new Likeliest[pairs.length / 2];
        for (int i = 0; i < logprobs.length; i++) {
            logprobs[i] = (Float) pairs[2 * i + 1];
            likeliest[i] = new Likeliest(new int[] {(Integer) pairs[2 * i]}, new float[] {logprobs[i]});
        }
        return new TokenEvent.PromptScored("x/1", logprobs, List.of(likeliest));
    }

    private static TokenEvent.Finished finished(FinishReason... reasons) {
        return new TokenEvent.Finished("x/1", List.of(reasons), COST);
    }

    private static Generation end(ResultBuilder builder, FinishReason... reasons) {
        TokenEvent.Finished end = finished(reasons);
        assertThat(builder.take(end)).isTrue();
        builder.rest(end);
        return builder.generation();
    }
}
