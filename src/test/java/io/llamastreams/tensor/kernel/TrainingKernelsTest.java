package io.llamastreams.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.llamastreams.tensor.vector.KernelProvider;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Each implementation against the scalar one, bit for bit, and the scalar one against double precision. */
class TrainingKernelsTest {
    private static final int[] LENGTHS = {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 130};
    private static final int PANEL = TrainingKernels.PANEL;

    private static final TrainingKernels SCALAR = KernelProvider.chooseForTraining(KernelChoice.SCALAR);
    private static final List<TrainingKernels> OTHERS = List.of(
            KernelProvider.chooseForTraining(KernelChoice.vector(128)),
            KernelProvider.chooseForTraining(KernelChoice.vector(256)),
            KernelProvider.chooseForTraining(KernelChoice.vector(512)));

    private final Random random = new Random(1);

    private float[] floats(int count, float deviation) {
        float[] floats = new float[count];
        for (int i = 0; i < count; i++) {
            floats[i] = (float) (deviation * random.nextGaussian());
        }
        return floats;
    }

    @Test
    void productsWithRowsAreEqual() {
        for (int count : LENGTHS) {
            for (int rows : LENGTHS) {
                int xStride = count + 5;
                int outStride = PANEL + 3;
                float[] panel = floats(2 + count * PANEL, 1);
                float[] x = floats(1 + rows * xStride, 1);
                float[] before = floats(4 + rows * outStride, 1);
                float[] expected = before.clone();
                SCALAR.addRowProducts(panel, 2, count, x, 1, xStride, rows, expected, 4, outStride);
                for (int n = 0; n < rows; n++) {
                    for (int m = 0; m < PANEL; m++) {
                        double sum = before[4 + n * outStride + m];
                        for (int k = 0; k < count; k++) {
                            sum += (double) panel[2 + k * PANEL + m] * x[1 + n * xStride + k];
                        }
                        assertThat((double) expected[4 + n * outStride + m]).isCloseTo(sum, within(1e-4));
                    }
                }
                for (TrainingKernels kernels : OTHERS) {
                    float[] out = before.clone();
                    kernels.addRowProducts(panel, 2, count, x, 1, xStride, rows, out, 4, outStride);
                    assertThat(out).as("%d x %d", count, rows).isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void productsWithColumnsAreEqualToThoseWithRowsOfTheTransposed() {
        for (int count : LENGTHS) {
            for (int columns : LENGTHS) {
                float[] panel = floats(count * PANEL, 1);
                float[] x = floats(columns * count, 1);
                float[] transposed = new float[3 + count * (columns + 2)];
                for (int n = 0; n < columns; n++) {
                    for (int k = 0; k < count; k++) {
                        transposed[3 + k * (columns + 2) + n] = x[n * count + k];
                    }
                }
                float[] before = floats(columns * PANEL, 1);
                float[] expected = before.clone();
                SCALAR.addRowProducts(panel, 0, count, x, 0, count, columns, expected, 0, PANEL);
                float[] scalar = before.clone();
                SCALAR.addColumnProducts(panel, 0, count, transposed, 3, columns + 2, columns, scalar, 0, PANEL);
                assertThat(scalar).isEqualTo(expected);
                for (TrainingKernels kernels : OTHERS) {
                    float[] out = before.clone();
                    kernels.addColumnProducts(panel, 0, count, transposed, 3, columns + 2, columns, out, 0, PANEL);
                    assertThat(out).as("%d x %d", count, columns).isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void dotIsEqual() {
        for (int length : LENGTHS) {
            float[] x = floats(length + 2, 1);
            float[] y = floats(length + 3, 1);
            double sum = 0;
            for (int i = 0; i < length; i++) {
                sum += (double) x[2 + i] * y[3 + i];
            }
            float expected = SCALAR.dot(x, 2, y, 3, length);
            assertThat((double) expected).isCloseTo(sum, within(1e-4));
            for (TrainingKernels kernels : OTHERS) {
                assertThat(kernels.dot(x, 2, y, 3, length)).isEqualTo(expected);
            }
        }
    }

    @Test
    void softmaxIsEqualAndSumsToOne() {
        for (int length : LENGTHS) {
            float[] before = floats(length + 4, 5);
            double sum = 0;
            for (int i = 0; i < length; i++) {
                sum += Math.exp(before[2 + i]);
            }
            float[] expected = before.clone();
            float logSum = SCALAR.softmaxInPlace(expected, 2, length);
            assertThat((double) logSum).isCloseTo(Math.log(sum), within(1e-5 * (1 + Math.abs(Math.log(sum)))));
            for (int i = 0; i < length; i++) {
                assertThat((double) expected[2 + i]).isCloseTo(Math.exp(before[2 + i]) / sum, within(1e-6));
            }
            assertThat(expected[0]).isEqualTo(before[0]);
            assertThat(expected[length + 2]).isEqualTo(before[length + 2]);
            for (TrainingKernels kernels : OTHERS) {
                float[] x = before.clone();
                assertThat(kernels.softmaxInPlace(x, 2, length)).isEqualTo(logSum);
                assertThat(x).isEqualTo(expected);
            }
        }
    }

    @Test
    void swigluAndItsGradientAreEqual() {
        for (int length : LENGTHS) {
            float[] gate = floats(length + 1, 3);
            float[] up = floats(length + 2, 3);
            float[] gradient = floats(length + 3, 1);
            float[] expected = new float[length];
            float[] toGate = new float[length];
            float[] toUp = new float[length];
            SCALAR.swiglu(gate, 1, up, 2, expected, 0, length);
            SCALAR.swigluGradient(gate, 1, up, 2, gradient, 3, toGate, 0, toUp, 0, length);
            for (int i = 0; i < length; i++) {
                double g = gate[1 + i];
                double u = up[2 + i];
                double d = gradient[3 + i];
                double sigmoid = 1 / (1 + Math.exp(-g));
                assertThat((double) expected[i]).isCloseTo(g * sigmoid * u, within(1e-5));
                assertThat((double) toUp[i]).isCloseTo(d * g * sigmoid, within(1e-5));
                assertThat((double) toGate[i]).isCloseTo(d * u * (sigmoid + g * sigmoid * (1 - sigmoid)), within(1e-5));
            }
            for (TrainingKernels kernels : OTHERS) {
                float[] out = new float[length + 1];
                float[] gateOut = new float[length + 1];
                float[] upOut = new float[length + 1];
                kernels.swiglu(gate, 1, up, 2, out, 0, length);
                kernels.swigluGradient(gate, 1, up, 2, gradient, 3, gateOut, 0, upOut, 0, length);
                assertThat(out).startsWith(expected).endsWith(0f);
                assertThat(gateOut).startsWith(toGate).endsWith(0f);
                assertThat(upOut).startsWith(toUp).endsWith(0f);
            }
        }
    }
}
