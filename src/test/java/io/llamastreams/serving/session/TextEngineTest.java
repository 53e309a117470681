package io.llamastreams.serving.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.llamastreams.engine.EngineEndedException;
import io.llamastreams.engine.request.EngineLimits;
import io.llamastreams.model.load.ModelFormatException;
import io.llamastreams.model.load.RandomModel;
import io.llamastreams.model.load.TinyModel;
import io.llamastreams.model.load.WeightStorage;
import io.llamastreams.serving.Answer;
import io.llamastreams.serving.Choice;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.PromptScores;
import io.llamastreams.serving.Score;
import io.llamastreams.serving.Submission;
import io.llamastreams.serving.options.EndingOptions;
import io.llamastreams.serving.options.GenerationOptions;
import io.llamastreams.serving.options.ReportOptions;
import io.llamastreams.serving.options.SampleOptions;
import io.llamastreams.serving.options.SamplingOptions;
import io.llamastreams.serving.options.Structure;
import io.llamastreams.serving.options.Task;
import io.llamastreams.serving.options.TokenOptions;
import io.llamastreams.tensor.kernel.KernelChoice;
import io.llamastreams.tensor.kernel.KvType;
import io.llamastreams.tokenizer.LargeVocabulary;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole path of a text, with the tiny trained model. */
class TextEngineTest {
    private static final EngineSettings SETTINGS = settings(2, 0);
    private static final int CONTEXT = 512;
    private static final String ONCE = "Once upon a time";

    private static TextEngine engine;
    private TextSession session;

    @BeforeAll
    static void openEngine() {
        engine = TextEngine.open(TinyModel.f32(), SETTINGS, System::nanoTime);
    }

    @AfterAll
    static void closeEngine() {
        if (engine != null) {
            engine.close();
        }
    }

    @BeforeEach
    void openSession() {
        session = engine.openSession(InstantSource.system());
    }

    @AfterEach
    void closeSession() {
        session.close();
    }

    @Test
    void tellsTheStoryThatLlamaCppTells() throws Exception {
        JsonNode cases =
                new JsonMapper().readTree(TinyModel.golden("greedy").toFile()).get("cases");
        for (JsonNode golden : cases) {
            List<Integer> prompt = integers(golden.get("prompt"));
            List<Integer> expected = integers(golden.get("greedy"));
            Generation end = serve(Prompt.ofTokens("x", prompt, greedy(expected.size())));
            assertThat(end.tokenIds()).isEqualTo(expected);
            List<Integer> all = new ArrayList<>(prompt);
            all.addAll(expected);
            assertThat(engine.tokenizer().decode(prompt) + end.text())
                    .isEqualTo(engine.tokenizer().decode(all));
        }
        Generation fromText = serve(Prompt.ofText("x", ONCE, greedy(64)));
        assertThat(fromText.tokenIds()).isEqualTo(integers(cases.get(1).get("greedy")));
        assertThat(fromText.text())
                .startsWith(", there was a little girl named Lily. She loved to play outside in the park.");
    }

    @Test
    void servesAnEmptyPromptFromBos() {
        Generation end = serve(Prompt.ofText("x", "", greedy(20)));
        assertThat(end.text()).startsWith("Once upon a time, there was");
        assertThat(end.usage().promptTokens()).isEqualTo(1);
        assertThat(end.finishReason()).contains("length");
    }

    @Test
    void cutsAtStopStrings() {
        Generation whole = serve(Prompt.ofText("x", ONCE, greedy(64)));
        Generation cut = serve(Prompt.ofText("x", ONCE, stop(64, List.of("utside in", "zzz"))));
        assertThat(cut.text()).isEqualTo(", there was a little girl named Lily. She loved to play o");
        assertThat(cut.finishReason()).contains("stop");
        assertThat(cut.status()).isEqualTo(Generation.Status.SUCCEEDED);
        assertThat(whole.tokenIds()).startsWith(cut.tokenIds().toArray(Integer[]::new));
        String decoded =
                engine.tokenizer().newDecoder(false).append(cut.tokenIds().getLast());
        assertThat("utside in".endsWith(decoded) || decoded.contains("in")).isTrue();
        assertThat(cut.usage().completionTokens()).isEqualTo(cut.tokenIds().size());
    }

