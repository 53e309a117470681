package io.llamastreams.app.jsonl;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.llamastreams.serving.GenerationOptions;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.PromptInput;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RequestParserTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.ofEpochMilli(1_000_000));

    private final List<String> warnings = new ArrayList<>();
    private final RequestParser parser = new RequestParser(CLOCK, warnings::add);

    private Prompt accepted(String line) {
        RequestLine parsed = parser.parse(line, 7);
        assertThat(parsed).isInstanceOf(RequestLine.Accepted.class);
        return ((RequestLine.Accepted) parsed).prompt();
    }

    private RequestLine.Refused refused(String line) {
        RequestLine parsed = parser.parse(line, 7);
        assertThat(parsed).as(line).isInstanceOf(RequestLine.Refused.class);
        return (RequestLine.Refused) parsed;
    }

    @Test
    void fillsInTheDefaults() {
        Prompt prompt = accepted("{\"id\":\"a\",\"prompt\":\"Once\"}");
        assertThat(prompt).isEqualTo(Prompt.ofText("a", "Once", GenerationOptions.DEFAULT));
        assertThat(warnings).isEmpty();
    }

    @Test
    void readsEveryField() {
        Prompt prompt = accepted("""
                {"id":"a","prompt_ids":[1,2,3],"max_new_tokens":5,"temperature":0.5,"top_p":0.9,"top_k":40,"min_p":0.1,
                 "seed":-9223372036854775808,"n":1,"stop":["x","yy"],"stop_token_ids":[13],"ignore_eos":true,"logprobs":1,
                 "priority":-2,"deadline_ms":500,"tenant":"t","batch_id":"b","attributes":{"k":"v","n":1.5,"b":true,"z":null}}
                """);
        assertThat(prompt)
                .isEqualTo(new Prompt(
                        "a",
                        new PromptInput.Tokens(List.of(1, 2, 3)),
                        new GenerationOptions(
                                5,
                                0.5,
                                40,
                                0.9,
                                0.1,
                                Optional.of(Long.MIN_VALUE),
                                List.of("x", "yy"),
                                List.of(13),
                                true,
                                true),
                        -2,
                        Optional.of(1_000_500L),
                        "t",
                        "b",
                        Map.of("k", "v", "n", "1.5", "b", "true")));
        assertThat(warnings).isEmpty();
    }

    @Test
    void readsMessages() {
        Prompt prompt = accepted("""
                {"id":"a","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"}],"stop":"."}
                """);
        assertThat(prompt.input())
                .isEqualTo(new PromptInput.Messages(List.of(
                        new PromptInput.Message("system", "Be brief."), new PromptInput.Message("user", "Hi"))));
        assertThat(prompt.options().stop()).containsExactly(".");
    }

    @Test
    void takesWholeNumbersThatAreWrittenWithAPoint() {
        assertThat(accepted("{\"id\":\"a\",\"prompt\":\"\",\"max_new_tokens\":5.0}")
                        .options()
                        .maxNewTokens())
                .isEqualTo(5);
    }

    @Test
    void letsThroughWhatOnlyTheEngineCanJudge() {
        GenerationOptions options = accepted(
                        "{\"id\":\"a\",\"prompt\":\"\",\"max_new_tokens\":0,\"temperature\":NaN,\"top_p\":-Infinity}")
                .options();
        assertThat(options.maxNewTokens()).isZero();
        assertThat(options.temperature()).isNaN();
        assertThat(options.topP()).isEqualTo(Double.NEGATIVE_INFINITY);
    }

    @Test
    void treatsNullAsAbsent() {
        assertThat(accepted("{\"id\":\"a\",\"prompt\":\"p\",\"messages\":null,\"seed\":null,\"json_schema\":null}"))
                .isEqualTo(Prompt.ofText("a", "p", GenerationOptions.DEFAULT));
    }

    @Test
    void cutsADeadlineThatIsBeyondAllTime() {
        assertThat(accepted("{\"id\":\"a\",\"prompt\":\"p\",\"deadline_ms\":9223372036854775807}")
                        .deadlineMillis())
                .contains(Long.MAX_VALUE);
    }

    @Test
    void namesLineAndFieldOfAWrongType() {
        Map<String, String> cases = Map.ofEntries(
                Map.entry("\"prompt\":5", "line 7: prompt: expected a string, found 5"),
                Map.entry(
                        "\"prompt\":\"\",\"temperature\":\"hot\"",
                        "temperature: expected a number, found the string \"hot\""),
                Map.entry("\"prompt\":\"\",\"max_new_tokens\":1.5", "max_new_tokens: expected an integer, found 1.5"),
                Map.entry("\"prompt\":\"\",\"max_new_tokens\":NaN", "max_new_tokens: expected an integer, found NaN"),
                Map.entry(
                        "\"prompt\":\"\",\"max_new_tokens\":10000000000",
                        "max_new_tokens: expected an integer from -2147483648 to 2147483647, found 10000000000"),
                Map.entry(
                        "\"prompt\":\"\",\"seed\":1e30",
                        "seed: expected an integer from -9223372036854775808 to 9223372036854775807, found 1.0E30"),
                Map.entry("\"prompt\":\"\",\"stop\":[1]", "stop[0]: expected a string, found 1"),
                Map.entry(
                        "\"prompt\":\"\",\"stop\":{}",
                        "stop: expected a string or an array of strings, found an object"),
                Map.entry("\"prompt_ids\":[1,\"2\"]", "prompt_ids[1]: expected an integer, found the string \"2\""),
                Map.entry("\"messages\":[\"hi\"]", "messages[0]: expected an object, found the string \"hi\""),
                Map.entry("\"messages\":[{\"role\":\"user\"}]", "messages: content: expected a string, found nothing"),
                Map.entry(
                        "\"prompt\":\"\",\"logprobs\":\"yes\"",
                        "logprobs: expected true, false, 0 or 1, found the string \"yes\""),
                Map.entry("\"prompt\":\"\",\"ignore_eos\":1", "ignore_eos: expected true or false, found 1"),
                Map.entry("\"prompt\":\"\",\"tenant\":[]", "tenant: expected a string, found an array"),
                Map.entry(
                        "\"prompt\":\"\",\"attributes\":{\"a\":[]}",
                        "attributes.a: expected a string, a number or a boolean, found an array"),
                Map.entry("\"max_new_tokens\":3", "expected one of prompt, messages and prompt_ids, found none"),
                Map.entry(
                        "\"prompt\":\"\",\"prompt_ids\":[1]",
                        "expected one of prompt, messages and prompt_ids, found prompt and prompt_ids"));
        cases.forEach((fields, reason) -> {
            RequestLine.Refused refused = refused("{\"id\":\"a\"," + fields + "}");
            assertThat(refused.id()).isEqualTo("a");
            assertThat(refused.reason()).startsWith("line 7: ").endsWith(reason);
        });
    }

    @Test
    void refusesWhatIsNotSupportedYetInsteadOfIgnoringIt() {
        for (String field :
                List.of("\"json_schema\":{}", "\"regex\":\"a+\"", "\"choice\":[\"a\"]", "\"grammar\":\"x\"")) {
            assertThat(refused("{\"id\":\"a\",\"prompt\":\"\"," + field + "}").reason())
                    .endsWith(": not supported yet");
        }
        assertThat(refused("{\"id\":\"a\",\"prompt\":\"\",\"n\":2}").reason())
                .isEqualTo("line 7: n: only 1 is supported yet, found 2");
        assertThat(refused("{\"id\":\"a\",\"prompt\":\"\",\"logprobs\":5}").reason())
                .contains("expected true, false, 0 or 1, found 5");
    }

    @Test
    void namesALineAfterItsNumberWhereItHasNoName() {
        for (String line : List.of(
                "",
                "nonsense",
                "{",
                "[]",
                "3",
                "{\"prompt\":\"x\"}",
                "{\"id\":5,\"prompt\":\"x\"}",
                "{\"id\":\"a\",\"prompt\":\"x\"} trailing")) {
            assertThat(refused(line).id()).isEqualTo("line-7");
            assertThat(refused(line).reason()).startsWith("line 7: ");
        }
        assertThat(refused("{\"id\":\"a\",\"prompt\":\"x\"").reason())
                .contains("not JSON")
                .contains("column");
    }

    @Test
    void survivesDeepNesting() {
        assertThat(refused("[".repeat(100_000)).reason()).contains("not JSON");
    }

    @Test
    void warnsOnceOfEachUnknownField() {
        accepted("{\"id\":\"a\",\"prompt\":\"\",\"max_tokens\":3,\"colour\":{\"x\":1}}");
        accepted("{\"id\":\"b\",\"prompt\":\"\",\"max_tokens\":3}");
        assertThat(warnings)
                .containsExactly(
                        "line 7: unknown field \"max_tokens\" is ignored, here and in all further lines;"
                                + " here it is called \"max_new_tokens\"",
                        "line 7: unknown field \"colour\" is ignored, here and in all further lines");
    }

    @Test
    void handsOnWhatIsExpectedAlsoOfALineThatIsRefused() throws JsonProcessingException {
        JsonNode truth = Json.read("{\"a\":null}");
        RequestLine good = parser.parse("{\"id\":\"a\",\"prompt\":\"x\",\"expected\":{\"a\":null}}", 7);
        assertThat(good).isInstanceOf(RequestLine.Accepted.class);
        assertThat(good.expected()).contains(truth);
        assertThat(refused("{\"expected\":{\"a\":null},\"id\":\"a\",\"prompt\":1}")
                        .expected())
                .contains(truth);
        assertThat(refused("{\"id\":1,\"prompt\":\"x\",\"expected\":{\"a\":null}}")
                        .expected())
                .contains(truth);
        assertThat(refused("{").expected()).isEmpty();
        assertThat(parser.parse("{\"id\":\"a\",\"prompt\":\"x\",\"expected\":null}", 7)
                        .expected())
                .isEmpty();
        assertThat(accepted("{\"id\":\"a\",\"prompt\":\"x\",\"expected\":[7]}"))
                .isEqualTo(accepted("{\"id\":\"a\",\"prompt\":\"x\"}"));
        assertThat(warnings).isEmpty();
    }
}
