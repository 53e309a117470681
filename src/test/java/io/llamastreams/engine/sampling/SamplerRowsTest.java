package io.llamastreams.engine.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.engine.request.Likeliest;
import io.llamastreams.engine.request.Penalties;
import io.llamastreams.engine.request.Report;
import io.llamastreams.engine.request.SamplingParams;
import io.llamastreams.engine.request.TokenRules;
import io.llamastreams.tensor.kernel.AllKernels;
import io.llamastreams.tensor.kernel.Kernels;
import io.llamastreams.tensor.kernel.ScalarKernels;
import io.llamastreams.tensor.kernel.WorkerPool;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Rows of all sizes and shapes, under all combinations of cuts and with all kernels, against {@link PlainSampler}: the shortcuts
 * that find few candidates among many tokens must never change a choice.
 */
class SamplerRowsTest {
    private static final int[] SIZES = {1, 2, 3, 15, 16, 17, 100, 511, 512, 513, 1023, 1024, 1025, 2000, 5000};
    private static final int VOCABULARY = 32_000;
    private static final int[] PROMPT = {1};

    /** How the logits of a row lie. */
    private enum Shape {
        EQUAL,
        FLAT,
        USUAL,
        STEEP,
        COARSE,
        TWO_VALUES,
        SIGNED_ZEROS,
        MANY_INFINITE,
        ONE_FINITE,
        HUGE,
        ASCENDING,
        DESCENDING
    }

    @Test
    void drawsWhatSortingWouldForEveryShapeAndCut() {
        for (Kernels kernels : AllKernels.list()) {
            for (int size : SIZES) {
                Sampler sampler = new Sampler(kernels, size);
                for (Shape shape : Shape.values()) {
                    Random random = new Random(31L * size + shape.name().hashCode());
                    for (int round = 0; round < (size > 1000 ? 6 : 16); round++) {
                        check(sampler, kernels, row(shape, size, random), params(size, random), random, shape);
                    }
                }
            }
        }
    }

    @Test
    void drawsWhatSortingWouldFromTheVocabularyOfLlama2() {
        for (Kernels kernels : AllKernels.list()) {
            Sampler sampler = new Sampler(kernels, VOCABULARY);
            for (Shape shape : Shape.values()) {
                Random random = new Random(shape.name().hashCode());
                for (int round = 0; round < 6; round++) {
                    check(sampler, kernels, row(shape, VOCABULARY, random), params(VOCABULARY, random), random, shape);
                }
            }
        }
    }

    @Test
    void theLikeliestAreTheFirstOfTheSortedRow() {
        for (int size : new int[] {1, 17, 513, 5000, VOCABULARY}) {
            for (Shape shape : Shape.values()) {
                float[] logits = row(shape, size, new Random(size));
                List<Integer> sorted = PlainSampler.byLikelihood(logits);
                float[] shifted = new float[size + 6];
                System.arraycopy(logits, 0, shifted, 3, size);
                shifted[2] = Float.MAX_VALUE;
                shifted[size + 3] = Float.MAX_VALUE;
                for (Kernels kernels : AllKernels.list()) {
                    Sampler sampler = new Sampler(kernels, size);
                    for (int k : new int[] {1, 2, 20, 100, 3000, size}) {
                        Likeliest likeliest = sampler.likeliest(shifted, 3, k, 2f);
                        assertThat(likeliest.tokens())
                                .as("%s, %d of %d tokens, %s", kernels.name(), k, size, shape)
                                .containsExactly(sorted.stream()
                                        .limit(k)
                                        .mapToInt(Integer::intValue)
                                        .toArray());
                        for (int i = 0; i < likeliest.logprobs().length; i++) {
                            assertThat(likeliest.logprobs()[i])
                                    .isEqualTo(logits[likeliest.tokens()[i]] - 2f);
                        }
                    }
                }
            }
        }
    }