    @Test
    void endsAtStopTokens() {
        Generation whole = serve(Prompt.ofText("x", ONCE, greedy(64)));
        int stop = whole.tokenIds().get(9);
        GenerationOptions options = greedy(64)
                .withEnding(greedy(64).ending().withStopTokenIds(List.of(stop)))
                .withLogprobs(0);
        Generation end = serve(Prompt.ofText("x", ONCE, options));
        int first = whole.tokenIds().indexOf(stop);
        assertThat(end.tokenIds()).isEqualTo(whole.tokenIds().subList(0, first + 1));
        assertThat(whole.text()).startsWith(end.text());
        assertThat(end.finishReason()).contains("stop");
        assertThat(end.logprobs()).hasSameSizeAs(end.tokenIds()).allMatch(value -> value <= 0);
    }

    @Test
    void givesTheSameTextForTheSameSeed() {
        Generation first = serve(Prompt.ofText("a", ONCE, sampled(Optional.of(7L))));
        Generation again = serve(Prompt.ofText("b", ONCE, sampled(Optional.of(7L))));
        Generation other = serve(Prompt.ofText("a", ONCE, sampled(Optional.of(8L))));
        assertThat(again.tokenIds()).isEqualTo(first.tokenIds());
        assertThat(again.seed()).isEqualTo(7);
        assertThat(other.tokenIds()).isNotEqualTo(first.tokenIds());
    }

    @Test
    void derivesTheSeedFromTheIdWhereThereIsNone() {
        Generation first = serve(Prompt.ofText("a", ONCE, sampled(Optional.empty())));
        Generation again = serve(Prompt.ofText("a", ONCE, sampled(Optional.empty())));
        Generation other = serve(Prompt.ofText("b", ONCE, sampled(Optional.empty())));
        Generation explicit = serve(Prompt.ofText("c", ONCE, sampled(Optional.of(first.seed()))));
        assertThat(again.tokenIds()).isEqualTo(first.tokenIds()).isEqualTo(explicit.tokenIds());
        assertThat(other.tokenIds()).isNotEqualTo(first.tokenIds());
    }

    @Test
    void makesDifferentTextsOfOnePromptAndReturnsTheBest() {
        GenerationOptions sampled = sampled(Optional.of(7L)).withLogprobs(0);
        Generation all = serve(Prompt.ofText("a", ONCE, samples(sampled, 4, Optional.empty())));
        assertThat(all.choices())
                .extracting(Choice::text)
                .doesNotHaveDuplicates()
                .hasSize(4);
        assertThat(all.choices().getFirst().tokenIds())
                .isEqualTo(serve(Prompt.ofText("b", ONCE, sampled)).tokenIds());
        Generation best = serve(Prompt.ofText("c", ONCE, samples(sampled, 2, Optional.of(4))));
        List<Choice> ranked = new ArrayList<>(all.choices());
        ranked.sort((a, b) -> Double.compare(b.meanLogprob(), a.meanLogprob()));
        assertThat(best.choices())
                .extracting(Choice::text)
                .containsExactly(ranked.get(0).text(), ranked.get(1).text());
        assertThat(best.usage().completionTokens()).isEqualTo(all.usage().completionTokens());
    }

