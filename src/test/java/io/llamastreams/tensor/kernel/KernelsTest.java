package io.llamastreams.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.llamastreams.tensor.quant.BlockFormats;
import io.llamastreams.tensor.quant.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Twins: every implementation against the scalar one, bit for bit, and the scalar one against plain formulas in double. */
class KernelsTest {
    private static final int[] LENGTHS = {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 257, 1000};

    private final Random random = new Random(20261);

    @Test
    void namesTellTheWidth() {
        assertThat(AllKernels.list().stream().map(Kernels::name))
                .containsExactly("scalar", "vector-128", "vector-256", "vector-512");
    }

    @Test
    void productsEqualTheScalarOnesForEveryTypeShapeAndBatch() {
        int[][] shapes = {{1, 32}, {31, 64}, {32, 32}, {33, 96}, {70, 320}, {64, 544}, {5, 256}};
        for (TensorType type : TensorType.values()) {
            for (int[] shape : shapes) {
                for (int rows : new int[] {1, 2, 3, 4, 5, 7, 8, 9, 13, 16, 33}) {
                    compareProducts(type, shape[0], shape[1], rows);
                }
            }
        }
        for (TensorType type : new TensorType[] {TensorType.F32, TensorType.F16, TensorType.BF16}) {
            for (int columns : LENGTHS) {
                compareProducts(type, 35, columns, 1);
                compareProducts(type, 35, columns, 6);
            }
        }
    }

    private void compareProducts(TensorType type, int outputs, int columns, int rows) {
        try (Arena arena = Arena.ofConfined()) {
            float[] w = gaussians(outputs * columns, 0.5f);
            PanelMatrix matrix = pack(type, w, outputs, columns, arena);
            float[] x = gaussians(rows * columns, 1f);
            float[] expected = null;
            for (Kernels kernels : AllKernels.list()) {
                float[] out = product(kernels, matrix, x, rows);
                if (expected == null) {
                    expected = out;
                    checkAgainstDouble(matrix, x, rows, out);
                } else {
                    assertThat(bits(out))
                            .as("%s %s [%d, %d] x %d", kernels.name(), type, outputs, columns, rows)
                            .isEqualTo(bits(expected));
                }
                for (int row = 0; row < rows; row++) {
                    float[] alone =
                            product(kernels, matrix, Arrays.copyOfRange(x, row * columns, (row + 1) * columns), 1);
                    assertThat(bits(alone))
                            .as("%s %s row %d alone", kernels.name(), type, row)
                            .isEqualTo(bits(Arrays.copyOfRange(out, row * outputs, (row + 1) * outputs)));
                }
            }
        }
    }

    /** The plain product in double, from the weights as decoded; inputs to quantised weights lose up to half a step. */
    private static void checkAgainstDouble(PanelMatrix matrix, float[] x, int rows, float[] out) {
        int columns = matrix.columns();
        float[] weights = new float[columns];
        for (int m = 0; m < matrix.rows(); m++) {
            matrix.readRow(m, weights, 0);
            for (int row = 0; row < rows; row++) {
                double sum = 0;
                double tolerance = 1e-30;
                for (int k = 0; k < columns; k++) {
                    double product = (double) weights[k] * x[row * columns + k];
                    sum += product;
                    tolerance += Math.abs(product) * columns * 0x1p-24;
                    if (matrix.isQuantised()) {
                        tolerance += Math.abs(weights[k]) * 5 / 127.0 * 0.51;
                    }
                }
                assertThat((double) out[row * matrix.rows() + m]).isCloseTo(sum, within(tolerance));
            }
        }
    }

    @Test
    void quantisedProductIsThePublishedFormula() {
        // One block: sum over 32 of (q * scale) * x, with x chosen so that its own quantisation is exact.
        try (Arena arena = Arena.ofConfined()) {
            float[] w = new float[32];
            float[] x = new float[32];
            double expected = 0;
            for (int k = 0; k < 32; k++) {
                w[k] = (k - 16) * 0.5f;
                x[k] = k == 0 ? 127 : k;
            }
            PanelMatrix matrix = pack(TensorType.Q8_0, w, 1, 32, arena);
            float[] decoded = new float[32];
            matrix.readRow(0, decoded, 0);
            for (int k = 0; k < 32; k++) {
                expected += (double) decoded[k] * x[k];
            }
            for (Kernels kernels : AllKernels.list()) {
                assertThat((double) product(kernels, matrix, x, 1)[0]).isCloseTo(expected, within(1e-3));
            }
        }
    }

