package io.llamastreams.engine.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import io.llamastreams.engine.request.Likeliest;
import io.llamastreams.engine.request.Penalties;
import io.llamastreams.engine.request.Report;
import io.llamastreams.engine.request.SamplingParams;
import io.llamastreams.engine.request.TokenConstraint;
import io.llamastreams.engine.request.TokenRules;
import io.llamastreams.tensor.kernel.ScalarKernels;
import io.llamastreams.tensor.kernel.WorkerPool;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BatchSamplerTest {
    private static final int SIZE = 4;
    private static final int[] PROMPT = {1};
    private static final int[] STOPS = {0};

    private final WorkerPool pool = new WorkerPool(2);
    private final BatchSampler sampler = new BatchSampler(new ScalarKernels(), pool, SIZE);

    /** Allows all; calls {@code onMask} with the tokens left and {@code onAccept} with the token. */
    private record Probe(IntConsumer onMask, IntConsumer onAccept) implements TokenConstraint {

        @Override
        public void mask(long[] allowed, int tokensLeft) {
            onMask.accept(tokensLeft);
        }

        @Override
        public void accept(int token) {
            onAccept.accept(token);
        }

        @Override
        public boolean isEnded() {
            return false;
        }
    }

    @AfterEach
    void closePool() {
        pool.close();
    }

    @Test
    void drawsUntilADraftIsWrong() {
        // likeliest: 3, 2, 1, 3
        float[] logits = {0, 1, 2, 3, 0, 1, 3, 2, 0, 3, 2, 1, 0, 1, 2, 3};
        sampler.clear();
        int right = sampler.add(greedy(), 0, 1, new int[] {3, 2, 1}, 3, Report.NONE);
        int wrong = sampler.add(greedy(), 0, 1, new int[] {3, 1, 1}, 3, Report.NONE);
        int cut = sampler.add(greedy(), 1, 1, new int[] {2, 1, 1}, 1, Report.NONE);
        sampler.draw(logits);
        assertThat(tokens(right)).containsExactly(3, 2, 1, 3);
        assertThat(tokens(wrong)).containsExactly(3, 2);
        assertThat(tokens(cut)).containsExactly(2, 1);
    }

    @Test
    void drawsNothingAfterAStopTokenOrTheLastToken() {
        float[] logits = {0, 1, 2, 3, 9, 1, 3, 2, 0, 3, 2, 1};
        sampler.clear();
        int stopped = sampler.add(greedy(), 0, 1, new int[] {3, 0}, 2, Report.NONE);
        int full = sampler.add(
                new SampleState(SamplingParams.GREEDY, 0, PROMPT, new int[0], Optional.empty(), 2),
                0,
                1,
                new int[] {3, 0},
                2,
                Report.NONE);
        sampler.draw(logits);
        assertThat(tokens(stopped)).containsExactly(3, 0);
        assertThat(tokens(full)).containsExactly(3, 0);
    }

    @Test
    void penaltiesAndConstraintsAdvanceWithinADraft() {
        // 3 is the likeliest until its penalty of 1 makes it second to 2, and so on: 3, 2, 3, 2 (3 - 1 < 2.5, 2.5 - 1 <
        // 3 - 1)
        float[] row = {0, 1, 2.5f, 3};
        float[] logits = new float[4 * SIZE];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = row[i % SIZE];
        }
        StringBuilder seen = new StringBuilder();
        Probe probe = new Probe(
                left -> seen.append("left ").append(left).append(' '),
                token -> seen.append(token).append(", "));
        SampleState state = new SampleState(
                new SamplingParams(0, 0, 1, 0, 1, new Penalties(1, 0, 1), TokenRules.NONE, 0),
                0,
                PROMPT,
                STOPS,
                Optional.of(probe),
                9);
        sampler.clear();
        int index = sampler.add(state, 0, 1, new int[] {3, 2, 3}, 3, Report.NONE);
        sampler.draw(logits);
        assertThat(tokens(index)).containsExactly(3, 2, 3, 2);
        assertThat(seen).hasToString("left 9 3, left 8 2, left 7 3, left 6 2, ");
    }

    @Test
    void aConstraintThatThrowsFailsItsTextAlone() {
        float[] logits = {0, 1, 2, 3, 0, 1, 3, 2};
        sampler.clear();
        int masks = sampler.add(constrained(left -> fail("mask"), token -> {}), 0, 1, 0);
        int accepts = sampler.add(constrained(left -> {}, token -> fail("accept")), 0, 1, 0);
        int later = sampler.add(
                constrained(left -> {}, token -> {
                    if (token == 2) {
                        fail("second");
                    }
                }),
                0,
                1,
                new int[] {3},
                1,
                0);
        int overflows = sampler.add(constrained(BatchSamplerTest::recurse, token -> {}), 0, 1, 0);
        int good = sampler.add(greedy(), 0, 1, 0);
        sampler.draw(logits);
        assertThat(sampler.failure(masks)).contains("no token could be drawn: java.lang.IllegalStateException: mask");
        assertThat(tokens(masks)).isEmpty();
        assertThat(sampler.failure(accepts))
                .contains("no token could be drawn: java.lang.IllegalStateException: accept");
        assertThat(tokens(accepts)).isEmpty();
        assertThat(sampler.failure(later)).contains("no token could be drawn: java.lang.IllegalStateException: second");
        assertThat(tokens(later)).containsExactly(3);
        assertThat(sampler.failure(overflows)).contains("no token could be drawn: java.lang.StackOverflowError");
        assertThat(sampler.failure(good)).isEmpty();
        assertThat(tokens(good)).containsExactly(3);

        // nothing stays behind
        sampler.clear();
        sampler.add(greedy(), 0, 1, 0);
        sampler.draw(logits);
        assertThat(sampler.failure(0)).isEmpty();
        assertThat(tokens(0)).containsExactly(3);
    }

    @Test
    void rulesThatLeaveNothingFailTheirTextAlone() {
        float infinite = Float.NEGATIVE_INFINITY;
        float[] logits = {infinite, 1, 2, 3};
        sampler.clear();
        int forbidden = sampler.add(
                ruled(new TokenRules(Map.of(), List.of(List.of(2)), List.of(2), 0), 0f, Penalties.NONE), 0, 1, 0);
        int impossible =
                sampler.add(ruled(new TokenRules(Map.of(), List.of(), List.of(0), 0), 1f, Penalties.NONE), 0, 1, 0);
        int biased = sampler.add(
                ruled(new TokenRules(Map.of(1, Float.POSITIVE_INFINITY), List.of(), List.of(), 0), 1f, Penalties.NONE),
                0,
                1,
                0);
        int missing =
                sampler.add(ruled(new TokenRules(Map.of(4, 1f), List.of(), List.of(), 0), 1f, Penalties.NONE), 0, 1, 0);
        int overflown = sampler.add(ruled(TokenRules.NONE, 1f, new Penalties(Float.MIN_VALUE, 0, 0)), 0, 1, 0);
        int good = sampler.add(greedy(), 0, 1, 0);
        sampler.draw(logits);
        assertThat(sampler.failure(forbidden)).contains("no token is left under allowed_token_ids, bad_words");
        assertThat(sampler.failure(impossible)).contains("no token is left under allowed_token_ids");
        assertThat(sampler.failure(biased)).contains("logits are not finite under logit_bias");
        assertThat(sampler.failure(missing))
                .contains(
                        "no token could be drawn: java.lang.IllegalArgumentException: logit_bias: token id: expected 0 to 3, found 4");
        assertThat(sampler.failure(overflown)).contains("logits are not finite under penalties");
        assertThat(tokens(good)).containsExactly(3);
    }

    @Test
    void logitsThatAreNotNumbersAreSaidToBeWhateverTheRulesAllow() {
        float[] logits = {Float.NaN, 1, 2, 3};
        sampler.clear();
        sampler.add(greedy(), 0, 1, 2);
        sampler.add(ruled(new TokenRules(Map.of(), List.of(), List.of(2), 0), 1f, Penalties.NONE), 0, 1, 2);
        int scored = sampler.addScored(2, 0, 2);
        sampler.draw(logits);
        for (int i = 0; i < 2; i++) {
            assertThat(tokens(i)).containsExactly(Sampler.NOT_NUMBERS);
            assertThat(sampler.logprob(i, 0)).isNaN();
            assertThat(sampler.likeliest(i, 0)).isEqualTo(Likeliest.NONE);
            assertThat(sampler.failure(i)).isEmpty();
        }
        assertThat(sampler.failure(scored)).contains("the model's logits for a token of the prompt are not numbers");
    }

    @Test
    void scoresKnownTokensAndTellsTheLikeliest() {
        // probabilities 0.1, 0.4, 0.1, 0.4
        float[] logits = new float[2 * SIZE];
        double[] probabilities = {0.1, 0.4, 0.1, 0.4};
        for (int i = 0; i < SIZE; i++) {
            logits[SIZE + i] = (float) Math.log(probabilities[i]) + 2;
        }
        sampler.clear();
        int plain = sampler.addScored(2, 1, 0);
        int two = sampler.addScored(0, 1, 2);
        int all = sampler.addScored(1, 1, 100);
        int drawn = sampler.add(greedy(), 1, 1, 3);
        int silent = sampler.add(greedy(), 1, 1, Report.NONE);
        sampler.draw(logits);
        assertThat(sampler.logprob(plain, 0)).isCloseTo(-2.302585f, within(1e-6f));
        assertThat(sampler.likeliest(plain, 0)).isEqualTo(Likeliest.NONE);
        assertThat(sampler.logprob(two, 0)).isCloseTo(-2.302585f, within(1e-6f));
        assertThat(sampler.likeliest(two, 0).tokens()).containsExactly(1, 3);
        assertThat(sampler.likeliest(two, 0).logprobs())
                .containsExactly(new float[] {-0.916291f, -0.916291f}, within(1e-6f));
        assertThat(sampler.likeliest(all, 0).tokens()).containsExactly(1, 3, 0, 2);
        assertThat(sampler.logprob(all, 0)).isEqualTo(sampler.likeliest(all, 0).logprobs()[0]);
        assertThat(tokens(drawn)).containsExactly(1);
        assertThat(sampler.likeliest(drawn, 0).tokens()).containsExactly(1, 3, 0);
        assertThat(sampler.logprob(silent, 0)).isNaN();
        assertThat(sampler.likeliest(silent, 0)).isEqualTo(Likeliest.NONE);
    }

    @Test
    void logprobsAreThoseOfTheModelWhateverTheRulesAre() {
        float[] logits = {0, 0, 0, 0};
        sampler.clear();
        int index = sampler.add(
                ruled(new TokenRules(Map.of(2, 5f), List.of(), List.of(1, 2), 0), 0.5f, new Penalties(2, 1, 1)),
                0,
                1,
                4);
        sampler.draw(logits);
        assertThat(sampler.logprob(index, 0)).isCloseTo(-1.386294f, within(1e-6f));
        assertThat(sampler.likeliest(index, 0).tokens()).containsExactly(0, 1, 2, 3);
    }

    @Test
    void aStepAllocatesNothingThatIsNotAskedFor() {
        int texts = 6;
        try (WorkerPool alone = new WorkerPool(1)) {
            BatchSampler batch = new BatchSampler(new ScalarKernels(), alone, 600);
            float[] logits = new float[texts * 600];
            for (int i = 0; i < logits.length; i++) {
                logits[i] = i * 7919 % 600 * 0.01f;
            }
            SampleState[] states = new SampleState[texts];
            for (int i = 0; i < texts; i++) {
                TokenRules rules = new TokenRules(
                        i % 2 == 0 ? Map.of() : Map.of(3, 1f, 9, 2f),
                        i % 3 == 0 ? List.of() : List.of(List.of(5), List.of(1, 2, 3)),
                        i < 4 ? List.of() : List.of(1, 2, 3, 4),
                        0);
                SamplingParams params = new SamplingParams(
                        i == 0 ? 0 : 0.9f,
                        i % 2 * 50,
                        0.95f,
                        0.01f,
                        0.9f,
                        i < 2 ? Penalties.NONE : new Penalties(1.1f, 0.1f, 0.1f),
                        i == 0 ? TokenRules.NONE : rules,
                        i);
                Optional<TokenConstraint> constraint =
                        i == 3 ? Optional.of(new Probe(left -> {}, token -> {})) : Optional.empty();
                states[i] = new SampleState(params, 0, PROMPT, STOPS, constraint, 1_000_000);
            }
            steps(batch, states, logits, 3000);
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long before = threads.getCurrentThreadAllocatedBytes();
            steps(batch, states, logits, 500);
            long bytes = threads.getCurrentThreadAllocatedBytes() - before;
            // the tables of penalties grow when a token comes for the first time, which few steps see
            assertThat(bytes / 500.0).as("bytes a step").isLessThan(16);
        }
    }

    private static void steps(BatchSampler batch, SampleState[] states, float[] logits, int steps) {
        for (int step = 0; step < steps; step++) {
            batch.clear();
            for (int i = 0; i < states.length; i++) {
                batch.add(states[i], i, step, 0);
            }
            batch.draw(logits);
        }
    }

    private int[] tokens(int index) {
        int[] tokens = new int[sampler.drawn(index)];
        Arrays.setAll(tokens, n -> sampler.token(index, n));
        return tokens;
    }

    private static SampleState greedy() {
        return new SampleState(SamplingParams.GREEDY, 0, PROMPT, STOPS, Optional.empty(), 10);
    }

    private static SampleState ruled(TokenRules rules, float temperature, Penalties penalties) {
        return new SampleState(
                new SamplingParams(temperature, 0, 1, 0, 1, penalties, rules, 0),
                0,
                PROMPT,
                STOPS,
                Optional.empty(),
                10);
    }

    private static SampleState constrained(IntConsumer onMask, IntConsumer onAccept) {
        return new SampleState(SamplingParams.GREEDY, 0, PROMPT, STOPS, Optional.of(new Probe(onMask, onAccept)), 10);
    }

    private static void fail(String message) {
        throw new IllegalStateException(message);
    }

    private static void recurse(int depth) {
        if (depth > 0) {
            recurse(depth + 1);
        }
    }
}
