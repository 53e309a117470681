package io.llamastreams.benchmark;

import io.llamastreams.tensor.kernel.KernelChoice;
import io.llamastreams.tensor.kernel.Kernels;
import io.llamastreams.tensor.kernel.MultiplyScratch;
import io.llamastreams.tensor.kernel.PackedInput;
import io.llamastreams.tensor.kernel.PanelMatrix;
import io.llamastreams.tensor.kernel.ScalarKernels;
import io.llamastreams.tensor.quant.BlockFormats;
import io.llamastreams.tensor.quant.TensorType;
import io.llamastreams.tensor.vector.KernelProvider;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Product of a weight matrix [1024, 2048] with n input rows, on one thread. Matrices take turns, as layers do, so that each is
 * read from memory and not from a cache.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class MatrixBenchmark {
    private static final int ROWS = 1024;
    private static final int COLUMNS = 2048;
    private static final long ALL_BYTES = 192L << 20;

    @Param({"F32", "F16", "BF16", "Q8_0", "Q4_0"})
    public TensorType weights;

    @Param({"1", "4", "8", "16", "64", "512"})
    public int n;

    private final Kernels kernels = KernelProvider.choose(KernelChoice.AUTO);
    private Arena arena;
    private PanelMatrix[] matrices;
    private PackedInput input;
    private MultiplyScratch scratch;
    private float[] out;
    private int next;

    /** Two for each weight and input row. */
    static double operations(int n) {
        return 2.0 * ROWS * COLUMNS * n;
    }

    @Setup
    public void setUp() {
        arena = Arena.ofShared();
        long bytes = weights.bytes((long) ROWS * COLUMNS);
        MemorySegment encoded = arena.allocate(bytes, 64);
        float[] numbers = RandomNumbers.normal(1, ROWS * COLUMNS, 0.02);
        BlockFormats.encode(weights, numbers, 0, numbers.length, encoded, 0);
        matrices = new PanelMatrix[(int) (ALL_BYTES / bytes)];
        for (int i = 0; i < matrices.length; i++) {
            matrices[i] = new PanelMatrix(weights, ROWS, COLUMNS, arena);
            matrices[i].packPanels(encoded, 0, matrices[i].panels());
        }
        float[] x = RandomNumbers.normal(2, n * COLUMNS, 1);
        input = ProductInputs.packed(kernels, weights, x, n, COLUMNS);
        scratch = MultiplyScratch.forRows(n, arena);
        out = new float[n * ROWS];
        checkFirstPanel(x);
    }

    /** Against the scalar kernels, to the bit. */
    private void checkFirstPanel(float[] x) {
        Kernels scalar = new ScalarKernels();
        float[] expected = new float[n * ROWS];
        scalar.multiply(
                matrices[0],
                ProductInputs.packed(scalar, weights, x, n, COLUMNS),
                0,
                1,
                expected,
                ROWS,
                MultiplyScratch.forRows(n, arena));
        kernels.multiply(matrices[0], input, 0, 1, out, ROWS, scratch);
        if (!Arrays.equals(expected, out)) {
            throw new IllegalStateException(kernels.name() + " and scalar kernels differ");
        }
    }

    @Benchmark
    public float[] multiply() {
        PanelMatrix matrix = matrices[next];
        next = next + 1 == matrices.length ? 0 : next + 1;
        kernels.multiply(matrix, input, 0, matrix.panels(), out, ROWS, scratch);
        return out;
    }

    @TearDown
    public void tearDown() {
        arena.close();
    }
}
