package io.llamastreams.engine.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.engine.request.Likeliest;
import io.llamastreams.engine.request.Penalties;
import io.llamastreams.engine.request.SamplingParams;
import io.llamastreams.engine.request.TokenConstraint;
import io.llamastreams.engine.request.TokenRules;
import io.llamastreams.tensor.kernel.AllKernels;
import io.llamastreams.tensor.kernel.Kernels;
import io.llamastreams.tensor.kernel.ScalarKernels;
import io.llamastreams.tensor.kernel.WorkerPool;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Texts with random rules, penalties and constraints, token by token and in drafts, with all kernels and on any number of threads,
 * against {@link PlainSampler}.
 */
class RuledTextsTest {
    private static final int[] SIZES = {2, 9, 63, 64, 65, 300, 1500};
    private static final int TEXTS = 24;
    private static final int TOKENS = 12;
    private static final int LIKELIEST = 5;

    /** A text as it must come: its tokens, up to one that cannot be drawn. */
    private record Expected(List<Integer> tokens, boolean fails) {}

    /** What a text is made from: its parameters, and the logits of its positions, [TOKENS, size]. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Text(
            SamplingParams params, int[] prompt, int[] stops, boolean constrained, float[] logits, int size) {

        float[] row(int n) {
            return Arrays.copyOfRange(logits, n * size, (n + 1) * size);
        }

        SampleState start() {
            return new SampleState(
                    params,
                    3,
                    prompt,
                    stops,
                    constrained ? Optional.of(new ThirdsConstraint(size)) : Optional.empty(),
                    TOKENS);
        }

        Expected expected() {
            List<Integer> prompted = Arrays.stream(prompt).boxed().toList();
            Set<Integer> stopping = new HashSet<>(Arrays.stream(stops).boxed().toList());
            List<Integer> tokens = new ArrayList<>();
            while (tokens.size() < TOKENS) {
                int n = tokens.size();
                Set<Integer> permitted = new HashSet<>();
                int sum = tokens.stream().mapToInt(Integer::intValue).sum();
                IntStream.range(0, size)
                        .filter(id -> !constrained || ThirdsConstraint.permits(id, sum, TOKENS - n))
                        .forEach(permitted::add);
                float[] ruled = PlainSampler.ruled(row(n), params, prompted, tokens, stopping, permitted);
                int token = PlainSampler.draw(ruled, params, Philox.bits(params.seed(), 3, prompt.length + n));
                if (token == Sampler.NOT_NUMBERS) {
                    return new Expected(tokens, true);
                }
                tokens.add(token);
                if (stopping.contains(token)) {
                    break;
                }
            }
            return new Expected(tokens, false);
        }
    }

    /** Forbids a third of the tokens, which one depends on the text and on how much may still come. */
    private static final class ThirdsConstraint implements TokenConstraint {
        private final int size;
        private int sum;

        ThirdsConstraint(int size) {
            this.size = size;
        }

        static boolean permits(int id, int sum, int tokensLeft) {
            return (id + sum + tokensLeft) % 3 != 0;
        }

        @Override
        public void mask(long[] allowed, int tokensLeft) {
            for (int id = 0; id < size; id++) {
                if (!permits(id, sum, tokensLeft)) {
                    allowed[id / 64] &= ~(1L << id);
                }
            }
        }

        @Override
        public void accept(int token) {
            sum += token;
        }

        @Override
        public boolean isEnded() {
            return false;
        }
    }

    @Test
    void everyTokenIsTheOneThatThePlainWayGives() {
        int failures = 0;
        int ruledTokens = 0;
        for (int size : SIZES) {
            List<Text> texts = texts(size, new Random(size));
            List<Expected> expected = texts.stream().map(Text::expected).toList();
            failures += (int) expected.stream().filter(Expected::fails).count();
            ruledTokens += expected.stream().mapToInt(e -> e.tokens().size()).sum();
            for (Kernels kernels : AllKernels.list()) {
                for (int threads : new int[] {1, 2, 3, 8}) {
                    try (WorkerPool pool = new WorkerPool(threads)) {
                        check(new BatchSampler(kernels, pool, size), texts, expected, new Random(0), 0);
                    }
                }
            }
        }
        assertThat(failures).as("texts whose rules leave nothing").isBetween(1, TEXTS * SIZES.length / 2);
        assertThat(ruledTokens).isGreaterThan(TEXTS * SIZES.length * TOKENS / 3);
    }

    @Test
    void draftsGiveTheTokensOfSingleRows() {
        for (int size : SIZES) {
            List<Text> texts = texts(size, new Random(100 + size));
            List<Expected> expected = texts.stream().map(Text::expected).toList();
            for (Kernels kernels : AllKernels.list()) {
                try (WorkerPool pool = new WorkerPool(2)) {
                    for (int seed = 0; seed < 3; seed++) {
                        check(new BatchSampler(kernels, pool, size), texts, expected, new Random(seed), 6);
                    }
                }
            }
        }
    }