    @Test
    void saysOfNumbersThatAreNoneWhateverTheCutsAre() {
        for (Kernels kernels : AllKernels.list()) {
            for (int size : SIZES) {
                Random random = new Random(size);
                Sampler sampler = new Sampler(kernels, size);
                for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
                    for (int round = 0; round < 20; round++) {
                        float[] logits = row(Shape.USUAL, size, random);
                        logits[random.nextInt(size)] = bad;
                        assertThat(sampler.draw(logits, 0, params(size, random), random.nextLong()))
                                .as("%s, %d tokens", kernels.name(), size)
                                .isEqualTo(Sampler.NOT_NUMBERS);
                    }
                }
                float[] nothing = new float[size];
                Arrays.fill(nothing, Float.NEGATIVE_INFINITY);
                assertThat(sampler.draw(nothing, 0, params(size, random), random.nextLong()))
                        .isEqualTo(Sampler.NOT_NUMBERS);
            }
        }
    }

    @Test
    void rowsOfABatchGetTheSameTokensAndLogprobBitsOnAnyNumberOfThreads() {
        int rows = 37;
        int size = 4099;
        Random random = new Random(5);
        float[] logits = new float[rows * size];
        List<SamplingParams> params = new ArrayList<>();
        for (int row = 0; row < rows; row++) {
            Shape shape = Shape.values()[row % Shape.values().length];
            System.arraycopy(row(shape, size, random), 0, logits, row * size, size);
            params.add(params(size, random));
        }
        logits[7 * size + 11] = Float.NaN;
        float[] before = logits.clone();
        for (Kernels kernels : AllKernels.list()) {
            for (int threads : new int[] {1, 2, 3, 8}) {
                try (WorkerPool pool = new WorkerPool(threads)) {
                    BatchSampler sampler = new BatchSampler(kernels, pool, size);
                    for (int round = 0; round < 2; round++) {
                        sampler.clear();
                        for (int row = 0; row < rows; row++) {
                            sampler.add(
                                    new SampleState(params.get(row), 0, PROMPT, PROMPT, Optional.empty(), 10),
                                    row,
                                    row,
                                    row % 3 == 0 ? Report.NONE : 0);
                        }
                        sampler.draw(logits);
                        for (int row = 0; row < rows; row++) {
                            float[] alone = Arrays.copyOfRange(logits, row * size, (row + 1) * size);
                            long bits = Philox.bits(params.get(row).seed(), 0, row);
                            int token = PlainSampler.draw(alone, params.get(row), bits);
                            assertThat(sampler.token(row, 0))
                                    .as("%s, %d threads, row %d", kernels.name(), threads, row)
                                    .isEqualTo(token);
                            float logprob = token == Sampler.NOT_NUMBERS || row % 3 == 0
                                    ? Float.NaN
                                    : alone[token] - new ScalarKernels().logSumExp(alone, 0, size);
                            assertThat(Float.floatToIntBits(sampler.logprob(row, 0)))
                                    .isEqualTo(Float.floatToIntBits(logprob));
                        }
                    }
                }
            }
        }
        assertThat(logits).as("rows stay as they are").containsExactly(before);
    }

    private static void check(
            Sampler sampler, Kernels kernels, float[] logits, SamplingParams params, Random random, Shape shape) {
        float[] shifted = new float[logits.length + 6];
        System.arraycopy(logits, 0, shifted, 3, logits.length);
        shifted[2] = Float.MAX_VALUE;
        shifted[logits.length + 3] = Float.MAX_VALUE;
        for (long bits : new long[] {0, -1L, random.nextLong(), random.nextLong()}) {
            assertThat(sampler.draw(shifted, 3, params, bits))
                    .as("%s, %d tokens, %s, %s, bits %x", kernels.name(), logits.length, shape, params, bits)
                    .isEqualTo(PlainSampler.draw(logits, params, bits));
        }
    }

    private static float[] row(Shape shape, int size, Random random) {
        float[] logits = new float[size];
        for (int id = 0; id < size; id++) {
            float gaussian = (float) random.nextGaussian();
            logits[id] = switch (shape) {
                case EQUAL -> 3.25f;
                case FLAT -> 0.01f * gaussian;
                case USUAL -> 3f * gaussian;
                case STEEP -> 20f * gaussian;
                case COARSE -> (float) Math.rint(2f * gaussian);
                case TWO_VALUES -> gaussian > 1 ? 1f : -1f;
                case SIGNED_ZEROS -> gaussian > 0 ? 0f : -0f;
                case MANY_INFINITE -> gaussian > 0.5f ? gaussian : Float.NEGATIVE_INFINITY;
                case ONE_FINITE -> id == size / 3 ? gaussian : Float.NEGATIVE_INFINITY;
                case HUGE -> gaussian * 1e38f;
                case ASCENDING -> id * 0.01f;
                case DESCENDING -> id * -0.01f;
            };
        }
        return logits;
    }

    private static SamplingParams params(int size, Random random) {
        float temperature = switch (random.nextInt(6)) {
            case 0 -> 1f;
            case 1 -> 1e-30f;
            case 2 -> 1e30f;
            case 3 -> 0f;
            default -> 0.1f + 2 * random.nextFloat();
        };
        int topK = switch (random.nextInt(6)) {
            case 0 -> 1 + random.nextInt(size + 5);
            case 1 -> 1 + random.nextInt(Math.min(size, 50));
            case 2 -> 40;
            default -> 0;
        };
        float topP = switch (random.nextInt(6)) {
            case 0 -> 0.9f;
            case 1 -> Math.nextDown(1f);
            case 2 -> 1f - random.nextFloat();
            case 3 -> Float.MIN_VALUE;
            default -> 1f;
        };
        float minP = switch (random.nextInt(5)) {
            case 0 -> random.nextFloat();
            case 1 -> 0.02f * random.nextFloat();
            case 2 -> random.nextBoolean() ? 1f : Float.MIN_VALUE;
            default -> 0f;
        };
        float typicalP = switch (random.nextInt(6)) {
            case 0 -> 0.95f;
            case 1 -> Math.nextDown(1f);
            case 2 -> 1f - random.nextFloat();
            case 3 -> Float.MIN_VALUE;
            default -> 1f;
        };
        return new SamplingParams(temperature, topK, topP, minP, typicalP, Penalties.NONE, TokenRules.NONE, 0);
    }
}
