package io.llamastreams.benchmark;

import io.llamastreams.tensor.kernel.KernelChoice;
import io.llamastreams.tensor.kernel.Kernels;
import io.llamastreams.tensor.kernel.PackedInput;
import io.llamastreams.tensor.quant.TensorType;
import io.llamastreams.tensor.vector.KernelProvider;
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
import org.openjdk.jmh.annotations.Warmup;

/** Laying out n input rows of 2048 numbers for products with weights of a type; quantising them where these are. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class InputBenchmark {
    private static final int COLUMNS = 2048;

    @Param({"F32", "Q8_0", "Q4_0"})
    public TensorType weights;

    @Param({"1", "8", "64"})
    public int n;

    private final Kernels kernels = KernelProvider.choose(KernelChoice.AUTO);
    private float[] x;
    private PackedInput input;

    @Setup
    public void setUp() {
        x = RandomNumbers.normal(1, n * COLUMNS, 1);
        input = ProductInputs.prepared(kernels, weights, n, COLUMNS);
    }

    @Benchmark
    public PackedInput pack() {
        kernels.pack(x, COLUMNS, input, 0, n);
        return input;
    }
}
