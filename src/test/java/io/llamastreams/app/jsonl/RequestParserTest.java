package io.llamastreams.app.jsonl;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.PromptInput;
import io.llamastreams.serving.options.EndingOptions;
import io.llamastreams.serving.options.GenerationOptions;
import io.llamastreams.serving.options.PenaltyOptions;
import io.llamastreams.serving.options.ReportOptions;
import io.llamastreams.serving.options.SampleOptions;
import io.llamastreams.serving.options.SamplingOptions;
import io.llamastreams.serving.options.Structure;
import io.llamastreams.serving.options.Task;
import io.llamastreams.serving.options.TokenOptions;
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
                 "typical_p":0.8,"repetition_penalty":1.2,"presence_penalty":0.3,"frequency_penalty":-0.4,
                 "logit_bias":{"13":-5,"7":2.5},"bad_words":["x"],"allowed_token_ids":[4,5],
                 "seed":-9223372036854775808,"n":2,"best_of":4,"min_tokens":3,"stop":["x","yy"],"stop_token_ids":[13],
                 "ignore_eos":true,"repetition_detection":{"max_pattern_tokens":8,"repetitions":3},"logprobs":1,
                 "prompt_logprobs":true,"json_schema":{"type":"object"},"priority":-2,"deadline_ms":500,"tenant":"t",
                 "batch_id":"b","attributes":{"k":"v","n":1.5,"b":true,"z":null}}
                """);
        assertThat(prompt)
                .isEqualTo(new Prompt(
                        "a",
                        new PromptInput.Tokens(List.of(1, 2, 3)),
                        new GenerationOptions(
                                new Task.Generate(),
                                new SampleOptions(2, Optional.of(4)),
                                new SamplingOptions(
                                        0.5,
                                        40,
                                        0.9,
                                        0.1,
                                        0.8,
                                        new PenaltyOptions(1.2, 0.3, -0.4),
                                        new TokenOptions(Map.of(13, -5.0, 7, 2.5), List.of("x"), List.of(4, 5)),
                                        Optional.of(Long.MIN_VALUE)),
                                new EndingOptions(
                                        5,
                                        3,
                                        List.of("x", "yy"),
                                        List.of(13),
                                        true,
                                        Optional.of(new EndingOptions.Repetition(8, 3))),
                                new ReportOptions(Optional.of(1), Optional.of(0)),
                                Optional.of(new Structure.JsonSchema("{\"type\":\"object\"}"))),
                        -2,
                        Optional.of(1_000_500L),
                        "t",
                        "b",
                        Map.of("k", "v", "n", "1.5", "b", "true")));
        assertThat(warnings).isEmpty();
    }

    @Test
    void readsEachStructureAndTask() {
        assertThat(structure("\"json_schema\":\"{}\"")).isEqualTo(new Structure.JsonSchema("{}"));
        assertThat(structure("\"json_object\":true")).isEqualTo(new Structure.JsonObject());
        assertThat(structure("\"regex\":\"a+\"")).isEqualTo(new Structure.Regex("a+"));
        assertThat(structure("\"choice\":[\"a\",\"b\"]")).isEqualTo(new Structure.Choice(List.of("a", "b")));
        assertThat(structure("\"grammar\":\"root ::= [a]\"")).isEqualTo(new Structure.Grammar("root ::= [a]"));
        assertThat(options("\"json_object\":false").structure()).isEmpty();
        assertThat(options("\"label\":[\"a\",\"b\"]").task()).isEqualTo(new Task.Label(List.of("a", "b")));
        assertThat(options("\"continuations\":[\"a\"]").task()).isEqualTo(new Task.Continuations(List.of("a")));
        assertThat(options("\"embed\":true").task()).isEqualTo(new Task.Embed());
        assertThat(options("\"embed\":false").task()).isEqualTo(new Task.Generate());
    }

    private Structure structure(String fields) {
        return options(fields).structure().orElseThrow();
    }

    private GenerationOptions options(String fields) {
        return accepted("{\"id\":\"a\",\"prompt\":\"x\"," + fields + "}").options();
    }

    @Test
    void readsLogprobsAsASwitchOrANumber() {
        assertThat(options("\"logprobs\":true").report().logprobs()).contains(0);
        assertThat(options("\"logprobs\":false").report().logprobs()).isEmpty();
        assertThat(options("\"logprobs\":0").report().logprobs()).contains(0);
        assertThat(options("\"logprobs\":5").report().logprobs()).contains(5);
        assertThat(options("\"logprobs\":true,\"top_logprobs\":3").report().logprobs())
                .contains(3);
        assertThat(options("\"top_logprobs\":3").report().logprobs()).contains(3);
        assertThat(options("\"logprobs\":false,\"top_logprobs\":3").report().logprobs())
                .isEmpty();
    }

    @Test
    void readsMessages() {
        Prompt prompt = accepted("""
                {"id":"a","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"}],"stop":"."}
                """);
        assertThat(prompt.input())
                .isEqualTo(new PromptInput.Messages(List.of(
                        new PromptInput.Message("system", "Be brief."), new PromptInput.Message("user", "Hi"))));
        assertThat(prompt.options().ending().stop()).containsExactly(".");
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
        assertThat(options.sampling().temperature()).isNaN();
        assertThat(options.sampling().topP()).isEqualTo(Double.NEGATIVE_INFINITY);
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
                        "logprobs: expected true, false or a number, found the string \"yes\""),
                Map.entry(
                        "\"prompt\":\"\",\"logit_bias\":{\"x\":1}",
                        "logit_bias: expected token ids as keys, found \"x\""),
                Map.entry(
                        "\"prompt\":\"\",\"logit_bias\":{\"5\":\"1\"}",
                        "logit_bias.5: expected a number, found the string \"1\""),
                Map.entry("\"prompt\":\"\",\"logit_bias\":[]", "logit_bias: expected an object, found an array"),
                Map.entry(
                        "\"prompt\":\"\",\"allowed_token_ids\":[]",
                        "allowed_token_ids: expected at least one token id, found none"),
                Map.entry(
                        "\"prompt\":\"\",\"repetition_detection\":{\"repetitions\":3}",
                        "repetition_detection.max_pattern_tokens: expected an integer, found nothing"),
                Map.entry("\"prompt\":\"\",\"json_schema\":3", "json_schema: expected an object or a string, found 3"),
                Map.entry(
                        "\"prompt\":\"\",\"choice\":\"a\"",
                        "choice: expected an array of strings, found the string \"a\""),
                Map.entry("\"prompt\":\"\",\"json_object\":1", "json_object: expected true or false, found 1"),
                Map.entry(
                        "\"prompt\":\"\",\"regex\":\"a\",\"choice\":[\"a\"]",
                        "expected at most one of json_schema, json_object, regex, choice, grammar, found regex and choice"),
                Map.entry(
                        "\"prompt\":\"\",\"embed\":true,\"label\":[\"a\"]",
                        "expected at most one of label, continuations, embed, found label and embed"),
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
