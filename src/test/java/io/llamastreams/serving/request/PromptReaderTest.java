package io.llamastreams.serving.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.engine.request.EngineLimits;
import io.llamastreams.engine.request.GenerationRequest;
import io.llamastreams.engine.request.Penalties;
import io.llamastreams.engine.request.RepetitionLimit;
import io.llamastreams.engine.request.Report;
import io.llamastreams.engine.request.SamplingParams;
import io.llamastreams.engine.request.SchedulingParams;
import io.llamastreams.engine.request.TokenRules;
import io.llamastreams.serving.LetterVocabulary;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.PromptInput;
import io.llamastreams.serving.chat.ChatForm;
import io.llamastreams.serving.options.EndingOptions;
import io.llamastreams.serving.options.GenerationOptions;
import io.llamastreams.serving.options.PenaltyOptions;
import io.llamastreams.serving.options.ReportOptions;
import io.llamastreams.serving.options.SampleOptions;
import io.llamastreams.serving.options.SamplingOptions;
import io.llamastreams.serving.options.Structure;
import io.llamastreams.serving.options.Task;
import io.llamastreams.serving.options.TokenOptions;
import io.llamastreams.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class PromptReaderTest {
    private static final int CONTEXT = 64;
    private static final long SEED_OF_REQUEST_1 = 7_601_940_222_487_421L;
    private static final EngineLimits LIMITS = new EngineLimits(4, 64, 8, 200);
    private static final Tokenizer TOKENIZER = LetterVocabulary.tokenizer();

    private final PromptReader reader = new PromptReader(TOKENIZER, CONTEXT, LIMITS, ChatForm.with(TOKENIZER));

    @Test
    void putsBosBeforeTextAndNothingBeforeTokens() {
        assertThat(ready(text("abc")).promptIds())
                .containsExactly(1, LetterVocabulary.SPACE, id('a'), id('b'), id('c'));
        assertThat(ready(text("")).promptIds()).containsExactly(1);
        assertThat(ready(Prompt.ofTokens("x", List.of(5, 6), GenerationOptions.DEFAULT))
                        .promptIds())
                .containsExactly(5, 6);
    }

    @Test
    void addsEosToTheStopTokensUnlessItIsToBeIgnored() {
        assertThat(ready(with(o -> stopIds(o, List.of(7, 2, 7), false)))
                        .ending()
                        .stopTokenIds())
                .containsExactly(7, 2);
        assertThat(ready(with(o -> stopIds(o, List.of(), false))).ending().stopTokenIds())
                .containsExactly(2);
        assertThat(ready(with(o -> stopIds(o, List.of(7), true))).ending().stopTokenIds())
                .containsExactly(7);
    }

    @Test
    void derivesTheSeedFromTheIdAlone() {
        long seed = ready(text("a")).sampling().seed();
        assertThat(seed).isEqualTo(ready(text("b")).sampling().seed()).isEqualTo(Prompt.seedOf("x"));
        assertThat(Prompt.seedOf("x")).isNotEqualTo(Prompt.seedOf("y"));
        assertThat(Prompt.seedOf("request-1")).isBetween(0L, (1L << 53) - 1);
        // texts of a version must come out again in the next
        assertThat(Prompt.seedOf("request-1")).isEqualTo(7601940222487421L);
        // Written down so that a change of the hash, which would change texts, does not go unnoticed.
        assertThat(Prompt.seedOf("request-1")).isEqualTo(SEED_OF_REQUEST_1);
        assertThat(ready(with(o -> o.withSeed(-5))).sampling().seed()).isEqualTo(-5);
    }

    @Test
    void takesTinyTemperaturesForGreedyAndTinyTopPForTheMostLikelyToken() {
        assertThat(ready(with(o -> temperature(o, 1e-40))).sampling().isGreedy())
                .isTrue();
        assertThat(ready(with(o -> temperature(o, -0.0))).sampling().isGreedy()).isTrue();
        SamplingParams tiny = ready(with(o -> topP(o, 1e-300))).sampling();
        assertThat(tiny.topP()).isPositive();
    }

    @Test
    void refusesOptionsOutOfRangeByName() {
        assertRefused(with(o -> o.withMaxNewTokens(0)), "max_new_tokens: expected at least 1, found 0");
        assertRefused(
                with(o -> temperature(o, Double.NaN)), "temperature: expected a number from 0 to 100000, found NaN");
        assertRefused(with(o -> temperature(o, -1)), "temperature: expected a number from 0 to 100000, found -1.0");
        assertRefused(
                with(o -> temperature(o, Double.POSITIVE_INFINITY)),
                "temperature: expected a number from 0 to 100000, found Infinity");
        assertRefused(with(o -> topP(o, 0)), "top_p: expected a number above 0, found 0.0");
        assertRefused(with(o -> topP(o, 1.5)), "top_p: expected a number from 0 to 1, found 1.5");
        assertRefused(with(o -> topP(o, Double.NaN)), "top_p: expected a number from 0 to 1, found NaN");
        assertRefused(with(o -> minP(o, Double.NaN)), "min_p: expected a number from 0 to 1, found NaN");
        assertRefused(with(o -> topK(o, -1)), "top_k: expected at least 0, found -1");
        assertRefused(with(o -> o.withStop(List.of("a", ""))), "stop[1]: expected text, found none");
        assertRefused(
                with(o -> o.withStop(List.of("\uD83D"))),
                "stop[0]: expected whole characters, found half a surrogate pair");
        assertRefused(
                with(o -> o.withStop(List.of("a".repeat(1025)))),
                "stop[0]: expected at most 1024 characters, found 1025");
        assertRefused(with(o -> o.withStop(Collections.nCopies(65, "a"))), "stop: expected at most 64, found 65");
        assertRefused(
                with(o -> stopIds(o, List.of(2, 9999), false)),
                "stop_token_ids[1]: expected a token id from 0 to 285, found 9999");
        assertRefused(
                with(o -> stopIds(o, Collections.nCopies(257, 1), false)),
                "stop_token_ids: expected at most 256, found 257");
    }

    @Test
    void handsEveryOptionToTheEngine() {
        GenerationOptions options = new GenerationOptions(
                new Task.Generate(),
                new SampleOptions(2, Optional.of(5)),
                new SamplingOptions(
                        0.5,
                        40,
                        0.9,
                        0.05,
                        0.8,
                        new PenaltyOptions(1.5, 0.25, -0.5),
                        new TokenOptions(Map.of(7, -2.5), List.of(" ab"), List.of(5, 6, 5)),
                        Optional.of(9L)),
                new EndingOptions(
                        30, 3, List.of("x"), List.of(4), false, Optional.of(new EndingOptions.Repetition(8, 3))),
                new ReportOptions(Optional.of(4), Optional.of(2)),
                Optional.empty());
        Prompt prompt = new Prompt("x", new PromptInput.Text("a"), options, -3, Optional.of(1L), "acme", "b", Map.of());
        GenerationRequest request = ready(prompt);
        List<Integer> inside = List.of(id('a'), id('b'));
        List<Integer> behindASpace = List.of(LetterVocabulary.SPACE, id('a'), id('b'));
        assertThat(request.sampling())
                .isEqualTo(new SamplingParams(
                        0.5f,
                        40,
                        0.9f,
                        0.05f,
                        0.8f,
                        new Penalties(1.5f, 0.25f, -0.5f),
                        new TokenRules(Map.of(7, -2.5f), List.of(behindASpace, inside), List.of(5, 6), 3),
                        9));
        assertThat(request.samples()).isEqualTo(5);
        assertThat(request.ending().maxNewTokens()).isEqualTo(30);
        assertThat(request.ending().stopTokenIds()).containsExactly(4, 2);
        assertThat(request.ending().repetition()).isEqualTo(new RepetitionLimit(8, 3));
        assertThat(request.report()).isEqualTo(new Report(4, 2, 1, false));
        assertThat(request.scheduling()).isEqualTo(new SchedulingParams(-3, "acme", SchedulingParams.NO_DEADLINE));
        assertThat(request.controls().apply(0).watcher())
                .isNotSameAs(request.controls().apply(1).watcher());
    }

    @Test
    void asksForLogprobsWhereTextsAreRanked() {
        assertThat(ready(with(o -> samples(o, 2, Optional.empty()))).report()).isEqualTo(Report.TOKENS);
        assertThat(ready(with(o -> samples(o, 1, Optional.of(2)))).report()).isEqualTo(Report.withLogprobs(0));
    }

    @Test
    void scoresEachContinuationBehindThePrompt() {
        Prompt prompt =
                with(o -> o.withTask(new Task.Continuations(List.of(" b", "c"))).withLogprobs(3));
        PromptReader.Reading.Ready ready = (PromptReader.Reading.Ready) reader.read(prompt);
        assertThat(ready.requests()).hasSize(2).allSatisfy(request -> {
            assertThat(request.maxNewTokens()).isZero();
            assertThat(request.report()).isEqualTo(new Report(Report.NONE, 3, 3, false));
        });
        assertThat(ready.requests().get(0).promptIds())
                .containsExactly(1, LetterVocabulary.SPACE, id('a'), LetterVocabulary.SPACE, id('b'));
        assertThat(ready.requests().get(1).promptIds()).containsExactly(1, LetterVocabulary.SPACE, id('a'), id('c'));
        assertThat(ready.builder().promptTokens()).isEqualTo(9);
    }

    @Test
    void putsContinuationsOfTokensBehindThemAsTheyAre() {
        GenerationOptions options = GenerationOptions.DEFAULT.withTask(new Task.Label(List.of("b", " c")));
        PromptReader.Reading.Ready ready =
                (PromptReader.Reading.Ready) reader.read(Prompt.ofTokens("x", List.of(1, 5), options));
        assertThat(ready.requests().get(0).promptIds()).containsExactly(1, 5, id('b'));
        assertThat(ready.requests().get(1).promptIds()).containsExactly(1, 5, LetterVocabulary.SPACE, id('c'));
    }

    @Test
    void embedsThePrompt() {
        GenerationRequest request = ready(with(o -> o.withTask(new Task.Embed())));
        assertThat(request.report()).isEqualTo(new Report(Report.NONE, Report.NONE, 1, true));
        assertThat(request.maxNewTokens()).isZero();
        assertThat(request.promptIds()).containsExactly(1, LetterVocabulary.SPACE, id('a'));
    }

    @Test
    void refusesScoringThatTheEngineCouldNeverLetIn() {
        assertRefused(
                with(o -> o.withTask(new Task.Continuations(Collections.nCopies(9, "b")))),
                "continuations: expected at most 8, as many requests as the engine takes in, found 9");
        assertRefused(
                with(o -> o.withTask(new Task.Continuations(List.of("b", "c".repeat(62))))),
                "continuations[1]: expected at most 64 tokens with the prompt, found 65");
        assertRefused(
                with(o -> o.withTask(new Task.Continuations(Collections.nCopies(4, "c".repeat(50))))),
                "continuations: expected at most 200 tokens, the prompt's with each counted, found 212");
    }

    @Test
    void refusesTasksThatCannotBe() {
        assertRefused(
                with(o -> o.withTask(new Task.Label(List.of("a")))),
                "label: expected at least 2 answers to compare, found 1");
        assertRefused(
                with(o -> o.withTask(new Task.Label(List.of("a", "b", "a")))),
                "label[2]: expected another answer than label[0], found the same");
        assertRefused(with(o -> o.withTask(new Task.Label(List.of("a", "")))), "label[1]: expected text, found none");
        assertRefused(
                with(o -> o.withTask(new Task.Continuations(List.of()))),
                "continuations: expected at least one, found none");
        assertRefused(
                with(o -> samples(o, 2, Optional.empty()).withTask(new Task.Embed())),
                "embed: expected no n and best_of beside it, found one");
        assertRefused(
                with(o -> o.withStructure(new Structure.JsonObject()).withTask(new Task.Label(List.of("a", "b")))),
                "label: expected no structure of a text beside it, found one");
    }

    @Test
    void refusesNewOptionsOutOfRangeByName() {
        assertRefused(
                with(o -> o.withSampling(o.sampling().withTypicalP(0))),
                "typical_p: expected a number above 0, found 0.0");
        assertRefused(
                with(o -> penalties(o, 0, 0, 0)), "repetition_penalty: expected a number from 0.01 to 100, found 0.0");
        assertRefused(
                with(o -> penalties(o, 1, Double.NaN, 0)),
                "presence_penalty: expected a number from -2 to 2, found NaN");
        assertRefused(
                with(o -> penalties(o, 1, 0, 2.5)), "frequency_penalty: expected a number from -2 to 2, found 2.5");
        assertRefused(
                with(o -> tokenOptions(o, Map.of(9999, 1.0), List.of(), List.of())),
                "logit_bias: expected a token id from 0 to 285, found 9999");
        assertRefused(
                with(o -> tokenOptions(o, Map.of(5, 101.0), List.of(), List.of())),
                "logit_bias.5: expected a number from -100 to 100, found 101.0");
        assertRefused(
                with(o -> tokenOptions(o, Map.of(), List.of("a", " "), List.of())),
                "bad_words[1]: expected a word, found white space");
        assertRefused(
                with(o -> tokenOptions(o, Map.of(), List.of(), List.of(286))),
                "allowed_token_ids[0]: expected a token id from 0 to 285, found 286");
        assertRefused(with(o -> samples(o, 0, Optional.empty())), "n: expected 1 to 128, found 0");
        assertRefused(with(o -> samples(o, 3, Optional.of(2))), "best_of: expected 3 to 128, found 2");
        assertRefused(with(o -> o.withLogprobs(101)), "logprobs: expected 0 to 100, found 101");
        assertRefused(
                with(o -> o.withReport(new ReportOptions(Optional.empty(), Optional.of(-1)))),
                "prompt_logprobs: expected 0 to 100, found -1");
        assertRefused(
                with(o -> o.withMaxNewTokens(4)
                        .withEnding(EndingOptions.DEFAULT.withMaxNewTokens(4).withMinTokens(5))),
                "min_tokens: expected at most max_new_tokens (4), found 5");
        assertRefused(
                with(o -> o.withEnding(o.ending().withRepetition(new EndingOptions.Repetition(0, 3)))),
                "repetition_detection.max_pattern_tokens: expected 1 to 256, found 0");
        assertRefused(
                with(o -> o.withEnding(o.ending().withRepetition(new EndingOptions.Repetition(3, 1)))),
                "repetition_detection.repetitions: expected 2 to 1024, found 1");
    }

    @Test
    void refusesStructuresThatCannotBeAndNamesThePlace() {
        assertRefused(
                with(o -> o.withStructure(new Structure.Choice(List.of()))),
                "choice: expected at least one text, found none");
        assertThat(refusal(with(o -> o.withStructure(new Structure.Regex("a(b")))))
                .startsWith("regex: at ");
        assertThat(refusal(with(o -> o.withStructure(new Structure.Grammar("x ::= \"a\"")))))
                .startsWith("grammar: ");
        assertThat(refusal(with(o ->
                        o.withStructure(new Structure.JsonSchema("{\"properties\":{\"a\":{\"type\":\"nothing\"}}}")))))
                .startsWith("json_schema: $.properties.a.type");
        assertThat(refusal(with(o -> o.withStructure(new Structure.JsonSchema("{")))))
                .startsWith("json_schema: ");
    }

    @Test
    void refusesStructuresThatHaveNoRoom() {
        assertRefused(
                with(o -> o.withStructure(new Structure.Choice(List.of("abcd", "abcdef")))
                        .withMaxNewTokens(3)),
                "max_new_tokens: expected at least the 4 tokens that the shortest text of the wanted structure may need,"
                        + " found room for 3");
        Structure long62 = new Structure.Regex("a{62}");
        assertRefused(
                with(o -> o.withStructure(long62)),
                "max_new_tokens: expected at least the 62 tokens that the shortest text of the wanted structure may need,"
                        + " found room for 61");
    }

    @Test
    void endsStructuredTextsAtEosInAnyCase() {
        GenerationRequest request =
                ready(with(o -> stopIds(o, List.of(7), true).withStructure(new Structure.Regex("a+"))));
        assertThat(request.ending().stopTokenIds()).containsExactly(7, 2);
        assertThat(request.controls().apply(0).constraint()).isPresent();
    }

    private String refusal(Prompt prompt) {
        return ((PromptReader.Reading.Refused) reader.read(prompt)).reason();
    }

    @Test
    void makesNoTextWhereThePromptAloneIsWanted() {
        ReportOptions prompt = new ReportOptions(Optional.empty(), Optional.of(0));
        assertThat(ready(with(o -> o.withMaxNewTokens(0).withReport(prompt))).maxNewTokens())
                .isZero();
        assertRefused(with(o -> o.withMaxNewTokens(0)), "max_new_tokens: expected at least 1, found 0");
        assertRefused(
                with(o -> samples(o, 2, Optional.empty()).withMaxNewTokens(0).withReport(prompt)),
                "n and best_of: expected 1 where max_new_tokens is 0, found 2");
    }

    @Test
    void refusesPromptsThatCannotBe() {
        assertRefused(Prompt.ofText("", "a", GenerationOptions.DEFAULT), "id: expected text, found none");
        assertRefused(tokens(), "prompt_ids: expected at least one token, found none");
        assertRefused(tokens(1, 286), "prompt_ids[1]: expected a token id from 0 to 285, found 286");
        assertRefused(tokens(-1), "prompt_ids[0]: expected a token id from 0 to 285, found -1");
        assertRefused(chat(), "messages: expected at least one, found none");
    }

    @Test
    void refusesPromptsThatLeaveNoRoomForAToken() {
        assertThat(ready(text("a".repeat(CONTEXT - 3))).promptIds()).hasSize(CONTEXT - 1);
        assertRefused(text("a".repeat(CONTEXT - 2)), "prompt: expected at most 63 tokens, found 64");
        assertThat(ready(tokens(new int[CONTEXT - 1])).promptIds()).hasSize(CONTEXT - 1);
        assertRefused(tokens(new int[CONTEXT]), "prompt: expected at most 63 tokens, found 64");
    }

    @Test
    void refusesEndlessTextsFromTheirLengthAlone() {
        assertRefused(text("ab".repeat(5_000_000)), "prompt: expected at most 63 tokens, found at least 10000000");
        assertRefused(
                chat(new PromptInput.Message("user", "ab".repeat(5_000_000))),
                "prompt: expected at most 63 tokens, found at least 10000000");
    }

    private GenerationRequest ready(Prompt prompt) {
        return switch (reader.read(prompt)) {
            case PromptReader.Reading.Ready ready -> {
                assertThat(ready.requests()).hasSize(1);
                yield ready.requests().getFirst();
            }
            case PromptReader.Reading.Refused refused -> throw new AssertionError(refused.reason());
        };
    }

    private void assertRefused(Prompt prompt, String reason) {
        assertThat(reader.read(prompt)).isEqualTo(new PromptReader.Reading.Refused(reason));
    }

    private static int id(char letter) {
        return LetterVocabulary.id(letter);
    }

    private static Prompt text(String text) {
        return Prompt.ofText("x", text, GenerationOptions.DEFAULT);
    }

    private static Prompt tokens(int... ids) {
        return Prompt.ofTokens("x", Arrays.stream(ids).boxed().toList(), GenerationOptions.DEFAULT);
    }

    private static Prompt chat(PromptInput.Message... messages) {
        return new Prompt(
                "x",
                new PromptInput.Messages(List.of(messages)),
                GenerationOptions.DEFAULT,
                0,
                Optional.empty(),
                "",
                "",
                Map.of());
    }

    private static Prompt with(UnaryOperator<GenerationOptions> change) {
        return Prompt.ofText("x", "a", change.apply(GenerationOptions.DEFAULT));
    }

    private static GenerationOptions temperature(GenerationOptions o, double temperature) {
        return o.withSampling(new SamplingOptions(temperature, 0, 1, 0, Optional.empty()));
    }

    private static GenerationOptions topK(GenerationOptions o, int topK) {
        return o.withSampling(new SamplingOptions(0, topK, 1, 0, Optional.empty()));
    }

    private static GenerationOptions topP(GenerationOptions o, double topP) {
        return o.withSampling(new SamplingOptions(0, 0, topP, 0, Optional.empty()));
    }

    private static GenerationOptions minP(GenerationOptions o, double minP) {
        return o.withSampling(new SamplingOptions(0, 0, 1, minP, Optional.empty()));
    }

    private static GenerationOptions penalties(
            GenerationOptions o, double repetition, double presence, double frequency) {
        return o.withSampling(o.sampling().withPenalties(new PenaltyOptions(repetition, presence, frequency)));
    }

    private static GenerationOptions tokenOptions(
            GenerationOptions o, Map<Integer, Double> bias, List<String> badWords, List<Integer> allowed) {
        return o.withSampling(o.sampling().withTokens(new TokenOptions(bias, badWords, allowed)));
    }

    private static GenerationOptions stopIds(GenerationOptions o, List<Integer> ids, boolean ignoreEos) {
        EndingOptions ending = o.ending().withStopTokenIds(ids);
        return o.withEnding(ignoreEos ? ending.ignoringEos() : ending);
    }

    private static GenerationOptions samples(GenerationOptions o, int n, Optional<Integer> bestOf) {
        return o.withSamples(new SampleOptions(n, bestOf));
    }
}
