package io.llamastreams.app.jsonl;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.serving.Answer;
import io.llamastreams.serving.Choice;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.LikelyTokens;
import io.llamastreams.serving.PromptScores;
import io.llamastreams.serving.Score;
import io.llamastreams.serving.Usage;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CompletionLineTest {
    private static final Generation DONE = new Generation(
            "a",
            Generation.Status.SUCCEEDED,
            new Answer.Texts(
                    Choice.only(" a \"b\"\n\u00e4", List.of(5, 6), Optional.of("stop"), List.of(-0.1f, -2.5e-8f))),
            new Usage(3, 1, 2, 10, 20, 30),
            9,
            "");

    @Test
    void writesWhatAConsumerOfTextsWants() {
        assertThat(CompletionLine.format(DONE))
                .isEqualTo(
                        "{\"id\":\"a\",\"status\":\"SUCCEEDED\",\"text\":\" a \\\"b\\\"\\n\u00e4\",\"finish_reason\":\"stop\","
                                + "\"usage\":{\"prompt_tokens\":3,\"cached_tokens\":1,\"completion_tokens\":2}}");
    }

    @Test
    void addsIdsAndLogprobsThatKeepTheirBits() {
        assertThat(CompletionLine.formatWithIds(DONE, Map.of("k", "v", "a", "b")))
                .isEqualTo("{\"id\":\"a\",\"status\":\"SUCCEEDED\",\"ids\":[5,6],\"text\":\" a \\\"b\\\"\\n\u00e4\","
                        + "\"finish_reason\":\"stop\",\"logprobs\":[-0.1,-2.5E-8],"
                        + "\"usage\":{\"prompt_tokens\":3,\"cached_tokens\":1,\"completion_tokens\":2},"
                        + "\"attributes\":{\"a\":\"b\",\"k\":\"v\"}}");
        assertThat(CompletionLine.formatWithIds(DONE, Map.of())).doesNotContain("attributes");
    }

    @Test
    void writesSeveralTextsBesideTheFirst() {
        List<LikelyTokens> likeliest = List.of(new LikelyTokens(List.of(6, 2), List.of(-0.5f, -1f)));
        PromptScores prompt = new PromptScores(List.of(1, 4), List.of(-2f), likeliest);
        Answer answer = new Answer.Texts(
                List.of(
                        new Choice(
                                0, "a", List.of(6), Optional.of("stop"), List.of(-0.5f), likeliest, Optional.of(-0.5)),
                        new Choice(1, "", List.of(), Optional.of("expired"), List.of(), List.of(), Optional.of(0.0))),
                Optional.of(prompt));
        assertThat(line(answer))
                .isEqualTo(
                        "\"ids\":[6],\"text\":\"a\",\"finish_reason\":\"stop\",\"logprobs\":[-0.5],"
                                + "\"top_logprobs\":[{\"ids\":[6,2],\"logprobs\":[-0.5,-1.0]}],"
                                + "\"prompt_ids\":[1,4],\"prompt_logprobs\":[null,-2.0],"
                                + "\"prompt_top_logprobs\":[null,{\"ids\":[6,2],\"logprobs\":[-0.5,-1.0]}],"
                                + "\"choices\":[{\"index\":0,\"ids\":[6],\"text\":\"a\",\"finish_reason\":\"stop\","
                                + "\"logprobs\":[-0.5],\"top_logprobs\":[{\"ids\":[6,2],\"logprobs\":[-0.5,-1.0]}],"
                                + "\"cumulative_logprob\":-0.5},"
                                + "{\"index\":1,\"ids\":[],\"text\":\"\",\"finish_reason\":\"expired\",\"cumulative_logprob\":0.0}]");
    }

    @Test
    void writesScoresAndEmbeddings() {
        Answer scores = new Answer.Scores(
                List.of(
                        new Score("a", List.of(6), -0.5, true, Optional.of(0.75), List.of(-0.5f), List.of()),
                        new Score("b", List.of(7, 8), -2.5, false, Optional.of(0.25), List.of(), List.of())),
                Optional.of("a"));
        assertThat(line(scores))
                .isEqualTo(
                        "\"ids\":[],\"text\":\"\",\"finish_reason\":null,\"label\":\"a\",\"scores\":["
                                + "{\"text\":\"a\",\"log_likelihood\":-0.5,\"tokens\":1,\"greedy\":true,\"probability\":0.75,"
                                + "\"ids\":[6],\"logprobs\":[-0.5]},"
                                + "{\"text\":\"b\",\"log_likelihood\":-2.5,\"tokens\":2,\"greedy\":false,\"probability\":0.25}]");
        assertThat(line(new Answer.Embedding(List.of(0.5f, -1.5e-9f))))
                .isEqualTo("\"ids\":[],\"text\":\"\",\"finish_reason\":null,\"embedding\":[0.5,-1.5E-9]");
    }

    /** What stands between status and usage. */
    private static String line(Answer answer) {
        String line = CompletionLine.formatWithIds(
                new Generation("a", Generation.Status.SUCCEEDED, answer, Usage.NONE, 0, ""), Map.of());
        return line.substring(line.indexOf("\"ids\""), line.indexOf(",\"usage\""));
    }

    @Test
    void writesARefusal() {
        assertThat(CompletionLine.formatWithIds(Generation.rejected("x", "line 3: no"), Map.of()))
                .isEqualTo("{\"id\":\"x\",\"status\":\"REJECTED\",\"ids\":[],\"text\":\"\",\"finish_reason\":null,"
                        + "\"usage\":{\"prompt_tokens\":0,\"cached_tokens\":0,\"completion_tokens\":0},"
                        + "\"error\":\"line 3: no\"}");
    }
}
