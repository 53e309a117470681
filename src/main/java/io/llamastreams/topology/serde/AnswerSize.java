package io.llamastreams.topology.serde;

import io.llamastreams.serving.Answer;
import io.llamastreams.serving.Choice;
import io.llamastreams.serving.LikelyTokens;
import io.llamastreams.serving.PromptScores;
import io.llamastreams.serving.Score;
import java.util.List;

/** How many bytes an answer takes in a completion record, at most. Stateless. */
public final class AnswerSize {
    /** A character of a string is at most so many bytes of UTF-8. */
    private static final long CHARACTER = 3;

    /** Token ids and lengths are written in 7 bits a byte. */
    private static final long INTEGER = 5;

    private static final long FLOAT = 4;

    /** Whatever else stands in a choice, a score or an embedding: lengths, sums, the reason of its end. */
    private static final long OTHERS = 64;

    private AnswerSize() {}

    public static long bytes(Answer answer) {
        return switch (answer) {
            case Answer.Nothing nothing -> 0;
            case Answer.Texts texts ->
                texts.choices().stream().mapToLong(AnswerSize::bytes).sum()
                        + texts.prompt().map(AnswerSize::bytes).orElse(0L);
            case Answer.Scores scores ->
                scores.scores().stream().mapToLong(AnswerSize::bytes).sum()
                        + CHARACTER * scores.label().orElse("").length();
            case Answer.Embedding embedding ->
                OTHERS + FLOAT * embedding.values().size();
        };
    }

    private static long bytes(Choice choice) {
        return OTHERS
                + CHARACTER * choice.text().length()
                + INTEGER * choice.tokenIds().size()
                + FLOAT * choice.logprobs().size()
                + bytes(choice.likeliest());
    }

    private static long bytes(PromptScores scores) {
        return OTHERS
                + INTEGER * scores.tokenIds().size()
                + FLOAT * scores.logprobs().size()
                + bytes(scores.likeliest());
    }

    private static long bytes(Score score) {
        return OTHERS
                + CHARACTER * score.text().length()
                + INTEGER * score.tokenIds().size()
                + FLOAT * score.logprobs().size()
                + bytes(score.likeliest());
    }

    private static long bytes(List<LikelyTokens> places) {
        long bytes = 0;
        for (LikelyTokens place : places) {
            bytes += 4 * INTEGER + (INTEGER + FLOAT) * place.tokenIds().size();
        }
        return bytes;
    }
}