    /** Every weight and every input at an end of its range, in every combination of signs: sums as large as they get. */
    @Test
    void holdsTheLargestSumsOfABlock() {
        for (TensorType type : List.of(TensorType.Q8_0, TensorType.Q4_0)) {
            int low = type == TensorType.Q8_0 ? -128 : -8;
            int high = type == TensorType.Q8_0 ? 127 : 7;
            for (int pattern = 0; pattern < 16; pattern++) {
                int even = (pattern & 1) == 0 ? low : high;
                int odd = (pattern & 2) == 0 ? low : high;
                float evenInput = (pattern & 4) == 0 ? -127 : 127;
                float oddInput = (pattern & 8) == 0 ? -127 : 127;
                float expected = 16 * (even * evenInput + odd * oddInput);
                try (Arena arena = Arena.ofConfined()) {
                    PanelMatrix matrix = alternating(type, even, odd, arena);
                    float[] x = new float[5 * 32];
                    for (int k = 0; k < x.length; k++) {
                        x[k] = k % 2 == 0 ? evenInput : oddInput;
                    }
                    for (Kernels kernels : AllKernels.list()) {
                        assertThat(product(kernels, matrix, x, 5))
                                .as("%s %s pattern %d", kernels.name(), type, pattern)
                                .containsOnly(expected);
                        assertThat(product(kernels, matrix, Arrays.copyOf(x, 32), 1))
                                .containsOnly(expected);
                    }
                }
            }
        }
    }

    /** 40 rows of one block whose scale is 1. */
    private static PanelMatrix alternating(TensorType type, int even, int odd, Arena arena) {
        MemorySegment source = arena.allocate(40L * type.blockBytes());
        for (int row = 0; row < 40; row++) {
            long at = (long) row * type.blockBytes();
            source.set(PanelMatrix.SHORT, at, Float.floatToFloat16(1f));
            for (int j = 0; j < type.blockBytes() - 2; j++) {
                int number = j % 2 == 0 ? even : odd; // of a nibble, k and k + 16 are both even or both odd
                int bits = type == TensorType.Q8_0 ? number : (number + 8) * 0x11;
                source.set(PanelMatrix.BYTE, at + 2 + j, (byte) bits);
            }
        }
        PanelMatrix matrix = new PanelMatrix(type, 40, 32, arena);
        matrix.packPanels(source, 0, matrix.panels());
        return matrix;
    }

    @Test
    void takesBlocksOfTinyInputsForZeros() {
        try (Arena arena = Arena.ofConfined()) {
            PanelMatrix matrix = alternating(TensorType.Q4_0, 7, -8, arena);
            float[] x = new float[2 * 32];
            Arrays.fill(x, Float.MIN_VALUE);
            for (Kernels kernels : AllKernels.list()) {
                assertThat(product(kernels, matrix, x, 2)).containsOnly(0f);
            }
        }
    }

    @Test
    void rejectsScalesThatAreNotFinite() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment source = arena.allocate(34);
            source.set(PanelMatrix.SHORT, 0, (short) 0x7c00);
            PanelMatrix matrix = new PanelMatrix(TensorType.Q8_0, 1, 32, arena);
            assertThatThrownBy(() -> matrix.packPanels(source, 0, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("row 0, block 0: expected a finite scale, found Infinity");
        }
    }

    @Test
    void rejectsInputOfAnotherShapeOrKind() {
        try (Arena arena = Arena.ofConfined()) {
            PanelMatrix matrix = pack(TensorType.F32, new float[64], 2, 32, arena);
            PackedInput input = new PackedInput(InputForm.BLOCKS_OF_FLOATS, 1, 64);
            input.prepare(1, 32, 1);
            assertThatThrownBy(() -> new ScalarKernels()
                            .multiply(matrix, input, 0, 1, new float[2], 2, MultiplyScratch.forRows(1, arena)))
                    .hasMessageContaining("expected input of 32 columns, PLAIN, found 32, BLOCKS_OF_FLOATS");
        }
    }