    @Test
    void scoresItsOwnTextAsItMadeIt() {
        Generation made = serve(Prompt.ofText("x", ONCE, greedy(12).withLogprobs(0)));
        Generation scored = serve(Prompt.ofText(
                "x",
                ONCE,
                greedy(1)
                        .withTask(new Task.Continuations(List.of(made.text(), " zebra")))
                        .withLogprobs(0)));
        List<Score> scores = ((Answer.Scores) scored.answer()).scores();
        assertThat(scores.getFirst().tokenIds()).isEqualTo(made.tokenIds());
        // the same bits, although computed in another batch
        assertThat(scores.getFirst().logprobs()).isEqualTo(made.logprobs());
        assertThat(scores).extracting(Score::greedy).containsExactly(true, false);
        assertThat(scores.get(1).logLikelihood()).isLessThan(-5);
        Generation prompt = serve(Prompt.ofText(
                "x", ONCE + made.text(), greedy(0).withReport(new ReportOptions(Optional.empty(), Optional.of(0)))));
        PromptScores promptScores = ((Answer.Texts) prompt.answer()).prompt().orElseThrow();
        int from = promptScores.logprobs().size() - made.tokenIds().size();
        assertThat(promptScores.logprobs().subList(from, promptScores.logprobs().size()))
                .isEqualTo(made.logprobs());
    }

    @Test
    void embedsTextsOfTheModelsWidth() {
        Generation end = serve(Prompt.ofText("x", ONCE, greedy(1).withTask(new Task.Embed())));
        assertThat(((Answer.Embedding) end.answer()).values())
                .hasSize(engine.config().embeddingLength())
                .allMatch(value -> Float.isFinite(value));
    }

    @Test
    void makesJsonUnderASchemaGreedyAndSampled() throws Exception {
        String schema = """
                {"type":"object","properties":{"name":{"type":"string","maxLength":12},"age":{"type":"integer","minimum":0,
                "maximum":99},"pets":{"type":"array","items":{"enum":["cat","dog"]},"maxItems":2}},
                "required":["name","age","pets"],"additionalProperties":false}""";
        for (double temperature : new double[] {0, 1.5}) {
            GenerationOptions options = greedy(120)
                    .withStructure(new Structure.JsonSchema(schema))
                    .withSampling(new SamplingOptions(temperature, 0, 1, 0, Optional.of(3L)));
            Generation end = serve(Prompt.ofText("x", ONCE, options));
            assertThat(end.finishReason()).contains("stop");
            JsonNode json = new JsonMapper().readTree(end.text());
            assertThat(json.get("name").asText().length()).isLessThanOrEqualTo(12);
            assertThat(json.get("age").asInt()).isBetween(0, 99);
            json.get("pets").forEach(pet -> assertThat(pet.asText()).isIn("cat", "dog"));
            assertThat(json.size()).isEqualTo(3);
        }
    }

    @Test
    void endsEndlessRepetitionsByName() {
        EndingOptions ending = greedy(400).ending().withRepetition(new EndingOptions.Repetition(4, 6));
        GenerationOptions options = greedy(400)
                .withEnding(ending)
                .withSampling(SamplingOptions.GREEDY.withTokens(new TokenOptions(Map.of(), List.of(), List.of(403))));
        Generation end = serve(Prompt.ofText("x", ONCE, options));
        assertThat(end.finishReason()).contains("repetition");
        assertThat(end.tokenIds()).hasSize(6);
    }

    @Test
    void endsABillionTokensAtTheContext() {
        GenerationOptions endless = GenerationOptions.DEFAULT.withEnding(
                greedy(1_000_000_000).ending().ignoringEos());
        Generation end = serve(Prompt.ofText("x", ONCE, endless));
        assertThat(end.finishReason()).contains("length");
        assertThat(end.usage().promptTokens() + end.usage().completionTokens()).isEqualTo(CONTEXT);
        assertThat(end.tokenIds()).hasSize(CONTEXT - 5);
    }

