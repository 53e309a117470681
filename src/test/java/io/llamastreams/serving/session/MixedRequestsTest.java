package io.llamastreams.serving.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.engine.request.EngineLimits;
import io.llamastreams.engine.request.SchedulingPolicy;
import io.llamastreams.model.load.TinyModel;
import io.llamastreams.model.load.WeightStorage;
import io.llamastreams.serving.Answer;
import io.llamastreams.serving.Choice;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.PromptInput;
import io.llamastreams.serving.Submission;
import io.llamastreams.serving.options.EndingOptions;
import io.llamastreams.serving.options.GenerationOptions;
import io.llamastreams.serving.options.PenaltyOptions;
import io.llamastreams.serving.options.SampleOptions;
import io.llamastreams.serving.options.SamplingOptions;
import io.llamastreams.serving.options.Structure;
import io.llamastreams.serving.options.Task;
import io.llamastreams.serving.options.TokenOptions;
import io.llamastreams.tensor.kernel.KernelChoice;
import io.llamastreams.tensor.kernel.KvType;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Two hundred requests of all kinds, with a trained model: whatever the batch, the order, the threads, the width of vectors,
 * shared prefixes, drafts and a pool in which memory runs out all the time, each gets the same answer, bit for bit.
 */
class MixedRequestsTest {
    private static final int REQUESTS = 200;
    private static final SchedulingPolicy CROWDED = new SchedulingPolicy(Duration.ofMinutes(1), false, Map.of("b", 3));

    /** Of the tiny model in f32: five layers, four KV heads of eight numbers, keys and values. */
    private static final long BYTES_PER_TOKEN = 5 * 2 * 4 * 8 * 4;

    private static final long LONGEST_TOKENS = 256;

    private static final List<Prompt> PROMPTS = prompts();

    /** One way of running them. */
    private record Way(
            KernelChoice kernels, int batch, int threads, boolean prefixCache, int drafts, boolean tinyPool) {
        EngineSettings settings() {
            long kvBytes = tinyPool ? LONGEST_TOKENS * BYTES_PER_TOKEN : 1 << 26;
            return new EngineSettings(
                    new ComputeSettings(threads, kernels, WeightStorage.PACKED),
                    new KvCacheSettings(kvBytes, KvType.F32, prefixCache),
                    new EngineLimits(batch, 64, 1024, 1L << 20, drafts, CROWDED));
        }
    }

    @Test
    void everyWayGivesTheSameAnswers() {
        Way alone = new Way(KernelChoice.SCALAR, 1, 1, false, 0, false);
        Map<String, String> expected = run(alone, PROMPTS);
        assertThat(expected).hasSize(REQUESTS);
        assertThat(expected.values().stream().filter(answer -> answer.contains("SUCCEEDED")))
                .as("answers that say something")
                .hasSize(REQUESTS);
        assertThat(expected.values().stream().distinct().count()).isGreaterThan(REQUESTS * 3 / 4);
        Random random = new Random(3);
        for (Way way : ways()) {
            List<Prompt> shuffled = new ArrayList<>(PROMPTS);
            Collections.shuffle(shuffled, random);
            assertThat(run(way, shuffled)).as("%s", way).isEqualTo(expected);
        }
    }

    /** By which drafts are neither faster nor slower, so that drafts are tried in turn with none, however busy the machine. */
    private static long standingClock() {
        return 0;
    }

    /** All combinations with the usual kernels, and with each of the others those where most happens and where least does. */
    private static List<Way> ways() {
        List<Way> ways = new ArrayList<>();
        for (int batch : new int[] {1, 3, 8, 32}) {
            for (int threads : new int[] {1, 2}) {
                for (boolean prefixCache : new boolean[] {false, true}) {
                    for (int drafts : new int[] {0, 5}) {
                        for (boolean tinyPool : new boolean[] {false, true}) {
                            ways.add(new Way(KernelChoice.AUTO, batch, threads, prefixCache, drafts, tinyPool));
                        }
                    }
                }
            }
        }
        for (KernelChoice kernels : List.of(
                KernelChoice.SCALAR, KernelChoice.vector(128), KernelChoice.vector(256), KernelChoice.vector(512))) {
            for (int batch : new int[] {3, 32}) {
                for (int drafts : new int[] {0, 5}) {
                    ways.add(new Way(kernels, batch, 2, true, drafts, true));
                    ways.add(new Way(kernels, batch, 1, false, drafts, false));
                }
            }
        }
        return ways;
    }