    @Test
    void elementwiseOperationsEqualTheScalarOnes() {
        Kernels scalar = new ScalarKernels();
        for (int length : LENGTHS) {
            float[] x = gaussians(length + 5, 3f);
            float[] y = gaussians(length + 5, 3f);
            for (Kernels kernels : AllKernels.list()) {
                float[] expected = x.clone();
                float[] actual = x.clone();
                scalar.addInPlace(expected, 2, y, 3, length);
                kernels.addInPlace(actual, 2, y, 3, length);
                scalar.swigluInPlace(expected, 1, y, 4, length);
                kernels.swigluInPlace(actual, 1, y, 4, length);
                assertThat(bits(actual))
                        .as("%s length %d", kernels.name(), length)
                        .isEqualTo(bits(expected));

                float[] weight = Arrays.copyOf(y, length);
                float[] expectedNorm = new float[length + 1];
                float[] actualNorm = new float[length + 1];
                scalar.rmsNorm(x, 3, weight, 1e-5f, expectedNorm, 1);
                kernels.rmsNorm(x, 3, weight, 1e-5f, actualNorm, 1);
                assertThat(bits(actualNorm))
                        .as("%s length %d", kernels.name(), length)
                        .isEqualTo(bits(expectedNorm));

                assertThat(Float.floatToIntBits(kernels.logSumExp(x, 2, length)))
                        .as("%s length %d", kernels.name(), length)
                        .isEqualTo(Float.floatToIntBits(scalar.logSumExp(x, 2, length)));
                assertThat(kernels.argmax(x, 2, length)).isEqualTo(scalar.argmax(x, 2, length));
            }
        }
    }

    @Test
    void normSwigluAndLogSumExpFollowTheirFormulas() {
        Kernels scalar = new ScalarKernels();
        float[] x = gaussians(100, 2f);
        float[] y = gaussians(100, 2f);
        float[] norm = new float[100];
        scalar.rmsNorm(x, 0, y, 1e-5f, norm, 0);
        double squares = 0;
        double exponentials = 0;
        for (float v : x) {
            squares += (double) v * v;
            exponentials += Math.exp(v);
        }
        float[] gate = x.clone();
        scalar.swigluInPlace(gate, 0, y, 0, 100);
        for (int i = 0; i < 100; i++) {
            assertThat((double) norm[i]).isCloseTo(x[i] / Math.sqrt(squares / 100 + 1e-5) * y[i], within(1e-5));
            assertThat((double) gate[i]).isCloseTo(x[i] / (1 + Math.exp(-x[i])) * y[i], within(1e-5));
        }
        assertThat((double) scalar.logSumExp(x, 0, 100)).isCloseTo(Math.log(exponentials), within(1e-5));
    }

    @Test
    void argmaxTakesTheFirstOfEqualsAndTellsOfNaN() {
        for (Kernels kernels : AllKernels.list()) {
            float[] x = new float[70];
            x[37] = 2;
            x[12] = 2;
            x[69] = 2;
            assertThat(kernels.argmax(x, 0, 70)).isEqualTo(12);
            assertThat(kernels.argmax(x, 13, 57)).isEqualTo(24);
            assertThat(kernels.argmax(new float[] {-0f, 0f}, 0, 2)).isZero();
            x[50] = Float.NaN;
            assertThat(kernels.argmax(x, 0, 70)).isEqualTo(-1);
            assertThat(kernels.logSumExp(x, 0, 70)).isNaN();
        }
    }