    @Test
    void refusesBadPromptsAndServesTheNext() {
        assertRefused(greedy(0), ONCE, "max_new_tokens: expected at least 1, found 0");
        assertRefused(
                greedy(1).withSampling(new SamplingOptions(Double.NaN, 0, 1, 0, Optional.empty())),
                ONCE,
                "temperature: expected a number from 0 to 100000, found NaN");
        String tooLong = "Lily and Tom. ".repeat(300);
        int tokens = engine.tokenizer().encodePrompt(tooLong).length;
        assertRefused(greedy(1), tooLong, "prompt: expected at most 511 tokens, found " + tokens);
        assertThat(serve(Prompt.ofText("x", ONCE, greedy(1))).text()).isEqualTo(",");
    }

    @Test
    void servesTheLongestPromptThatLeavesRoomForOneToken() {
        List<Integer> prompt = new ArrayList<>(Collections.nCopies(CONTEXT - 1, 403));
        Generation end = serve(Prompt.ofTokens("x", prompt, greedy(10)));
        assertThat(end.tokenIds()).hasSize(1);
        assertThat(end.finishReason()).contains("length");
    }

    @Test
    void cancelsWhatIsInFlightWhenTheSessionCloses() {
        for (int i = 0; i < 20; i++) {
            assertThat(session.submit(Prompt.ofText("r" + i, ONCE, greedy(400))))
                    .isInstanceOf(Submission.Accepted.class);
        }
        session.close();
        Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            assertThat(engine.status().running()).isZero();
            assertThat(engine.status().waiting()).isZero();
            assertThat(engine.status().kvBlocksUsed()).isZero();
        });
        assertThat(session.inFlight()).isZero();
    }

    @Test
    void endsEachOfAHundredPromptsOfFourThreadsOnce() throws Exception {
        List<String> prompts = List.of(ONCE, "Lily and Tom", "The dog", "", "One day, a cat");
        List<String> alone = new ArrayList<>();
        for (String prompt : prompts) {
            alone.add(serve(Prompt.ofText("x", prompt, greedy(40))).text());
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            Callable<CollectedTexts> work = () -> {
                try (TextSession own = engine.openSession(InstantSource.system())) {
                    for (int i = 0; i < 25; i++) {
                        Submission submission =
                                own.submit(Prompt.ofText("r" + i, prompts.get(i % prompts.size()), greedy(40)));
                        assertThat(submission).isInstanceOf(Submission.Accepted.class);
                    }
                    return CollectedTexts.of(own);
                }
            };
            for (Future<CollectedTexts> done : threads.invokeAll(List.of(work, work, work, work))) {
                CollectedTexts texts = done.get();
                assertThat(texts.ends).hasSize(25);
                for (int i = 0; i < 25; i++) {
                    assertThat(texts.ends.get("r" + i).text()).isEqualTo(alone.get(i % prompts.size()));
                }
            }
        }
    }

    @Test
    void describesItself() {
        assertThat(engine.modelName()).isEqualTo("tiny-f32");
        assertThat(engine.config().contextLength()).isEqualTo(CONTEXT);
        assertThat(engine.kernelName()).isNotEmpty();
        assertThat(engine.kvCacheBytes()).isPositive();
        assertThat(engine.status().kvBlocksTotal()).isEqualTo(32 * CONTEXT / 16);
    }

    @Test
    void refusesWhatASmallPoolCannotHoldInsteadOfCuttingIt() {
        Path file = TinyModel.f32();
        long poolOf64Tokens = 4 * engine.kvCacheBytes() / engine.status().kvBlocksTotal();
        try (TextEngine small = TextEngine.open(file, settings(1, poolOf64Tokens), System::nanoTime);
                TextSession own = small.openSession(InstantSource.system())) {
            String reason = "prompt and new tokens: expected at most the 64 tokens that the KV cache holds, found ";
            assertThat(own.submit(Prompt.ofTokens("x", Collections.nCopies(64, 1), greedy(1))))
                    .isEqualTo(new Submission.Refused(Generation.rejected("x", reason + 65)));
            assertThat(own.submit(Prompt.ofText("x", ONCE, greedy(1000))))
                    .isEqualTo(new Submission.Refused(Generation.rejected("x", reason + CONTEXT)));
            own.submit(Prompt.ofTokens("x", Collections.nCopies(4, 1), greedy(60)));
            assertThat(CollectedTexts.of(own).ends.get("x").usage().completionTokens())
                    .isEqualTo(60);
        }
    }

    @Test
    void closesTwiceAndEndsWhatIsInFlight() {
        TextEngine other = TextEngine.open(TinyModel.f32(), SETTINGS, System::nanoTime);
        TextSession own = other.openSession(InstantSource.system());
        own.submit(Prompt.ofText("x", ONCE, greedy(500)));
        other.close();
        other.close();
        Generation end = CollectedTexts.of(own).ends.get("x");
        assertThat(end.status()).isIn(Generation.Status.FAILED, Generation.Status.SUCCEEDED);
        assertThatThrownBy(() -> own.submit(Prompt.ofText("y", ONCE, greedy(1))))
                .isInstanceOf(EngineEndedException.class);
        own.close();
    }

    @Test
    void saysInOneLineWhyAModelCannotBeOpened(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("m.gguf");
        assertProblem(file, file + ": no such file or folder");
        Files.write(file, new byte[] {1, 2, 3});
        assertProblem(file, file + ": ");
        byte[] bytes = Files.readAllBytes(TinyModel.f32());
        Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
        assertProblem(file, file + ": ");
        assertProblem(folder, file + ": ");
        RandomModel.tiny()
                .writer()
                .without("tokenizer.ggml.tokens")
                .without("tokenizer.ggml.model")
                .write(file);
        assertProblem(
                file, file + ": vocabulary: expected one in the file or tokenizer.model beside it, found neither");
        Files.copy(LargeVocabulary.file(), folder.resolve("tokenizer.model"));
        assertProblem(file, file + ": vocabulary: expected 320 tokens as in the weights, found 32000");
        RandomModel.tiny().write(file);
        try (TextEngine random = TextEngine.open(folder, SETTINGS, System::nanoTime)) {
            assertThat(random.modelName()).isEqualTo("m");
        }
    }

    private static void assertProblem(Path path, String start) {
        assertThatThrownBy(() -> TextEngine.open(path, SETTINGS, System::nanoTime))
                .isInstanceOf(ModelFormatException.class)
                .message()
                .startsWith(start)
                .doesNotContain("\n");
    }

    private void assertRefused(GenerationOptions options, String text, String reason) {
        assertThat(session.submit(Prompt.ofText("x", text, options)))
                .isEqualTo(new Submission.Refused(Generation.rejected("x", reason)));
    }

    private Generation serve(Prompt prompt) {
        assertThat(session.submit(prompt)).isInstanceOf(Submission.Accepted.class);
        return CollectedTexts.of(session).ends.get(prompt.id());
    }

    private static EngineSettings settings(int threads, long kvCacheBytes) {
        return new EngineSettings(
                new ComputeSettings(threads, KernelChoice.AUTO, WeightStorage.PACKED),
                new KvCacheSettings(kvCacheBytes, KvType.F32, true),
                new EngineLimits(32, 256, 1000, 1_000_000));
    }

    private static GenerationOptions greedy(int maxNewTokens) {
        return GenerationOptions.DEFAULT.withMaxNewTokens(maxNewTokens);
    }

    private static GenerationOptions stop(int maxNewTokens, List<String> stop) {
        return greedy(maxNewTokens).withStop(stop);
    }

    private static GenerationOptions sampled(Optional<Long> seed) {
        return greedy(40).withSampling(new SamplingOptions(1.0, 50, 0.95, 0, seed));
    }

    private static GenerationOptions samples(GenerationOptions options, int n, Optional<Integer> bestOf) {
        return options.withSamples(new SampleOptions(n, bestOf));
    }

    private static List<Integer> integers(JsonNode array) {
        List<Integer> values = new ArrayList<>();
        array.forEach(value -> values.add(value.asInt()));
        return values;
    }
}
