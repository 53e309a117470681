package io.llamastreams.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AccuracyCounterTest {
    private final AccuracyCounter counter = new AccuracyCounter();

    private void add(String expected, String answer) throws JsonProcessingException {
        counter.add(Expected.of(new ObjectMapper().readTree(expected)).judge(Optional.ofNullable(answer)));
    }

    @Test
    void countsEveryPromptInTheWhole() throws JsonProcessingException {
        add("{\"a\":1,\"b\":\"x\"}", "{\"a\":1,\"b\":\"x\"}");
        add("{\"a\":1,\"b\":\"x\"}", "{\"b\":\"x\",\"a\":1}");
        add("{\"a\":1,\"b\":\"x\"}", "{\"a\":1,\"b\":\"y\"}");
        add("{\"a\":1,\"b\":\"x\"}", "{\"a\":1,\"b\":\"x\",\"c\":0}");
        add("{\"a\":1,\"b\":\"x\"}", "{\"a\":1,");
        add("{\"a\":1,\"b\":\"x\"}", null);
        Accuracy accuracy = counter.accuracy();
        assertThat(accuracy.answers()).isEqualTo(6);
        assertThat(accuracy.exactMatch()).isEqualTo(new Proportion(1, 6));
        assertThat(accuracy.jsonValid()).isEqualTo(new Proportion(4, 6));
        assertThat(accuracy.allFieldsRight()).isEqualTo(new Proportion(2, 6));
        assertThat(accuracy.fields())
                .containsExactly(Map.entry("a", new Proportion(4, 6)), Map.entry("b", new Proportion(3, 6)));
        assertThat(accuracy.fields().get("b").fraction()).isEqualTo(0.5);
    }

    @Test
    void aFieldCountsWhereItIsExpectedAndTextsHaveNone() throws JsonProcessingException {
        add("\"yes\"", "yes");
        assertThat(counter.accuracy().hasFields()).isFalse();
        add("{\"a\":1}", "{\"a\":1}");
        add("{\"b\":1}", "{\"b\":2}");
        Accuracy accuracy = counter.accuracy();
        assertThat(accuracy.hasFields()).isTrue();
        assertThat(accuracy.answers()).isEqualTo(3);
        assertThat(accuracy.exactMatch()).isEqualTo(new Proportion(2, 3));
        assertThat(accuracy.jsonValid()).isEqualTo(new Proportion(2, 2));
        assertThat(accuracy.allFieldsRight()).isEqualTo(new Proportion(1, 2));
        assertThat(accuracy.fields()).isEqualTo(Map.of("a", new Proportion(1, 1), "b", new Proportion(0, 1)));
    }
}
