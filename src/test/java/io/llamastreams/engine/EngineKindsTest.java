package io.llamastreams.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.llamastreams.engine.EngineHarness.Text;
import io.llamastreams.engine.request.DecodingControl;
import io.llamastreams.engine.request.Ending;
import io.llamastreams.engine.request.EngineLimits;
import io.llamastreams.engine.request.FinishReason;
import io.llamastreams.engine.request.GenerationRequest;
import io.llamastreams.engine.request.Penalties;
import io.llamastreams.engine.request.RepetitionLimit;
import io.llamastreams.engine.request.Report;
import io.llamastreams.engine.request.SamplingParams;
import io.llamastreams.engine.request.SchedulingParams;
import io.llamastreams.engine.request.SchedulingPolicy;
import io.llamastreams.engine.request.TokenRules;
import io.llamastreams.engine.request.TokenWatcher;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Several texts for a prompt, scores, embeddings, deadlines and drafts, on a forward pass that notices wrong blocks. */
class EngineKindsTest {
    private static final int VOCABULARY = 50;
    private static final int CONTEXT = 64;
    private static final SamplingParams WARM = new SamplingParams(1f, 0, 1f, 0f, 99);
    private static final int[] PROMPT = {5, 6, 7, 8, 9, 10};

    @Test
    void textsOfOnePromptAreThoseThatTheyWouldBeAlone() {
        GenerationRequest four = texts("a", 4, 12);
        EngineHarness harness = harness(40, true, 0);
        harness.submit(four);
        Text together = harness.run().get("a");
        assertThat(together.samples).hasSize(4);
        assertThat(together.samples.values().stream().distinct().count()).isEqualTo(4);
        assertThat(together.reasons).containsOnly(FinishReason.LENGTH).hasSize(4);
        assertThat(together.statistics.completionTokens()).isEqualTo(48);
        for (boolean prefixCache : new boolean[] {true, false}) {
            for (int blocks : new int[] {5, 6, 8, 12}) {
                EngineHarness small = harness(blocks, prefixCache, 0);
                small.submit(EngineHarness.greedy("other", 9, 5, 6, 7, 8, 1));
                small.submit(four);
                small.submit(texts("b", 3, 5));
                assertThat(small.run().get("a").samples)
                        .as("%d blocks, prefix cache %s", blocks, prefixCache)
                        .isEqualTo(together.samples);
                assertThat(small.engine.status().pendingTokens()).isZero();
            }
        }
        // the first of them is the text of a request for one
        EngineHarness alone = harness(40, true, 0);
        alone.submit(texts("a", 1, 12));
        assertThat(alone.run().get("a").samples.get(0)).isEqualTo(together.samples.get(0));
    }

    @Test
    void textsOfOnePromptComputeItOnce() {
        EngineHarness harness = harness(40, false, 0);
        harness.submit(texts("a", 4, 3));
        harness.run();
        // the prompt, and two tokens of each text that are not the last
        assertThat(harness.engine.status().computedTokens()).isEqualTo(PROMPT.length + 4 * 2);
    }

    @Test
    void textsThatEndEarlyLeaveTheOthersAlone() {
        List<Integer> seen = new ArrayList<>();
        EngineHarness harness = harness(40, true, 0);
        harness.submit(new GenerationRequest(
                "a",
                PROMPT,
                3,
                WARM,
                new Ending(6),
                Report.TOKENS,
                SchedulingParams.USUAL,
                sample -> new DecodingControl(
                        token -> {
                            seen.add(sample);
                            return sample == 1;
                        },
                        Optional.empty())));
        Text text = harness.run().get("a");
        assertThat(text.reasons).containsExactly(FinishReason.LENGTH, FinishReason.STOP, FinishReason.LENGTH);
        assertThat(text.samples.get(1)).hasSize(1);
        assertThat(text.samples.get(2)).hasSize(6);
        assertThat(seen).hasSize(13);
    }

    @Test
    void aControlThatCannotBeMadeFailsItsRequestAlone() {
        EngineHarness harness = harness(40, true, 0);
        harness.submit(new GenerationRequest(
                "a", PROMPT, 2, WARM, new Ending(6), Report.TOKENS, SchedulingParams.USUAL, sample -> {
                    if (sample == 1) {
                        throw new IllegalArgumentException("no control");
                    }
                    return DecodingControl.NONE;
                }));
        harness.submit(EngineHarness.greedy("b", 3, 1));
        assertThat(harness.run().get("a").error).contains("no control");
        assertThat(harness.texts.get("b").ids).hasSize(3);
        assertThat(harness.engine.status().pendingTokens()).isZero();
    }