    private static Map<String, String> run(Way way, List<Prompt> prompts) {
        try (TextEngine engine = TextEngine.open(TinyModel.f32(), way.settings(), MixedRequestsTest::standingClock);
                TextSession session = engine.openSession(InstantSource.system())) {
            for (Prompt prompt : prompts) {
                assertThat(session.submit(prompt)).as(prompt.id()).isInstanceOf(Submission.Accepted.class);
            }
            Map<String, String> answers = new TreeMap<>();
            CollectedTexts.of(session).ends.forEach((id, end) -> answers.put(id, describe(end)));
            if (way.tinyPool() && way.batch() > 3) {
                assertThat(engine.status().preemptions()).as("%s", way).isGreaterThan(20);
            }
            if (way.drafts() > 0) {
                assertThat(engine.status().draftTokens()).as("%s", way).isPositive();
            }
            return answers;
        }
    }

    /** All of an answer but what it cost; floats to the bit. */
    private static String describe(Generation end) {
        StringBuilder text = new StringBuilder().append(end.status()).append(end.error());
        switch (end.answer()) {
            case Answer.Nothing nothing -> {}
            case Answer.Texts texts -> {
                for (Choice choice : texts.choices()) {
                    text.append('\n')
                            .append(choice.tokenIds())
                            .append(choice.finishReason())
                            .append(choice.text());
                    choice.logprobs().forEach(logprob -> text.append(' ').append(Float.floatToRawIntBits(logprob)));
                    text.append(choice.likeliest());
                }
                text.append(texts.prompt());
            }
            case Answer.Scores scores -> text.append(scores);
            case Answer.Embedding embedding ->
                embedding.values().forEach(value -> text.append(' ').append(Float.floatToRawIntBits(value)));
        }
        return text.toString();
    }

    private static List<Prompt> prompts() {
        List<String> beginnings = List.of(
                "Once upon a time, there was a little girl named Lily. She loved to play outside in the park",
                "Tom and Sam went to the big red house. They saw a dog and a cat and a",
                "The sun was hot and the",
                "");
        List<String> own = List.of(" and then", " One day", " but he was", ". She said", " happy", " big dog ran to");
        List<Prompt> prompts = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            String text = beginnings.get(i % beginnings.size()) + own.get(i % own.size());
            prompts.add(new Prompt(
                    "r" + i,
                    new PromptInput.Text(text),
                    options(i),
                    i % 3,
                    Optional.empty(),
                    i % 5 == 0 ? "b" : "a",
                    "",
                    Map.of()));
        }
        return prompts;
    }

    private static GenerationOptions options(int i) {
        int newTokens = 4 + i * 7 % 29;
        GenerationOptions plain =
                GenerationOptions.DEFAULT.withMaxNewTokens(newTokens).withLogprobs(i % 4);
        GenerationOptions sampled = plain.withSampling(new SamplingOptions(1, 40, 0.95, 0.01, Optional.empty()));
        return switch (i % 14) {
            case 0, 1 -> plain;
            case 2 -> sampled;
            case 3 -> plain.withSampling(new SamplingOptions(0.8, 0, 1, 0.05, Optional.of(7L)).withTypicalP(0.9));
            case 4 -> sampled.withSampling(sampled.sampling().withPenalties(new PenaltyOptions(1.2, 0.3, 0.1)));
            case 5 ->
                plain.withStructure(new Structure.Regex("[A-Z][a-z]{2,12}( [a-z]+){1,4}\\."))
                        .withMaxNewTokens(40);
            case 6 -> sampled.withStructure(new Structure.JsonSchema("""
                            {"type":"object","properties":{"name":{"type":"string","maxLength":8},
                             "age":{"type":"integer","minimum":1,"maximum":120},"mood":{"enum":["happy","sad"]}},
                             "required":["name","age","mood"],"additionalProperties":false}""")).withMaxNewTokens(70);
            case 7 -> plain.withStructure(new Structure.Choice(List.of(" yes", " no", " maybe so")));
            case 8 ->
                sampled.withStructure(new Structure.Grammar(
                                "root ::= (\"the \" noun \" \")+ \"end\"\nnoun ::= \"cat\" | \"dog\" | [a-f]{3}"))
                        .withMaxNewTokens(40);
            case 9 -> sampled.withSamples(new SampleOptions(3, Optional.empty()));
            case 10 -> sampled.withSamples(new SampleOptions(2, Optional.of(4)));
            case 11 ->
                sampled.withSampling(sampled.sampling()
                                .withTokens(new TokenOptions(
                                        Map.of(300, 3.0, 301, -5.0), List.of("the", "was"), List.of())))
                        .withEnding(new EndingOptions(
                                newTokens, 3, List.of("!", "and"), List.of(), true, Optional.empty()));
            case 12 -> plain.withTask(new Task.Label(List.of(" ran away", " was happy", " sat")));
            default ->
                plain.withTask(
                        i % 28 == 13 ? new Task.Embed() : new Task.Continuations(List.of(" the end.", " a dog")));
        };
    }
}
