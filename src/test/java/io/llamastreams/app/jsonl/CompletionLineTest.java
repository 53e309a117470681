package io.llamastreams.app.jsonl;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.serving.Generation;
import io.llamastreams.serving.Usage;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CompletionLineTest {
    private static final Generation DONE = new Generation(
            "a",
            Generation.Status.SUCCEEDED,
            " a \"b\"\n\u00e4",
            List.of(5, 6),
            List.of(-0.1f, -2.5e-8f),
            Optional.of("stop"),
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
    void writesARefusal() {
        assertThat(CompletionLine.formatWithIds(Generation.rejected("x", "line 3: no"), Map.of()))
                .isEqualTo("{\"id\":\"x\",\"status\":\"REJECTED\",\"ids\":[],\"text\":\"\",\"finish_reason\":null,"
                        + "\"usage\":{\"prompt_tokens\":0,\"cached_tokens\":0,\"completion_tokens\":0},"
                        + "\"error\":\"line 3: no\"}");
    }
}