    @Test
    void scoresOfATextAreTheLogprobsWithWhichItWasMade() {
        EngineHarness harness = harness(40, true, 0);
        harness.submit(EngineHarness.greedy("made", 20, PROMPT));
        Text made = harness.run().get("made");
        int[] whole = IntStream.concat(Arrays.stream(PROMPT), made.ids.stream().mapToInt(id -> id))
                .toArray();
        for (int blocks : new int[] {7, 8, 40}) {
            for (int maxLogitRows : new int[] {2, 64}) {
                EngineHarness scoring = new EngineHarness(
                        new FakeForwardPass(VOCABULARY, CONTEXT, 4, blocks, 64, maxLogitRows),
                        new EngineLimits(2, 64, 100, 100_000),
                        true);
                scoring.submit(EngineHarness.greedy("first", 2, whole));
                scoring.submit(score("scored", whole, PROMPT.length));
                scoring.submit(score("again", whole, PROMPT.length + 7));
                scoring.run();
                assertThat(scoring.texts.get("scored").promptLogprobBits)
                        .as("%d blocks, %d rows", blocks, maxLogitRows)
                        .isEqualTo(made.logprobBits);
                assertThat(scoring.texts.get("again").promptLogprobBits).isEqualTo(made.logprobBits.subList(7, 20));
                assertThat(scoring.texts.get("scored").reason).isEqualTo(FinishReason.LENGTH);
            }
        }
    }

    @Test
    void promptsMayBeScoredAndContinued() {
        EngineHarness harness = harness(40, true, 0);
        harness.submit(score("scored", PROMPT, 1));
        harness.submit(new GenerationRequest(
                "both",
                PROMPT,
                2,
                SamplingParams.GREEDY,
                new Ending(3),
                new Report(0, 0, 1, false),
                SchedulingParams.USUAL,
                sample -> DecodingControl.NONE));
        harness.submit(EngineHarness.greedy("plain", 3, PROMPT));
        Map<String, Text> texts = harness.run();
        assertThat(texts.get("both").promptLogprobBits)
                .hasSize(PROMPT.length - 1)
                .isEqualTo(texts.get("scored").promptLogprobBits);
        assertThat(texts.get("both").ids).isEqualTo(texts.get("plain").ids);
        assertThat(texts.get("both").logprobBits).isEqualTo(texts.get("plain").logprobBits);
        assertThat(texts.get("both").samples.get(1)).isEqualTo(texts.get("plain").ids);
    }

    @Test
    void embeddingsAreTheMeanOfTheHiddenStatesWhateverTheSteps() {
        float[] expected = null;
        for (int blocks : new int[] {10, 60}) {
            for (int stepTokens : new int[] {3, 64}) {
                EngineHarness harness = new EngineHarness(
                        new FakeForwardPass(VOCABULARY, CONTEXT, 4, blocks, 64, 8),
                        new EngineLimits(3, stepTokens, 100, 100_000),
                        true);
                int[] prompt = IntStream.range(0, 30).toArray();
                harness.submit(EngineHarness.greedy("other", 9, prompt));
                harness.submit(embed("a", prompt));
                harness.submit(embed("one", 3));
                float[] found = harness.run().get("a").embedding;
                assertThat(harness.texts.get("one").embedding).hasSize(8);
                expected = expected == null ? found : expected;
                assertThat(found).hasSize(8).containsExactly(expected);
            }
        }
        FakeForwardPass forward = new FakeForwardPass(VOCABULARY, CONTEXT, 4, 10, 64, 8);
        EngineHarness harness = new EngineHarness(forward, EngineHarness.LIMITS, true);
        harness.submit(embed("two", 3, 4));
        float[] mean = harness.run().get("two").embedding;
        float[] rows = forward.hidden();
        assertThat(mean[5]).isEqualTo((float) (((double) rows[5] + rows[8 + 5]) / 2));
    }

    @Test
    void aDeadlineEndsARequestWithTheTextItHas() {
        EngineHarness harness = harness(40, true, 0);
        List<Integer> full = alone(EngineHarness.greedy("a", 40, PROMPT)).ids;
        harness.submit(withDeadline("running", 200));
        harness.submit(withDeadline("late", 0));
        harness.submit(EngineHarness.greedy("b", 50, 1));
        for (int i = 0; i < 10; i++) {
            harness.step();
        }
        harness.nanos = 200;
        harness.run();
        Text running = harness.texts.get("running");
        assertThat(running.reason).isEqualTo(FinishReason.EXPIRED);
        assertThat(running.ids).hasSizeBetween(5, 12).isEqualTo(full.subList(0, running.ids.size()));
        assertThat(harness.texts.get("late").reason).isEqualTo(FinishReason.EXPIRED);
        assertThat(harness.texts.get("late").ids).isEmpty();
        assertThat(harness.texts.get("b").ids).hasSize(50);
    }

