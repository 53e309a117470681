package io.llamastreams.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.engine.request.EngineLimits;
import io.llamastreams.engine.request.GenerationRequest;
import io.llamastreams.engine.request.SamplingParams;
import io.llamastreams.engine.request.SchedulingPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The same requests give the same tokens and the same logprob bits, whatever happens around them. */
class EngineDeterminismTest {
    private static final int VOCABULARY = 61;
    private static final int CONTEXT = 96;
    private static final int BLOCK_TOKENS = 4;
    private static final int FULL_CONTEXT_BLOCKS = CONTEXT / BLOCK_TOKENS;

    /** Starts all that fits at the moment, so that memory runs out again and again. */
    private static final SchedulingPolicy CROWDED = new SchedulingPolicy(Duration.ofMinutes(1), false, Map.of());

    private static final List<GenerationRequest> REQUESTS = requests();
    private static final Map<String, String> ALONE = new HashMap<>();

    /** Prompts of many lengths, many of which share prefixes; greedy and sampled; some run into the context's end. */
    private static List<GenerationRequest> requests() {
        Random random = new Random(20240607);
        int[][] prefixes = new int[4][];
        for (int i = 0; i < prefixes.length; i++) {
            prefixes[i] = random.ints(8 + 9 * i, 0, VOCABULARY).toArray();
        }
        List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < 48; i++) {
            int[] own = random.ints(1 + random.nextInt(20), 0, VOCABULARY).toArray();
            int[] prefix = i % 3 == 0 ? new int[0] : prefixes[random.nextInt(prefixes.length)];
            int[] prompt = Arrays.copyOf(prefix, prefix.length + own.length);
            System.arraycopy(own, 0, prompt, prefix.length, own.length);
            SamplingParams sampling = switch (i % 4) {
                case 0 -> SamplingParams.GREEDY;
                case 1 -> new SamplingParams(0.8f, 0, 1f, 0f, i);
                case 2 -> new SamplingParams(1.3f, 7, 0.9f, 0f, i);
                default -> new SamplingParams(1f, 0, 0.95f, 0.02f, i);
            };
            int maxNewTokens = i % 11 == 0 ? 1_000_000_000 : 1 + random.nextInt(40);
            requests.add(EngineHarness.request("r" + i, maxNewTokens, sampling, prompt));
        }
        // two that are the same but for their names
        requests.add(EngineHarness.request("twin", 30, SamplingParams.GREEDY, prefixes[3]));
        requests.add(EngineHarness.request("other twin", 30, SamplingParams.GREEDY, prefixes[3]));
        return requests;
    }

    @BeforeAll
    static void computeEachAlone() {
        for (GenerationRequest request : REQUESTS) {
            EngineHarness harness = harness(FULL_CONTEXT_BLOCKS, 1, CONTEXT, false);
            harness.submitAll(List.of(request));
            ALONE.put(request.id(), harness.run().get(request.id()).toString());
        }
        assertThat(ALONE.values()).noneMatch(text -> text.contains("null null"));
    }

    @ParameterizedTest
    @CsvSource({
        // blocks, sequences, step tokens, prefix cache
        "1000,  1, 96, false",
        "1000,  1,  1, true",
        "1000,  3,  7, false",
        "1000,  8, 16, true",
        "1000, 32, 64, false",
        "1000, 32, 64, true",
        "1000, 50, 50, true",
        "  60, 32, 33, false",
        "  60, 32, 33, true",
        "  24, 32, 40, false",
        "  24, 32, 40, true",
        "  24,  2,  2, true",
    })
    void sameTextsInEveryBatchChunkAndPool(int blocks, int sequences, int stepTokens, boolean prefixCache) {
        for (int seed = 0; seed < 4; seed++) {
            List<GenerationRequest> shuffled = new ArrayList<>(REQUESTS);
            Collections.shuffle(shuffled, new Random(seed));
            EngineHarness harness = harness(blocks, sequences, stepTokens, prefixCache);
            harness.submitAll(shuffled);
            harness.run();
            assertSame(harness, "seed " + seed);
            EngineStatus status = harness.engine.status();
            assertThat(status.kvBlocksUsed()).isZero();
            assertThat(status.pendingTokens()).isZero();
            if (sequences == 32 && blocks <= 60) {
                assertThat(status.preemptions()).as("preemptions").isGreaterThan(10);
            }
            if (prefixCache && sequences > 1) {
                assertThat(status.prefixHitTokens()).as("prefix hits").isPositive();
            }
        }
    }

    @Test
    void sameTextsWhenRequestsComeAtRandomTimes() {
        for (int seed = 0; seed < 30; seed++) {
            Random random = new Random(seed);
            EngineHarness harness = harness(
                    FULL_CONTEXT_BLOCKS + random.nextInt(60), 1 + random.nextInt(20), 20 + random.nextInt(30), true);
            List<GenerationRequest> shuffled = new ArrayList<>(REQUESTS);
            Collections.shuffle(shuffled, random);
            for (GenerationRequest request : shuffled) {
                harness.submitAll(List.of(request));
                for (int steps = random.nextInt(8); steps > 0; steps--) {
                    harness.step();
                }
            }
            harness.run();
            assertSame(harness, "seed " + seed);
        }
    }

    private static void assertSame(EngineHarness harness, String description) {
        for (GenerationRequest request : REQUESTS) {
            assertThat(harness.texts.get(request.id()).toString())
                    .as("%s, request %s", description, request.id())
                    .isEqualTo(ALONE.get(request.id()));
        }
    }

    private static EngineHarness harness(int blocks, int sequences, int stepTokens, boolean prefixCache) {
        FakeForwardPass forward = new FakeForwardPass(VOCABULARY, CONTEXT, BLOCK_TOKENS, blocks, stepTokens, sequences);
        return new EngineHarness(
                forward, new EngineLimits(sequences, stepTokens, 10_000, 1_000_000_000L, 0, CROWDED), prefixCache);
    }
}
