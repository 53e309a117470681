package io.llamastreams.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Attention: every implementation against the scalar one, bit for bit, many rows against one at a time, and the scalar one
 * against the formula in double. Pages of f16 against pages of f32 that hold the same numbers.
 */
class AttentionTest {
    private static final int PAGE = KvLayer.BLOCK_TOKENS;
    private static final int HALVES = 1 << 16;
    private static final int INFINITE_HALF = 0x7c00;

    private final Random random = new Random(20262);
    private Arena arena = Arena.ofConfined();

    @AfterEach
    void freePages() {
        arena.close();
    }

    private void renewPages() {
        arena.close();
        arena = Arena.ofConfined();
    }

    @ParameterizedTest
    @EnumSource(KvType.class)
    void equalsTheScalarOneAndTheFormula(KvType type) {
        for (int headSize : new int[] {2, 8, 16, 48, 64, 100, 128}) {
            for (int group : new int[] {1, 2, 3, 4, 5, 8, 9}) {
                for (int positions : new int[] {1, 15, 16, 17, 31, 64, 65, 130, 257}) {
                    renewPages();
                    Sequence sequence = new Sequence(type, headSize, positions);
                    float[] q = gaussians(group * headSize, 1f);
                    float[] expected = sequence.attend(new ScalarKernels(), q, group, positions, 1);
                    sequence.checkAgainstDouble(q, group, positions, expected);
                    for (Kernels kernels : AllKernels.list()) {
                        assertThat(bits(sequence.attend(kernels, q, group, positions, 1)))
                                .as(
                                        "%s head size %d, group %d, positions %d",
                                        kernels.name(), headSize, group, positions)
                                .isEqualTo(bits(expected));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(KvType.class)
    void rowsTogetherGetTheBitsThatEachGetsAlone(KvType type) {
        for (int headSize : new int[] {8, 48, 64, 128}) {
            for (int group : new int[] {1, 2, 3, 4, 8}) {
                for (int first : new int[] {1, 14, 48, 63, 125, 200}) {
                    for (int rows : new int[] {2, 3, 4, 7, 16, 32}) {
                        compareRows(type, headSize, group, first, rows);
                    }
                }
            }
        }
    }

    private void compareRows(KvType type, int headSize, int group, int first, int wantedRows) {
        int longest = first + wantedRows - 1;
        int rows = Math.min(wantedRows, new AttentionScratch(group, headSize, longest).maxRows(longest));
        renewPages();
        Sequence sequence = new Sequence(type, headSize, first + rows - 1);
        int stride = group * headSize;
        float[] q = gaussians(rows * stride, 1f);
        float[] expected = new float[rows * stride];
        for (int row = 0; row < rows; row++) {
            float[] queries = Arrays.copyOfRange(q, row * stride, (row + 1) * stride);
            float[] alone = sequence.attend(new ScalarKernels(), queries, group, first + row, 1);
            System.arraycopy(alone, 0, expected, row * stride, stride);
        }
        for (Kernels kernels : AllKernels.list()) {
            assertThat(bits(sequence.attend(kernels, q, group, first, rows)))
                    .as("%s head size %d, group %d, %d rows from %d", kernels.name(), headSize, group, rows, first)
                    .isEqualTo(bits(expected));
        }
    }

    @Test
    void roomForRowsIsThatOfTheScores() {
        assertThat(new AttentionScratch(8, 128, 2048).maxRows(2048)).isEqualTo(4);
        assertThat(new AttentionScratch(8, 128, 4096).maxRows(4096)).isEqualTo(2);
        assertThat(new AttentionScratch(8, 128, 4096).maxRows(100)).isEqualTo(4);
        assertThat(new AttentionScratch(1, 128, 2048).maxRows(2048)).isEqualTo(32);
        assertThat(new AttentionScratch(64, 128, 1 << 17).maxRows(1 << 17)).isEqualTo(1);
        assertThat(new AttentionScratch(3, 64, 5).maxRows(5)).isEqualTo(10);
    }

    @Test
    void halvesAreAttendedToAsTheFloatsThatTheyStandFor() {
        int headSize = 64;
        int positions = 77;
        Sequence halves = new Sequence(KvType.F16, headSize, positions);
        Sequence floats = new Sequence(KvType.F32, headSize, positions);
        for (int t = 0; t < positions; t++) {
            floats.store(t, rounded(halves.keys[t]), rounded(halves.values[t]));
        }
        float[] q = gaussians(4 * headSize, 1f);
        for (Kernels kernels : AllKernels.list()) {
            assertThat(bits(halves.attend(kernels, q, 4, positions, 1)))
                    .as(kernels.name())
                    .isEqualTo(bits(floats.attend(kernels, q, 4, positions, 1)));
        }
    }

    @Test
    void everyHalfIsReadExactlyAsValue() {
        // One position has the weight 1: what comes out is the value itself.
        int headSize = 64;
        float[] zeros = new float[2 * headSize];
        for (int first = 0; first < HALVES; first += headSize) {
            Sequence sequence = new Sequence(KvType.F16, headSize, 1);
            float[] values = new float[2 * headSize];
            for (int i = 0; i < headSize; i++) {
                values[headSize + i] = Float.float16ToFloat((short) (first + i));
            }
            sequence.store(0, zeros, values);
            for (Kernels kernels : AllKernels.list()) {
                for (int group : new int[] {1, 4}) {
                    float[] out = sequence.attend(kernels, gaussians(group * headSize, 1f), group, 1, 1);
                    for (int i = 0; i < out.length; i++) {
                        float expected = values[headSize + i % headSize];
                        if (Float.isNaN(expected)) {
                            assertThat(out[i]).isNaN();
                        } else {
                            // the sum of a negative zero and the zero that sums begin with is positive
                            assertThat(Float.floatToRawIntBits(out[i]))
                                    .as("%s half %x", kernels.name(), first + i % headSize)
                                    .isEqualTo(Float.floatToRawIntBits(expected + 0f));
                        }
                    }
                }
            }
        }
    }

    @Test
    void everyFiniteHalfIsReadExactlyAsKey() {
        // Scores of 16 neighbouring halves, scaled so that the weights tell them apart.
        int headSize = 2;
        for (int first = 0; first < HALVES; first += PAGE) {
            if ((first & INFINITE_HALF) == INFINITE_HALF) {
                continue;
            }
            Sequence sequence = new Sequence(KvType.F16, headSize, PAGE);
            for (int t = 0; t < PAGE; t++) {
                float key = Float.float16ToFloat((short) (first + t));
                sequence.store(t, new float[] {0, 0, key, 0}, sequence.values[t]);
            }
            float magnitude = Math.abs(Float.float16ToFloat((short) (first | 1)));
            float[] q = gaussians(5 * headSize, 1f);
            for (int head = 0; head < 5; head++) {
                q[head * headSize] = Math.min(4f / magnitude, 0x1p14f);
            }
            float[] expected = sequence.attend(new ScalarKernels(), q, 5, PAGE, 1);
            sequence.checkAgainstDouble(q, 5, PAGE, expected);
            for (Kernels kernels : AllKernels.list()) {
                assertThat(bits(sequence.attend(kernels, q, 5, PAGE, 1)))
                        .as("%s halves from %x", kernels.name(), first)
                        .isEqualTo(bits(expected));
            }
        }
    }

    @Test
    void storesTheNearestHalfAndTheEvenOneOfTwo() {
        int width = 64;
        KvLayer kv = layer(KvType.F16, 1, width, 1);
        float[] numbers = new float[width];
        short[] expected = new short[width];
        int count = 0;
        for (int half = 0; half < INFINITE_HALF; half++) {
            float lower = Float.float16ToFloat((short) half);
            // After the largest half, 65504, would come 65536: numbers from half-way on are infinite.
            float upper = half + 1 == INFINITE_HALF ? 65536f : Float.float16ToFloat((short) (half + 1));
            float border = (lower + upper) / 2;
            float[] around = {lower, Math.nextDown(border), border, Math.nextUp(border)};
            int[] nearest = {half, half, half + half % 2, half + 1};
            for (int i = 0; i < around.length; i++) {
                for (int sign : new int[] {1, -1}) {
                    numbers[count] = sign * around[i];
                    expected[count++] = (short) (nearest[i] | (sign < 0 ? 0x8000 : 0));
                }
            }
            if (count == width) {
                checkStored(kv, numbers, expected);
                count = 0;
            }
        }
        assertThat(count).isZero();
        Arrays.fill(numbers, Float.MAX_VALUE);
        Arrays.fill(expected, (short) INFINITE_HALF);
        numbers[1] = Float.POSITIVE_INFINITY;
        numbers[2] = Float.MIN_VALUE;
        expected[2] = 0;
        checkStored(kv, numbers, expected);
    }

    private static void checkStored(KvLayer kv, float[] numbers, short[] expected) {
        kv.begin(0);
        kv.store(0, 5, numbers, 0, numbers, 0);
        boolean finite = true;
        for (int d = 0; d < numbers.length; d++) {
            finite &= (expected[d] & INFINITE_HALF) != INFINITE_HALF;
            assertThat(kv.keys().getAtIndex(ValueLayout.JAVA_SHORT, 16L * d + 5))
                    .as("%s as key", numbers[d])
                    .isEqualTo(expected[d]);
            assertThat(kv.values().getAtIndex(ValueLayout.JAVA_SHORT, 5L * numbers.length + d))
                    .as("%s as value", numbers[d])
                    .isEqualTo(expected[d]);
        }
        assertThat(kv.isFinite(0)).isEqualTo(finite);
    }

    @Test
    void infiniteHalvesAndNaNReachTheResultUntilTheirBlockBeginsAnew() {
        int headSize = 16;
        int positions = 40;
        for (float bad : new float[] {65520f, Float.NEGATIVE_INFINITY, Float.NaN}) {
            Sequence sequence = new Sequence(KvType.F16, headSize, positions);
            float[] q = gaussians(4 * headSize, 1f);
            float[] good = sequence.attend(new ScalarKernels(), q, 4, positions, 1);
            float[] finite = sequence.values[20];
            float[] values = finite.clone();
            values[headSize] = bad;
            sequence.store(20, sequence.keys[20], values);
            for (Kernels kernels : AllKernels.list()) {
                float[] out = sequence.attend(kernels, q, 4, positions, 1);
                assertThat(Float.isFinite(out[0]))
                        .as("%s %s", kernels.name(), bad)
                        .isFalse();
                assertThat(out[1]).isEqualTo(good[1]);
            }
            sequence.kv.begin(sequence.table[20 / PAGE]);
            sequence.store(20, sequence.keys[20], finite);
            for (Kernels kernels : AllKernels.list()) {
                assertThat(bits(sequence.attend(kernels, q, 4, positions, 1))).isEqualTo(bits(good));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(KvType.class)
    void queriesOfAnySizeAreExact(KvType type) {
        int headSize = 16;
        int positions = 40;
        Sequence sequence = new Sequence(type, headSize, positions);
        for (int t = 0; t < positions; t++) {
            float[] keys = gaussians(2 * headSize, 1e-6f);
            sequence.store(t, keys, sequence.values[t]);
        }
        for (float size : new float[] {1e-44f, 1e-30f, 1f, 32767.998f, 32768f, 65536f, 1e9f, 1e30f, Float.NaN}) {
            float[] q = gaussians(4 * headSize, 1f);
            q[0] = size;
            float[] expected = sequence.attend(new ScalarKernels(), q, 4, positions, 1);
            for (Kernels kernels : AllKernels.list()) {
                assertThat(sequence.attend(kernels, q, 4, positions, 1))
                        .as("%s, size %s", kernels.name(), size)
                        .containsExactly(expected);
            }
        }
    }

    /** Keys and values of one sequence for two KV heads, of which the second is looked at; blocks in an odd order. */
    private final class Sequence {
        final KvLayer kv;
        final int[] table;
        final float[][] keys;
        final float[][] values;

        Sequence(KvType type, int headSize, int positions) {
            int blocks = (positions + PAGE - 1) / PAGE;
            kv = layer(type, 2, headSize, blocks + 3);
            kv.keys().fill((byte) 0xff); // NaN wherever nothing was stored
            kv.values().fill((byte) 0xff);
            table = new int[blocks];
            Arrays.setAll(table, i -> blocks + 2 - i);
            keys = new float[positions][];
            values = new float[positions][];
            for (int t = 0; t < positions; t++) {
                store(t, gaussians(2 * headSize, 1f), gaussians(2 * headSize, 1f));
            }
        }

        void store(int t, float[] key, float[] value) {
            keys[t] = key;
            values[t] = value;
            kv.store(table[t / PAGE], t % PAGE, key, 0, value, 0);
        }

        float[] attend(Kernels kernels, float[] q, int group, int positions, int rows) {
            float[] out = new float[q.length];
            int longest = positions + rows - 1;
            AttentionScratch scratch = new AttentionScratch(group, kv.headSize(), longest);
            Arrays.fill(scratch.scores, Float.NaN); // of some earlier use
            kernels.attend(q, out, 0, group * kv.headSize(), rows, group, kv, 1, table, positions, scratch);
            return out;
        }

        /** softmax(q k / sqrt(d)) v in double, of the numbers as they were stored. */
        void checkAgainstDouble(float[] q, int group, int positions, float[] out) {
            int headSize = kv.headSize();
            for (int head = 0; head < group; head++) {
                double[] weights = new double[positions];
                double sum = 0;
                for (int t = 0; t < positions; t++) {
                    float[] key = kv.type() == KvType.F16 ? rounded(keys[t]) : keys[t];
                    double score = 0;
                    for (int d = 0; d < headSize; d++) {
                        score += (double) q[head * headSize + d] * key[headSize + d];
                    }
                    weights[t] = Math.exp(score / Math.sqrt(headSize));
                    sum += weights[t];
                }
                double[] expected = new double[headSize];
                for (int t = 0; t < positions; t++) {
                    float[] value = kv.type() == KvType.F16 ? rounded(values[t]) : values[t];
                    for (int d = 0; d < headSize; d++) {
                        expected[d] += weights[t] / sum * value[headSize + d];
                    }
                }
                for (int d = 0; d < headSize; d++) {
                    assertThat((double) out[head * headSize + d]).isCloseTo(expected[d], within(2e-5));
                }
            }
        }
    }

    private KvLayer layer(KvType type, int kvHeads, int headSize, int blocks) {
        return new KvLayer(
                type,
                arena.allocate(KvLayer.keyBytes(type, kvHeads, headSize) * blocks, 64),
                arena.allocate(KvLayer.valueBytes(type, kvHeads, headSize) * blocks, 64),
                kvHeads,
                headSize);
    }

    private static float[] rounded(float[] x) {
        float[] result = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            result[i] = Float.float16ToFloat(Float.floatToFloat16(x[i]));
        }
        return result;
    }

    private float[] gaussians(int length, float scale) {
        float[] x = new float[length];
        for (int i = 0; i < length; i++) {
            x[i] = (float) random.nextGaussian() * scale;
        }
        return x;
    }

    private static int[] bits(float[] x) {
        int[] bits = new int[x.length];
        Arrays.setAll(bits, i -> Float.floatToRawIntBits(x[i]));
        return bits;
    }
}
