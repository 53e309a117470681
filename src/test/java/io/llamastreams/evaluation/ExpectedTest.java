package io.llamastreams.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class ExpectedTest {
    private static final String TRUTH = "{\"intent\":\"refund\",\"order\":null,\"count\":2}";

    private static Expected expected(String json) {
        try {
            return Expected.of(new ObjectMapper().readTree(json));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static Verdict.OfFields judge(String expected, String answer) {
        return (Verdict.OfFields) expected(expected).judge(Optional.of(answer));
    }

    /**
     * An answer to {@link #TRUTH} and what must be found: {@code j} for valid JSON, {@code a} for all fields right, {@code x} for
     * an exact match, and 1, 2, 3 for the fields that are right.
     */
    private record Case(String answer, String found) {}

    @Test
    void findsWhatIsRightFieldByField() {
        for (Case example : List.of(
                new Case("{\"intent\":\"refund\",\"order\":null,\"count\":2}", "jax123"),
                new Case(" \n{\"intent\":\"refund\",\"order\":null,\"count\":2}\t", "jax123"),
                new Case("{\"count\":2.0,\"order\":null,\"intent\":\"refund\"}", "ja123"),
                new Case("{ \"intent\": \"\\u0072efund\", \"order\": null, \"count\": 20e-1 }", "ja123"),
                new Case("{\"intent\":\"Refund\",\"order\":null,\"count\":2}", "j23"),
                new Case("{\"intent\":\"refund \",\"order\":null,\"count\":2}", "j23"),
                new Case("{\"intent\":\"refund\",\"order\":\"null\",\"count\":2}", "j13"),
                new Case("{\"intent\":\"refund\",\"order\":null,\"count\":\"2\"}", "j12"),
                new Case("{\"intent\":\"refund\",\"order\":null,\"count\":2.01}", "j12"),
                new Case("{\"intent\":\"refund\",\"count\":2}", "j13"),
                new Case("{\"intent\":\"refund\",\"order\":null,\"count\":2,\"more\":null}", "j123"),
                new Case("{\"intent\":\"refund\",\"order\":null,\"Count\":2}", "j12"),
                new Case("{}", "j"),
                new Case("{\"intent\":\"refund\",\"order\":null,\"count\":2", ""),
                new Case("{\"intent\":\"refund\",\"order\":null,\"count\":2}}", ""),
                new Case("{\"intent\":\"refund\",\"order\":null,\"count\":2} {}", ""),
                new Case("{\"intent\":\"refund\",\"order\":null,\"count\":2} Done.", ""),
                new Case("Here: {\"intent\":\"refund\",\"order\":null,\"count\":2}", ""),
                new Case("```json\n{\"intent\":\"refund\",\"order\":null,\"count\":2}\n```", ""),
                new Case("{\"intent\":\"refund\",\"order\":null,\"count\":2,\"count\":2}", ""),
                new Case("{'intent':'refund','order':null,'count':2}", ""),
                new Case("{\"intent\":\"refund\",\"order\":null,\"count\":2,}", ""),
                new Case("{\"intent\":\"refund\",\"order\":null,\"count\":NaN}", ""),
                new Case("[{\"intent\":\"refund\",\"order\":null,\"count\":2}]", ""),
                new Case("null", ""),
                new Case("\"refund\"", ""),
                new Case("[".repeat(100_000), ""),
                new Case("", ""))) {
            Verdict.OfFields verdict = judge(TRUTH, example.answer);
            String found = (verdict.jsonValid() ? "j" : "")
                    + (verdict.allFieldsRight() ? "a" : "")
                    + (verdict.exactMatch() ? "x" : "")
                    + (verdict.fieldsRight().get("intent") ? "1" : "")
                    + (verdict.fieldsRight().get("order") ? "2" : "")
                    + (verdict.fieldsRight().get("count") ? "3" : "");
            assertThat(found).as(example.answer).isEqualTo(example.found);
            assertThat(verdict.isRight()).as(example.answer).isEqualTo(example.found.contains("a"));
            assertThat(verdict.fieldsRight()).containsOnlyKeys("intent", "order", "count");
        }
    }

    @Test
    void comparesNestedValuesAsJsonDoes() {
        Predicate<String> right = answer ->
                judge("{\"a\":{\"x\":[1,{\"y\":2}],\"z\":true}}", answer).allFieldsRight();
        assertThat(right).accepts("{\"a\":{\"z\":true,\"x\":[1.0,{\"y\":2e0}]}}");
        assertThat(right)
                .rejects(
                        "{\"a\":{\"x\":[{\"y\":2},1],\"z\":true}}",
                        "{\"a\":{\"x\":[1,{\"y\":2}],\"z\":true,\"w\":0}}",
                        "{\"a\":{\"x\":[1,{\"y\":2,\"y\":2}],\"z\":true}}",
                        "{\"a\":{\"x\":[1,{\"y\":2}],\"z\":1}}");
    }

    @Test
    void comparesBigNumbersExactlyAndHugeOnesWithoutAnError() {
        assertThat(judge("{\"n\":9007199254740993}", "{\"n\":9007199254740993}").allFieldsRight())
                .isTrue();
        assertThat(judge("{\"n\":9007199254740993}", "{\"n\":9007199254740992}").allFieldsRight())
                .isFalse();
        assertThat(judge("{\"n\":3.14159265358979323846}", "{\"n\":3.14159265358979323846}")
                        .allFieldsRight())
                .isTrue();
        assertThat(judge("{\"n\":1}", "{\"n\":1e999999999}").jsonValid()).isTrue();
        assertThat(judge("{\"n\":1}", "{\"n\":1e999999999}").allFieldsRight()).isFalse();
    }

    @Test
    void noAnswerIsWrongInEveryField() {
        Verdict.OfFields none =
                (Verdict.OfFields) expected("{\"a\":null,\"b\":1}").judge(Optional.empty());
        assertThat(none.jsonValid() || none.allFieldsRight() || none.exactMatch())
                .isFalse();
        assertThat(none.fieldsRight()).isEqualTo(Map.of("a", false, "b", false));
        assertThat(((Verdict.OfFields) expected("{}").judge(Optional.empty())).allFieldsRight())
                .isFalse();
        assertThat(expected("\"\"").judge(Optional.empty()).isRight()).isFalse();
    }

    @Test
    void textsAreEqualButForSpaceAroundThem() {
        assertThat(expected("\"Paris\"").judge(Optional.of(" Paris\n")).isRight())
                .isTrue();
        assertThat(expected("\" Paris\"").judge(Optional.of("Paris")).isRight()).isTrue();
        assertThat(expected("\"Paris\"").judge(Optional.of("paris")).isRight()).isFalse();
        assertThat(expected("\"Paris\"").judge(Optional.of("Paris.")).isRight()).isFalse();
        assertThat(expected("\"{}\"").judge(Optional.of("{}"))).isEqualTo(new Verdict.OfText(true));
    }

    @Test
    void saysWhatCannotBeExpected() {
        assertThatThrownBy(() -> expected("7")).hasMessage("expected an object or a string, found 7");
        assertThatThrownBy(() -> expected("[]")).hasMessage("expected an object or a string, found an array");
        assertThatThrownBy(() -> expected("null")).hasMessage("expected an object or a string, found null");
    }
}