    @Test
    void drawWeightsAreTheFormulaInWholeNumbersInAllForms() {
        for (int length : new int[] {1, 7, 8, 17, 100, 511, 512, 513, 1025, 1600}) {
            for (float temperature : new float[] {1f, 0.3f, 2.5f, 1e-30f, 1e30f}) {
                float[] x = gaussians(length + 4, 9f);
                x[2 + length / 2] = Float.NEGATIVE_INFINITY;
                x[2] = 30f;
                for (Kernels kernels : AllKernels.list()) {
                    float[] weights = new float[length];
                    long[] blockSums = new long[length / Kernels.DRAW_BLOCK + 1];
                    long total = kernels.drawWeights(x, 2, length, 30f, temperature, weights, blockSums);
                    long sum = 0;
                    for (int i = 0; i < length; i++) {
                        float exponent = (x[2 + i] - 30f) / temperature;
                        long expected = exponent < -27.725887f ? 0 : (long) (ExactMath.exp(exponent) * 0x1p40);
                        assertThat(weights[i])
                                .as("%s length %d, temperature %s, number %d", kernels.name(), length, temperature, i)
                                .isEqualTo((float) expected);
                        sum += expected;
                        blockSums[i / Kernels.DRAW_BLOCK] -= expected;
                    }
                    assertThat(total).isEqualTo(sum);
                    assertThat(blockSums).containsOnly(0L);
                }
            }
        }
    }

    @Test
    void columnMaximaAndIndicesFromEqualTheScalarOnes() {
        Kernels scalar = new ScalarKernels();
        for (int length : LENGTHS) {
            float[] x = gaussians(length + 5, 3f);
            x[3 + length / 2] = Float.NEGATIVE_INFINITY;
            for (Kernels kernels : AllKernels.list()) {
                for (int columns : new int[] {16, 48, 256}) {
                    float[] expected = new float[columns];
                    float[] actual = new float[columns];
                    scalar.columnMaxima(x, 3, length, expected, columns);
                    kernels.columnMaxima(x, 3, length, actual, columns);
                    assertThat(bits(actual))
                            .as("%s length %d, columns %d", kernels.name(), length, columns)
                            .isEqualTo(bits(expected));
                }
                for (float least : new float[] {Float.NEGATIVE_INFINITY, -1f, 0f, x[3], 5f, 100f}) {
                    int[] expected = new int[length];
                    int[] actual = new int[length];
                    int count = scalar.indicesFrom(x, 3, length, least, expected);
                    assertThat(kernels.indicesFrom(x, 3, length, least, actual)).isEqualTo(count);
                    assertThat(Arrays.copyOf(actual, count))
                            .as("%s length %d, least %s", kernels.name(), length, least)
                            .isEqualTo(Arrays.copyOf(expected, count));
                }
            }
        }
    }

    @Test
    void exponentialIsAccurateAndEqualInAllForms() {
        double worst = 0;
        for (int i = 0; i < 200_000; i++) {
            float x = -87f + 175f * random.nextFloat();
            worst = Math.max(worst, Math.abs(ExactMath.exp(x) / StrictMath.exp(x) - 1));
        }
        assertThat(worst).as("worst").isLessThan(2e-7);
        assertThat(ExactMath.exp(0f)).isEqualTo(1f);
        assertThat(ExactMath.exp(Float.NaN)).isNaN();
        assertThat(ExactMath.exp(Float.NEGATIVE_INFINITY)).isBetween(0f, 1.3e-38f);
    }

    static PanelMatrix pack(TensorType type, float[] weights, int rows, int columns, Arena arena) {
        MemorySegment source = arena.allocate(type.bytes(columns) * rows, 64);
        BlockFormats.encode(type, weights, 0, rows * columns, source, 0);
        PanelMatrix matrix = new PanelMatrix(type, rows, columns, arena);
        matrix.packPanels(source, 0, matrix.panels());
        return matrix;
    }

    private static float[] product(Kernels kernels, PanelMatrix matrix, float[] x, int rows) {
        PackedInput input = new PackedInput(kernels.inputForm(matrix.type(), rows), rows, matrix.columns());
        input.prepare(rows, matrix.columns(), kernels.tileColumns());
        kernels.pack(x, matrix.columns(), input, 0, rows);
        float[] out = new float[rows * matrix.rows()];
        kernels.multiply(
                matrix, input, 0, matrix.panels(), out, matrix.rows(), MultiplyScratch.forRows(rows, Arena.ofAuto()));
        return out;
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
        for (int i = 0; i < x.length; i++) {
            bits[i] = Float.floatToRawIntBits(x[i]);
        }
        return bits;
    }
}