    @Test
    void endlessRepetitionEndsAText() {
        // a watcher sees the text; the forward pass of a loop is one whose logits depend on nothing
        RepetitionLimit limit = new RepetitionLimit(3, 4);
        assertThat(limit.isReached(new int[] {9, 1, 2, 1, 2, 1, 2, 1, 2}, 0, 9)).isTrue();
        assertThat(limit.isReached(new int[] {9, 1, 2, 1, 2, 1, 2, 1, 2}, 2, 9)).isFalse();
        assertThat(limit.isReached(new int[] {7, 7, 7, 7}, 0, 4)).isTrue();
        assertThat(limit.isReached(new int[] {7, 7, 7, 8}, 0, 4)).isFalse();
        assertThat(limit.isReached(new int[] {1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4}, 0, 16))
                .as("a pattern of four is not looked for")
                .isFalse();
        assertThat(RepetitionLimit.NONE.isReached(new int[] {7, 7, 7, 7, 7, 7}, 0, 6))
                .isFalse();
        EngineHarness harness =
                new EngineHarness(new FakeForwardPass(1, CONTEXT, 4, 40, 64, 8), EngineHarness.LIMITS, true);
        harness.submit(new GenerationRequest(
                "a",
                new int[] {0, 0, 0, 0},
                1,
                SamplingParams.GREEDY,
                new Ending(30, new int[0], limit),
                Report.TOKENS,
                SchedulingParams.USUAL,
                sample -> DecodingControl.NONE));
        Text text = harness.run().get("a");
        assertThat(text.reason).isEqualTo(FinishReason.REPETITION);
        assertThat(text.ids).as("the prompt does not count").hasSize(4);
    }

