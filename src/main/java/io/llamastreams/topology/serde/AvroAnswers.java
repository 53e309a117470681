package io.llamastreams.topology.serde;

import io.llamastreams.schema.Completion;
import io.llamastreams.schema.ContinuationScore;
import io.llamastreams.schema.LikeliestTokens;
import io.llamastreams.serving.Answer;
import io.llamastreams.serving.Choice;
import io.llamastreams.serving.LikelyTokens;
import io.llamastreams.serving.PromptScores;
import io.llamastreams.serving.Score;
import java.util.List;
import java.util.Optional;

/** What came of prompts. Any thread. */
final class AvroAnswers {

    private AvroAnswers() {}

    /** Puts the answer into a completion; the fields of other kinds of answers keep their defaults. */
    static void put(Answer answer, Completion.Builder completion) {
        switch (answer) {
            case Answer.Nothing nothing -> {}
            case Answer.Texts texts ->
                completion
                        .setChoices(texts.choices().stream()
                                .map(AvroAnswers::choice)
                                .toList())
                        .setPromptScores(
                                texts.prompt().map(AvroAnswers::promptScores).orElse(null));
            case Answer.Scores scores ->
                completion
                        .setScores(
                                scores.scores().stream().map(AvroAnswers::score).toList())
                        .setLabel(scores.label().orElse(null));
            case Answer.Embedding embedding -> completion.setEmbedding(embedding.values());
        }
    }

    static Answer answer(Completion completion) {
        if (!completion.getScores().isEmpty()) {
            return new Answer.Scores(
                    completion.getScores().stream().map(AvroAnswers::score).toList(),
                    Optional.ofNullable(completion.getLabel()));
        }
        if (!completion.getEmbedding().isEmpty()) {
            return new Answer.Embedding(completion.getEmbedding());
        }
        return completion.getChoices().isEmpty()
                ? new Answer.Nothing()
                : new Answer.Texts(
                        completion.getChoices().stream()
                                .map(AvroAnswers::choice)
                                .toList(),
                        Optional.ofNullable(completion.getPromptScores()).map(AvroAnswers::promptScores));
    }

    private static io.llamastreams.schema.Choice choice(Choice choice) {
        return new io.llamastreams.schema.Choice(
                choice.index(),
                choice.text(),
                choice.tokenIds(),
                choice.finishReason().orElse(null),
                choice.logprobs(),
                toRecords(choice.likeliest()),
                choice.cumulativeLogprob().orElse(null));
    }

    private static Choice choice(io.llamastreams.schema.Choice choice) {
        return new Choice(
                choice.getIndex(),
                choice.getText(),
                choice.getTokenIds(),
                Optional.ofNullable(choice.getFinishReason()),
                choice.getLogprobs(),
                fromRecords(choice.getLikeliest()),
                Optional.ofNullable(choice.getCumulativeLogprob()));
    }

    private static io.llamastreams.schema.PromptScores promptScores(PromptScores scores) {
        return new io.llamastreams.schema.PromptScores(
                scores.tokenIds(), scores.logprobs(), toRecords(scores.likeliest()));
    }

    private static PromptScores promptScores(io.llamastreams.schema.PromptScores scores) {
        return new PromptScores(scores.getTokenIds(), scores.getLogprobs(), fromRecords(scores.getLikeliest()));
    }

    private static ContinuationScore score(Score score) {
        return new ContinuationScore(
                score.text(),
                score.tokenIds(),
                score.logLikelihood(),
                score.greedy(),
                score.probability().orElse(null),
                score.logprobs(),
                toRecords(score.likeliest()));
    }

    private static Score score(ContinuationScore score) {
        return new Score(
                score.getText(),
                score.getTokenIds(),
                score.getLogLikelihood(),
                score.getGreedy(),
                Optional.ofNullable(score.getProbability()),
                score.getLogprobs(),
                fromRecords(score.getLikeliest()));
    }

    private static List<LikeliestTokens> toRecords(List<LikelyTokens> likeliest) {
        return likeliest.stream()
                .map(tokens -> new LikeliestTokens(tokens.tokenIds(), tokens.logprobs()))
                .toList();
    }

    private static List<LikelyTokens> fromRecords(List<LikeliestTokens> likeliest) {
        return likeliest.stream()
                .map(tokens -> new LikelyTokens(tokens.getTokenIds(), tokens.getLogprobs()))
                .toList();
    }
}
