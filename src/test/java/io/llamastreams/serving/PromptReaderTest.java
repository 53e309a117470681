package io.llamastreams.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.engine.request.GenerationRequest;
import io.llamastreams.engine.request.SamplingParams;
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
    private final PromptReader reader = new PromptReader(LetterVocabulary.tokenizer(), CONTEXT - 1);

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
        assertThat(seed).isEqualTo(ready(text("b")).sampling().seed()).isEqualTo(PromptReader.seedOf("x"));
        assertThat(PromptReader.seedOf("x")).isNotEqualTo(PromptReader.seedOf("y"));
        assertThat(PromptReader.seedOf("request-1")).isBetween(0L, (1L << 53) - 1);
        // Written down so that a change of the hash, which would change texts, does not go unnoticed.
        assertThat(PromptReader.seedOf("request-1")).isEqualTo(SEED_OF_REQUEST_1);
        assertThat(ready(with(o -> seed(o, -5))).sampling().seed()).isEqualTo(-5);
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
        assertRefused(with(o -> stop(o, List.of("a", ""))), "stop[1]: expected text, found none");
        assertRefused(
                with(o -> stop(o, List.of("\uD83D"))),
                "stop[0]: expected whole characters, found half a surrogate pair");
        assertRefused(
                with(o -> stop(o, List.of("a".repeat(1025)))), "stop[0]: expected at most 1024 characters, found 1025");
        assertRefused(with(o -> stop(o, Collections.nCopies(65, "a"))), "stop: expected at most 64, found 65");
        assertRefused(
                with(o -> stopIds(o, List.of(2, 9999), false)),
                "stop_token_ids[1]: expected a token id from 0 to 285, found 9999");
        assertRefused(
                with(o -> stopIds(o, Collections.nCopies(257, 1), false)),
                "stop_token_ids: expected at most 256, found 257");
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
            case PromptReader.Reading.Ready ready -> ready.request();
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
        return options(temperature, o.topK(), o.topP(), o.minP(), o.seed(), o.stop(), o.stopTokenIds(), false);
    }

    private static GenerationOptions topK(GenerationOptions o, int topK) {
        return options(o.temperature(), topK, o.topP(), o.minP(), o.seed(), o.stop(), o.stopTokenIds(), false);
    }

    private static GenerationOptions topP(GenerationOptions o, double topP) {
        return options(o.temperature(), o.topK(), topP, o.minP(), o.seed(), o.stop(), o.stopTokenIds(), false);
    }

    private static GenerationOptions minP(GenerationOptions o, double minP) {
        return options(o.temperature(), o.topK(), o.topP(), minP, o.seed(), o.stop(), o.stopTokenIds(), false);
    }

    private static GenerationOptions seed(GenerationOptions o, long seed) {
        return options(
                o.temperature(), o.topK(), o.topP(), o.minP(), Optional.of(seed), o.stop(), o.stopTokenIds(), false);
    }

    private static GenerationOptions stop(GenerationOptions o, List<String> stop) {
        return options(o.temperature(), o.topK(), o.topP(), o.minP(), o.seed(), stop, o.stopTokenIds(), false);
    }

    private static GenerationOptions stopIds(GenerationOptions o, List<Integer> ids, boolean ignoreEos) {
        return options(o.temperature(), o.topK(), o.topP(), o.minP(), o.seed(), o.stop(), ids, ignoreEos);
    }

    private static GenerationOptions options(
            double temperature,
            int topK,
            double topP,
            double minP,
            Optional<Long> seed,
            List<String> stop,
            List<Integer> stopTokenIds,
            boolean ignoreEos) {
        return new GenerationOptions(16, temperature, topK, topP, minP, seed, stop, stopTokenIds, ignoreEos, false);
    }
}
