package io.llamastreams.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.llamastreams.tensor.quant.BlockFormats;
import io.llamastreams.tensor.quant.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Twins: a matrix in file order and the same one in panels, under every implementation. */
class RowMatrixTest {
    private static final int[][] SHAPES = {{1, 32}, {31, 64}, {32, 96}, {33, 96}, {70, 320}, {5, 544}};
    private static final int[] BATCHES = {1, 2, 4, 5, 8, 9, 17};

    private final Random random = new Random(5);

    @Test
    void productsEqualThoseOfPanelsForEveryTypeShapeAndBatch() {
        for (TensorType type : TensorType.values()) {
            try (Arena arena = Arena.ofConfined()) {
                // One scratch for all shapes and batches, as in a model.
                MultiplyScratch scratch = MultiplyScratch.forRows(17, arena, PanelMatrix.windowBytes(type, 544));
                for (int[] shape : SHAPES) {
                    MemorySegment file = file(type, shape[0], shape[1], arena);
                    PanelMatrix panels = new PanelMatrix(type, shape[0], shape[1], arena);
                    panels.packPanels(file, 0, panels.panels());
                    RowMatrix rows = new RowMatrix(type, shape[0], shape[1], file);
                    for (int batch : BATCHES) {
                        float[] x = gaussians(batch * shape[1]);
                        for (Kernels kernels : AllKernels.list()) {
                            assertThat(bits(product(kernels, rows, x, batch, scratch)))
                                    .as("%s %s [%d, %d] x %d", kernels.name(), type, shape[0], shape[1], batch)
                                    .isEqualTo(bits(product(kernels, panels, x, batch, scratch)));
                        }
                    }
                }
            }
        }
    }

    @Test
    void aPartOfThePanelsFillsItsPartOfTheOutputOnly() {
        try (Arena arena = Arena.ofConfined()) {
            RowMatrix rows = new RowMatrix(TensorType.Q8_0, 100, 64, file(TensorType.Q8_0, 100, 64, arena));
            MultiplyScratch scratch = MultiplyScratch.forRows(3, arena, PanelMatrix.windowBytes(TensorType.Q8_0, 64));
            float[] x = gaussians(3 * 64);
            Kernels kernels = new ScalarKernels();
            PackedInput input = input(kernels, rows, x, 3);
            float[] whole = new float[3 * 100];
            kernels.multiply(rows, input, 0, rows.panels(), whole, 100, scratch);
            float[] parts = new float[3 * 100];
            kernels.multiply(rows, input, 1, 3, parts, 100, scratch);
            for (int n = 0; n < 3; n++) {
                for (int m = 0; m < 100; m++) {
                    assertThat(parts[n * 100 + m]).isEqualTo(m < 32 || m >= 96 ? 0f : whole[n * 100 + m]);
                }
            }
        }
    }

    @Test
    void twoScratchesMayWorkAtTheSameMatrix() {
        try (Arena arena = Arena.ofConfined()) {
            RowMatrix rows = new RowMatrix(TensorType.F16, 64, 32, file(TensorType.F16, 64, 32, arena));
            MultiplyScratch one = MultiplyScratch.forRows(1, arena, PanelMatrix.windowBytes(TensorType.F16, 32));
            MultiplyScratch two = MultiplyScratch.forRows(1, arena, PanelMatrix.windowBytes(TensorType.F16, 32));
            assertThat(one.window(rows)).isSameAs(one.window(rows));
            rows.layOut(0, one.window(rows));
            rows.layOut(1, two.window(rows));
            float[] first = new float[32];
            float[] expected = new float[32];
            one.window(rows).readRow(0, first, 0);
            rows.readRow(0, expected, 0);
            assertThat(first).isEqualTo(expected);
        }
    }

    @Test
    void rejectsDataOfAnotherSizeAndScratchWithoutRoom() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment file = file(TensorType.F32, 3, 32, arena);
            assertThatThrownBy(() -> new RowMatrix(TensorType.F32, 4, 32, file))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected 512 bytes, found 384");
            RowMatrix rows = new RowMatrix(TensorType.F32, 3, 32, file);
            assertThatThrownBy(() ->
                            product(new ScalarKernels(), rows, new float[32], 1, MultiplyScratch.forRows(1, arena)))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    private MemorySegment file(TensorType type, int rows, int columns, Arena arena) {
        MemorySegment file = arena.allocate(type.bytes(columns) * rows, 64);
        BlockFormats.encode(type, gaussians(rows * columns), 0, rows * columns, file, 0);
        return file;
    }

    private static PackedInput input(Kernels kernels, WeightMatrix matrix, float[] x, int rows) {
        PackedInput input = new PackedInput(kernels.inputForm(matrix.type(), rows), rows, matrix.columns());
        input.prepare(rows, matrix.columns(), kernels.tileColumns());
        kernels.pack(x, matrix.columns(), input, 0, rows);
        return input;
    }

    private static float[] product(Kernels kernels, WeightMatrix matrix, float[] x, int rows, MultiplyScratch scratch) {
        float[] out = new float[rows * matrix.rows()];
        kernels.multiply(matrix, input(kernels, matrix, x, rows), 0, matrix.panels(), out, matrix.rows(), scratch);
        return out;
    }

    private float[] gaussians(int length) {
        float[] x = new float[length];
        for (int i = 0; i < length; i++) {
            x[i] = (float) random.nextGaussian();
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