    /** Makes all texts in steps, with drafts of up to so many tokens, of which most are right. */
    private static void check(
            BatchSampler sampler, List<Text> texts, List<Expected> expected, Random random, int maxDraft) {
        List<SampleState> states = texts.stream().map(Text::start).toList();
        List<List<Integer>> made =
                texts.stream().<List<Integer>>map(text -> new ArrayList<>()).toList();
        Set<Integer> ended = new HashSet<>();
        while (ended.size() < texts.size()) {
            sampler.clear();
            List<Integer> running = IntStream.range(0, texts.size())
                    .filter(i -> !ended.contains(i))
                    .boxed()
                    .toList();
            int size = texts.getFirst().size();
            float[] logits = new float[texts.size() * (maxDraft + 1) * size];
            int row = 0;
            int[] firstRows = new int[texts.size()];
            for (int i : running) {
                Text text = texts.get(i);
                int n = made.get(i).size();
                int[] draft = draft(expected.get(i).tokens(), n, size, random, maxDraft);
                firstRows[i] = row;
                int rows = draft.length + 1;
                System.arraycopy(text.logits(), n * size, logits, row * size, rows * size);
                sampler.add(states.get(i), row, text.prompt().length + n, draft, draft.length, LIKELIEST);
                row += rows;
            }
            float[] before = logits.clone();
            sampler.draw(logits);
            assertThat(logits).as("rows stay as they are").isEqualTo(before);
            for (int index = 0; index < running.size(); index++) {
                int i = running.get(index);
                Text text = texts.get(i);
                for (int n = 0; n < sampler.drawn(index); n++) {
                    float[] raw = text.row(made.get(i).size());
                    made.get(i).add(sampler.token(index, n));
                    checkReport(raw, sampler, index, n);
                }
                boolean failed = sampler.failure(index).isPresent();
                if (failed
                        || made.get(i).size() == expected.get(i).tokens().size()
                                && !expected.get(i).fails()) {
                    ended.add(i);
                    assertThat(made.get(i))
                            .as("%s", text.params())
                            .isEqualTo(expected.get(i).tokens());
                    assertThat(failed)
                            .as("%s", text.params())
                            .isEqualTo(expected.get(i).fails());
                }
                assertThat(made.get(i))
                        .hasSizeLessThanOrEqualTo(expected.get(i).tokens().size());
            }
        }
    }

    private static void checkReport(float[] raw, BatchSampler sampler, int index, int n) {
        float logSumExp = new ScalarKernels().logSumExp(raw, 0, raw.length);
        assertThat(sampler.logprob(index, n)).isEqualTo(raw[sampler.token(index, n)] - logSumExp);
        Likeliest likeliest = sampler.likeliest(index, n);
        List<Integer> sorted = PlainSampler.byLikelihood(raw).subList(0, Math.min(LIKELIEST, raw.length));
        assertThat(likeliest.tokens())
                .containsExactly(sorted.stream().mapToInt(Integer::intValue).toArray());
        for (int i = 0; i < sorted.size(); i++) {
            assertThat(likeliest.logprobs()[i]).isEqualTo(raw[sorted.get(i)] - logSumExp);
        }
    }

    private static int[] draft(List<Integer> tokens, int from, int size, Random random, int maxDraft) {
        int length = Math.min(random.nextInt(maxDraft + 1), TOKENS - 1 - from);
        int[] draft = new int[length];
        for (int i = 0; i < length; i++) {
            boolean right = random.nextInt(6) > 0 && from + i < tokens.size();
            draft[i] = right ? tokens.get(from + i) : random.nextInt(size);
        }
        return draft;
    }

    private static List<Text> texts(int size, Random random) {
        List<Text> texts = new ArrayList<>();
        for (int i = 0; i < TEXTS; i++) {
            float[] logits = new float[TOKENS * size];
            boolean coarse = random.nextBoolean();
            for (int j = 0; j < logits.length; j++) {
                double logit = 3 * random.nextGaussian();
                logits[j] = (float) (coarse ? Math.rint(logit) : logit);
            }
            int[] prompt = random.ints(1 + random.nextInt(8), 0, size).toArray();
            int[] stops = random.ints(random.nextInt(3), 0, size).toArray();
            texts.add(new Text(params(size, random), prompt, stops, random.nextInt(3) == 0, logits, size));
        }
        return texts;
    }

    private static SamplingParams params(int size, Random random) {
        Map<Integer, Float> biases = new HashMap<>();
        if (random.nextBoolean()) {
            random.ints(1 + random.nextInt(5), 0, size)
                    .forEach(id -> biases.put(id, random.nextInt(5) > 0 ? 4 * random.nextFloat() - 2 : -100f));
        }
        List<List<Integer>> badWords = new ArrayList<>();
        if (random.nextBoolean()) {
            for (int i = 0; i < 1 + random.nextInt(5); i++) {
                badWords.add(random.ints(1 + random.nextInt(3), 0, Math.min(size, 12))
                        .boxed()
                        .toList());
            }
        }
        List<Integer> allowed = random.nextInt(3) > 0
                ? List.of()
                : random.ints(1 + random.nextInt(size), 0, size).boxed().toList();
        return new SamplingParams(
                random.nextInt(3) == 0 ? 0f : 0.3f + random.nextFloat(),
                random.nextBoolean() ? 0 : 1 + random.nextInt(size),
                random.nextBoolean() ? 1f : 1f - random.nextFloat(),
                random.nextBoolean() ? 0f : 0.3f * random.nextFloat(),
                random.nextBoolean() ? 1f : 1f - random.nextFloat(),
                new Penalties(
                        random.nextBoolean() ? 1f : 0.7f + random.nextFloat(),
                        random.nextBoolean() ? 0f : random.nextFloat(),
                        random.nextBoolean() ? 0f : random.nextFloat() - 0.2f),
                new TokenRules(biases, badWords, allowed, random.nextBoolean() ? 0 : random.nextInt(6)),
                random.nextLong());
    }
}