    @Test
    void draftsChangeNothingButTheNumberOfSteps() {
        List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            int[] prompt = IntStream.range(0, 20 + i).map(n -> n % 3).toArray();
            requests.add(EngineHarness.request("r" + i, 25, new SamplingParams(i % 2, 3, 1f, 0f, i), prompt));
        }
        Map<String, Text> plain = run(harness(200, true, 0, 3), requests);
        for (int blocks : new int[] {14, 20, 200}) {
            for (int drafts : new int[] {1, 4, 16}) {
                EngineHarness harness = harness(blocks, true, drafts, 3);
                Map<String, Text> found = run(harness, requests);
                assertThat(found.toString())
                        .as("%d blocks, %d drafts", blocks, drafts)
                        .isEqualTo(plain.toString());
                assertThat(harness.engine.status().draftTokens()).isPositive();
                assertThat(harness.engine.status().acceptedDraftTokens())
                        .isPositive()
                        .isLessThan(harness.engine.status().draftTokens());
            }
        }
    }

    @Test
    void likePromptsOfOneBatchAreComputedOnce() {
        EngineHarness harness = harness(200, true, 0);
        int[] prompt = IntStream.range(0, 41).map(n -> n % 7).toArray();
        for (int i = 0; i < 8; i++) {
            harness.submit(EngineHarness.request("r" + i, 2, WARM, prompt));
        }
        harness.run();
        // once 41; then each of the others its last token, and all one new token that is not the last
        assertThat(harness.engine.status().computedTokens()).isEqualTo(41 + 7 + 8);
        assertThat(harness.engine.status().prefixHitTokens()).isEqualTo(7 * 40);
    }

    @Test
    void anInterruptedTextGoesOnAsIfItHadNotBeen() {
        SamplingParams sampling = new SamplingParams(
                1f,
                0,
                1f,
                0f,
                1f,
                new Penalties(1.3f, 0.4f, 0.2f),
                new TokenRules(Map.of(3, 1f), List.of(), List.of(), 4),
                7);
        GenerationRequest whole = request("a", sampling, Report.withLogprobs(2), new Ending(30, 17));
        Text made = alone(whole);
        assertThat(made.ids).hasSizeGreaterThan(4);
        for (int blocks : new int[] {9, 40}) {
            for (int cut = 1; cut < made.ids.size(); cut++) {
                EngineHarness harness = harness(blocks, true, 0);
                harness.submit(EngineHarness.greedy("other", 20, PROMPT));
                int[] before =
                        made.ids.subList(0, cut).stream().mapToInt(id -> id).toArray();
                harness.submit(whole.withMade(before));
                harness.submit(request("b", sampling, Report.TOKENS, new Ending(30, 17))
                        .withMade(before));
                Text resumed = harness.run().get("a");
                assertThat(resumed.toString()).as("cut after %d", cut).isEqualTo(made.toString());
                assertThat(resumed.statistics.completionTokens()).isEqualTo(made.ids.size());
                assertThat(harness.texts.get("b").ids).isEqualTo(made.ids);
                assertThat(harness.engine.status().pendingTokens()).isZero();
            }
        }
    }

    @Test
    void aTextThatWasWholeWhenItWasInterruptedEndsAtOnce() {
        GenerationRequest three = request("a", WARM, Report.TOKENS, new Ending(3));
        EngineHarness harness = harness(40, true, 0);
        harness.submit(three.withMade(new int[] {4, 5, 6}));
        harness.submit(request("b", WARM, Report.TOKENS, new Ending(9, 6)).withMade(new int[] {4, 5, 6}));
        harness.run();
        assertThat(harness.texts.get("a").ids).containsExactly(4, 5, 6);
        assertThat(harness.texts.get("a").reason).isEqualTo(FinishReason.LENGTH);
        assertThat(harness.texts.get("b").reason).isEqualTo(FinishReason.STOP);
        assertThatThrownBy(() -> three.withMade(new int[4])).hasMessageContaining("made already");
        assertThatThrownBy(() -> texts("a", 2, 9).withMade(new int[4])).hasMessageContaining("made already");
    }

    private static GenerationRequest request(String id, SamplingParams sampling, Report report, Ending ending) {
        return new GenerationRequest(
                id, PROMPT, 1, sampling, ending, report, SchedulingParams.USUAL, sample -> DecodingControl.NONE);
    }

    @Test
    void requestsThatMakeNoSenseAreNotMade() {
        assertThatThrownBy(() -> texts("a", 0, 3)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new GenerationRequest(
                        "a",
                        PROMPT,
                        1,
                        WARM,
                        new Ending(0),
                        Report.TOKENS,
                        SchedulingParams.USUAL,
                        sample -> DecodingControl.NONE))
                .hasMessageContaining("max new tokens");
        assertThatThrownBy(() -> new GenerationRequest(
                        "a",
                        PROMPT,
                        1,
                        WARM,
                        new Ending(3),
                        new Report(Report.NONE, Report.NONE, 1, true),
                        SchedulingParams.USUAL,
                        sample -> DecodingControl.NONE))
                .hasMessageContaining("embedding");
    }

    private static Map<String, Text> run(EngineHarness harness, List<GenerationRequest> requests) {
        harness.submitAll(requests);
        return new TreeMap<>(harness.run());
    }

    private static GenerationRequest texts(String id, int samples, int newTokens) {
        return new GenerationRequest(
                id,
                PROMPT,
                samples,
                WARM,
                new Ending(newTokens),
                Report.TOKENS,
                SchedulingParams.USUAL,
                sample -> DecodingControl.NONE);
    }

    private static GenerationRequest score(String id, int[] prompt, int from) {
        return new GenerationRequest(
                id,
                prompt,
                1,
                SamplingParams.GREEDY,
                new Ending(0),
                new Report(Report.NONE, 0, from, false),
                SchedulingParams.USUAL,
                sample -> DecodingControl.NONE);
    }

    private static GenerationRequest embed(String id, int... prompt) {
        return new GenerationRequest(
                id,
                prompt,
                1,
                SamplingParams.GREEDY,
                new Ending(0),
                new Report(Report.NONE, Report.NONE, 1, true),
                SchedulingParams.USUAL,
                sample -> DecodingControl.NONE);
    }

    private static GenerationRequest withDeadline(String id, long deadlineNanos) {
        return new GenerationRequest(
                id,
                PROMPT,
                1,
                SamplingParams.GREEDY,
                new Ending(40),
                Report.TOKENS,
                new SchedulingParams(0, "", deadlineNanos),
                sample -> new DecodingControl(TokenWatcher.NONE, Optional.empty()));
    }

    private static Text alone(GenerationRequest request) {
        EngineHarness harness = harness(40, true, 0);
        harness.submit(request);
        return harness.run().get(request.id());
    }

    private static EngineHarness harness(int blocks, boolean prefixCache, int drafts) {
        return harness(blocks, prefixCache, drafts, VOCABULARY);
    }

    private static EngineHarness harness(int blocks, boolean prefixCache, int drafts, int vocabulary) {
        return new EngineHarness(
                new FakeForwardPass(vocabulary, CONTEXT, 4, blocks, 64, 32),
                new EngineLimits(8, 64, 100, 100_000, drafts, SchedulingPolicy.EQUAL),
                prefixCache);
    }
}
