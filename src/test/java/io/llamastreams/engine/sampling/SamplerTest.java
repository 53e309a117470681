package io.llamastreams.engine.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.llamastreams.engine.request.Penalties;
import io.llamastreams.engine.request.SamplingParams;
import io.llamastreams.engine.request.TokenRules;
import io.llamastreams.tensor.kernel.ScalarKernels;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SamplerTest {
    private static final long ALL_ONES = -1L;

    /** Natural logarithms of 0.1, 0.4, 0.2, 0.3: ranked by probability, ids 1, 3, 2, 0. */
    private static final float[] TABLE = logs(0.1, 0.4, 0.2, 0.3);

    @Test
    void greedyTakesTheLargestAndOfEqualsTheFirst() {
        assertThat(draw(SamplingParams.GREEDY, ALL_ONES, TABLE)).isEqualTo(1);
        assertThat(draw(SamplingParams.GREEDY, 0, 1f, 3f, 3f, 2f)).isEqualTo(1);
        assertThat(draw(new SamplingParams(1, 1, 1, 0, 0), ALL_ONES, TABLE)).isEqualTo(1);
    }

    @Test
    void withoutCutsTheShareOfTheTotalWalksTheIdsInOrder() {
        SamplingParams params = new SamplingParams(1, 0, 1, 0, 0);
        // borders at 0.1, 0.5, 0.7
        assertThat(drawEach(params, TABLE, 0, 0.09, 0.11, 0.49, 0.51, 0.69, 0.71, 0.9999))
                .containsExactly(0, 0, 1, 1, 2, 2, 3, 3);
        assertThat(draw(params, ALL_ONES, TABLE)).isEqualTo(3);
    }

    @Test
    void temperatureSharpensAndFlattens() {
        // at 0.5 probabilities are squared: 0.01, 0.16, 0.04, 0.09 of 0.30, borders at 1/30, 17/30, 21/30
        assertThat(drawEach(new SamplingParams(0.5f, 0, 1, 0, 0), TABLE, 0.03, 0.04, 0.56, 0.57, 0.69, 0.71))
                .containsExactly(0, 1, 1, 2, 2, 3);
        // almost 0: the likeliest; almost infinite: a quarter each
        assertThat(drawEach(new SamplingParams(1e-30f, 0, 1, 0, 0), TABLE, 0, 0.5, 0.9999))
                .containsExactly(1, 1, 1);
        assertThat(drawEach(new SamplingParams(1e30f, 0, 1, 0, 0), TABLE, 0.24, 0.26, 0.49, 0.51, 0.74, 0.76))
                .containsExactly(0, 1, 1, 2, 2, 3);
    }

    @Test
    void topKKeepsTheKLikeliest() {
        // 1 and 3 are left: 0.4 and 0.3 of 0.7, border at 4/7
        assertThat(drawEach(new SamplingParams(1, 2, 1, 0, 0), TABLE, 0, 0.57, 0.572, 0.9999))
                .containsExactly(1, 1, 3, 3);
        assertThat(drawEach(new SamplingParams(1, 4, 1, 0, 0), TABLE, 0.09, 0.11, 0.71))
                .containsExactly(0, 1, 3);
        assertThat(drawEach(new SamplingParams(1, 1000, 1, 0, 0), TABLE, 0.09, 0.11, 0.71))
                .containsExactly(0, 1, 3);
    }

    @Test
    void topPKeepsTheSmallestSetThatReachesIt() {
        // 0.4 is not 0.5, 0.4 + 0.3 is
        assertThat(drawEach(new SamplingParams(1, 0, 0.5f, 0, 0), TABLE, 0, 0.57, 0.572, 0.9999))
                .containsExactly(1, 1, 3, 3);
        assertThat(drawEach(new SamplingParams(1, 0, 0.39f, 0, 0), TABLE, 0, 0.9999))
                .containsExactly(1, 1);
        // 0.4 + 0.3 is not 0.71, so 2 comes in: borders at 4/9, 6/9
        assertThat(drawEach(new SamplingParams(1, 0, 0.71f, 0, 0), TABLE, 0.44, 0.45, 0.66, 0.67))
                .containsExactly(1, 2, 2, 3);
        assertThat(drawEach(new SamplingParams(1, 0, Float.MIN_NORMAL, 0, 0), TABLE, 0, 0.9999))
                .containsExactly(1, 1);
    }

    @Test
    void topPCountsSharesOfWhatTopKLeft() {
        // 4/7 reaches 0.57 alone; of the whole table it would not
        assertThat(drawEach(new SamplingParams(1, 2, 0.57f, 0, 0), TABLE, 0, 0.9999))
                .containsExactly(1, 1);
        assertThat(drawEach(new SamplingParams(1, 2, 0.58f, 0, 0), TABLE, 0.57, 0.58))
                .containsExactly(1, 3);
    }

    @Test
    void minPKeepsWhatIsLikelyEnoughBesideTheLikeliest() {
        // at least 0.6 * 0.4 = 0.24: 1 and 3
        assertThat(drawEach(new SamplingParams(1, 0, 1, 0.6f, 0), TABLE, 0.57, 0.572))
                .containsExactly(1, 3);
        assertThat(drawEach(new SamplingParams(1, 0, 1, 1f, 0), TABLE, 0, 0.9999))
                .containsExactly(1, 1);
        assertThat(drawEach(new SamplingParams(1, 0, 1, 1f, 0), logs(0.3, 0.3, 0.4, 0.4), 0.49, 0.51))
                .containsExactly(2, 3);
    }

    /**
     * Surprises -ln p of the table: 2.303, 0.916, 1.609, 1.204; expected: 0.1 * 2.303 + 0.4 * 0.916 + 0.2 * 1.609 + 0.3 * 1.204 =
     * 1.280. Distances from it: 1.023, 0.364, 0.330, 0.076: in the order 3, 2, 1, 0 the probabilities come to 0.3, 0.5, 0.9, 1.
     */
    @Test
    void typicalPKeepsTheTokensOfTheMostExpectedSurprise() {
        assertThat(drawEach(typical(1, 0, 0.29f, 1, 0), TABLE, 0, 0.9999)).containsExactly(3, 3);
        // 2 and 3, without the likeliest: 0.2 and 0.3 of 0.5, border at 0.4
        assertThat(drawEach(typical(1, 0, 0.31f, 1, 0), TABLE, 0, 0.39, 0.41, 0.9999))
                .containsExactly(2, 2, 3, 3);
        // 1, 2 and 3 of 0.9: borders at 4/9, 6/9
        assertThat(drawEach(typical(1, 0, 0.89f, 1, 0), TABLE, 0, 0.44, 0.45, 0.66, 0.67))
                .containsExactly(1, 1, 2, 2, 3);
        assertThat(drawEach(typical(1, 0, 0.91f, 1, 0), TABLE, 0.09, 0.11)).containsExactly(0, 1);
        assertThat(drawEach(typical(1, 0, Float.MIN_VALUE, 1, 0), TABLE, 0, 0.9999))
                .containsExactly(3, 3);
    }

    @Test
    void typicalPLooksAtWhatTemperatureAndTopKMake() {
        // at 0.5: 1/30, 16/30, 4/30, 9/30; surprises 3.401, 0.629, 2.015, 1.204, expected 1.078; in the order 3, 1, 2,
        // 0
        assertThat(drawEach(typical(0.5f, 0, 0.31f, 1, 0), TABLE, 0.63, 0.65)).containsExactly(1, 3);
        // 4/7 and 3/7: surprises 0.560 and 0.847, expected 0.683; 1 is nearer
        assertThat(drawEach(typical(1, 2, 0.57f, 1, 0), TABLE, 0, 0.9999)).containsExactly(1, 1);
        assertThat(drawEach(typical(1, 2, 0.58f, 1, 0), TABLE, 0, 0.9999)).containsExactly(1, 3);
    }

    @Test
    void topPAndMinPLookAtWhatTypicalPLeft() {
        // 0.4 and 0.6 of 2 and 3 are left by typical-p
        assertThat(drawEach(typical(1, 0, 0.31f, 0.59f, 0), TABLE, 0, 0.9999)).containsExactly(3, 3);
        assertThat(drawEach(typical(1, 0, 0.31f, 0.61f, 0), TABLE, 0, 0.9999)).containsExactly(2, 3);
        // 0.2 is 2/3 of 0.3
        assertThat(drawEach(typical(1, 0, 0.31f, 1, 0.66f), TABLE, 0, 0.9999)).containsExactly(2, 3);
        assertThat(drawEach(typical(1, 0, 0.31f, 1, 0.67f), TABLE, 0, 0.9999)).containsExactly(3, 3);
    }

    @Test
    void theTypicalSetEndsWithTheTokenThatExceedsItsShareAndTakesEqualsByTheirIds() {
        float[] equal = {1f, 1f, 1f, 1f};
        // 2 of 4 are a half, but not more
        assertThat(drawEach(typical(1, 0, 0.5f, 1, 0), equal, 0.33, 0.34, 0.67)).containsExactly(0, 1, 2);
        assertThat(drawEach(typical(1, 0, 0.49f, 1, 0), equal, 0.49, 0.51)).containsExactly(0, 1);
    }

    @Test
    void equalTokensAreCutByTheirIds() {
        float[] equal = {1f, 1f, 1f, 1f, 1f};
        assertThat(drawEach(new SamplingParams(1, 2, 1, 0, 0), equal, 0.49, 0.51))
                .containsExactly(0, 1);
        assertThat(drawEach(new SamplingParams(1, 0, 0.59f, 0, 0), equal, 0.32, 0.34, 0.67))
                .containsExactly(0, 1, 2);
    }

    @Test
    void bordersThatAreMetExactlyBelongToTheNextTokenAndEndTheNucleus() {
        for (int size : new int[] {2, 4, 8, 16, 64}) {
            float[] equal = new float[size];
            for (int kept = 1; kept <= size; kept++) {
                SamplingParams params = new SamplingParams(1, 0, kept / (float) size, 0, 0);
                assertThat(drawEach(params, equal, 0, 0.9999))
                        .as("%d of %d", kept, size)
                        .containsExactly(0, kept - 1);
            }
            for (int id = 0; id < size; id++) {
                assertThat(drawEach(new SamplingParams(1, 0, 1, 0, 0), equal, id / (double) size))
                        .containsExactly(id);
            }
        }
    }

    @Test
    void aTokenOfNoProbabilityIsNeverDrawn() {
        float[] logits = {Float.NEGATIVE_INFINITY, 2f, -100f, 2f, Float.NEGATIVE_INFINITY};
        assertThat(drawEach(new SamplingParams(1, 0, 1, 0, 0), logits, 0, 0.49, 0.51, 0.9999))
                .containsExactly(1, 1, 3, 3);
        assertThat(drawEach(new SamplingParams(1, 4, 0.99f, 0, 0), logits, 0, 0.49, 0.51, 0.9999))
                .containsExactly(1, 1, 3, 3);
    }

    @Test
    void logitsThatAreNotNumbersAreSaidToBe() {
        float nan = Float.NaN;
        float infinity = Float.POSITIVE_INFINITY;
        for (SamplingParams params : List.of(SamplingParams.GREEDY, new SamplingParams(1, 3, 0.9f, 0.1f, 0))) {
            assertThat(draw(params, 0, 1f, nan, 2f)).isEqualTo(Sampler.NOT_NUMBERS);
            assertThat(draw(params, 0, nan, nan, nan)).isEqualTo(Sampler.NOT_NUMBERS);
            assertThat(draw(params, 0, 1f, infinity, 2f)).isEqualTo(Sampler.NOT_NUMBERS);
            assertThat(draw(params, 0, -infinity, -infinity)).isEqualTo(Sampler.NOT_NUMBERS);
        }
    }

    @Test
    void readsItsOwnRowAndKeepsIt() {
        float[] rows = {9f, 9f, 9f, 0f, 5f, 1f, 9f, 9f, 9f};
        float[] before = rows.clone();
        Sampler sampler = new Sampler(new ScalarKernels(), 3);
        assertThat(sampler.draw(rows, 3, SamplingParams.GREEDY, 0)).isEqualTo(1);
        assertThat(sampler.draw(rows, 3, new SamplingParams(1, 2, 0.9f, 0, 0), 0))
                .isEqualTo(1);
        assertThat(rows).containsExactly(before);
    }

    /** Against sorting the whole vocabulary, over shapes from flat to steep, with many equal logits. */
    @Test
    void agreesWithAPlainImplementationThatSorts() {
        for (int seed = 0; seed < 4000; seed++) {
            Random random = new Random(seed);
            int size = 1 + random.nextInt(200);
            float scale = new float[] {0f, 0.1f, 1f, 5f, 30f}[random.nextInt(5)];
            boolean coarse = random.nextBoolean();
            float[] logits = new float[size];
            for (int id = 0; id < size; id++) {
                double logit = random.nextGaussian() * scale;
                logits[id] = (float) (coarse ? Math.rint(logit) : logit);
            }
            SamplingParams params = new SamplingParams(
                    0.1f + 2 * random.nextFloat(),
                    random.nextBoolean() ? 0 : random.nextInt(size + 5),
                    random.nextBoolean() ? 1f : 1f - random.nextFloat(),
                    random.nextInt(3) > 0 ? 0f : random.nextFloat(),
                    0);
            for (int i = 0; i < 5; i++) {
                long bits = random.nextLong();
                assertThat(draw(params, bits, logits))
                        .as("seed %d, %s", seed, params)
                        .isEqualTo(PlainSampler.draw(logits, params, bits));
            }
        }
    }

    @Test
    void drawsEachTokenAsOftenAsItsProbabilitySays() {
        Sampler sampler = new Sampler(new ScalarKernels(), 4);
        SamplingParams params = new SamplingParams(1, 0, 1, 0, 0);
        int draws = 100_000;
        int[] counts = new int[4];
        for (int position = 0; position < draws; position++) {
            counts[sampler.draw(TABLE, 0, params, Philox.bits(12345, 0, position))]++;
        }
        // five standard deviations of a count are below 5 * sqrt(0.25 / draws) = 0.008 of the draws
        assertThat(counts[0] / (double) draws).isCloseTo(0.1, within(0.008));
        assertThat(counts[1] / (double) draws).isCloseTo(0.4, within(0.008));
        assertThat(counts[2] / (double) draws).isCloseTo(0.2, within(0.008));
        assertThat(counts[3] / (double) draws).isCloseTo(0.3, within(0.008));
    }

    private static SamplingParams typical(float temperature, int topK, float typicalP, float topP, float minP) {
        return new SamplingParams(temperature, topK, topP, minP, typicalP, Penalties.NONE, TokenRules.NONE, 0);
    }

    private static List<Integer> drawEach(SamplingParams params, float[] logits, double... shares) {
        List<Integer> tokens = new ArrayList<>();
        for (double share : shares) {
            tokens.add(draw(params, (long) (share * 0x1p63) << 1, logits));
        }
        return tokens;
    }

    private static int draw(SamplingParams params, long random, float... logits) {
        return new Sampler(new ScalarKernels(), logits.length).draw(logits, 0, params, random);
    }

    private static float[] logs(double... probabilities) {
        float[] logits = new float[probabilities.length];
        for (int id = 0; id < logits.length; id++) {
            logits[id] = (float) Math.log(probabilities[id]);
        }
        return logits;
    }
}
