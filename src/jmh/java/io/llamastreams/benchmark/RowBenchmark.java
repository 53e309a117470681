package io.llamastreams.benchmark;

import io.llamastreams.tensor.kernel.KernelChoice;
import io.llamastreams.tensor.kernel.Kernels;
import io.llamastreams.tensor.vector.KernelProvider;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Operations on one row, with the widths of the 7B shape. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RowBenchmark {
    private static final int EMBEDDING = 4096;
    private static final int FEED_FORWARD = 11008;
    private static final int HEADS = 32;
    private static final int HEAD_SIZE = 128;
    private static final int VOCABULARY = 32_000;

    private final Kernels kernels = KernelProvider.choose(KernelChoice.AUTO);
    private final float[] row = RandomNumbers.normal(1, EMBEDDING, 1);
    private final float[] other = RandomNumbers.normal(2, EMBEDDING, 1);
    private final float[] norm = RandomNumbers.normal(3, EMBEDDING, 1);
    private final float[] result = new float[EMBEDDING];
    private final float[] originalGate = RandomNumbers.normal(4, FEED_FORWARD, 1);
    private final float[] gate = new float[FEED_FORWARD];
    private final float[] up = RandomNumbers.normal(5, FEED_FORWARD, 1);
    private final float[] angles = angles();
    private final float[] logits = RandomNumbers.normal(6, VOCABULARY, 2);

    private static float[] angles() {
        float[] cosSin = new float[HEAD_SIZE];
        for (int i = 0; i < HEAD_SIZE; i += 2) {
            double angle = 17 * Math.pow(10000, -(double) i / HEAD_SIZE);
            cosSin[i] = (float) Math.cos(angle);
            cosSin[i + 1] = (float) Math.sin(angle);
        }
        return cosSin;
    }

    @Benchmark
    public float[] rmsNorm() {
        kernels.rmsNorm(row, 0, norm, 1e-5f, result, 0);
        return result;
    }

    /** The row grows and stays a number: rounding stops it long before infinity. */
    @Benchmark
    public float[] addInPlace() {
        kernels.addInPlace(row, 0, other, 0, EMBEDDING);
        return row;
    }

    /** With a copy of the gate, which the operation overwrites. */
    @Benchmark
    public float[] swigluWithCopy() {
        System.arraycopy(originalGate, 0, gate, 0, FEED_FORWARD);
        kernels.swigluInPlace(gate, 0, up, 0, FEED_FORWARD);
        return gate;
    }

    @Benchmark
    public float[] rope() {
        kernels.ropeInPlace(row, 0, HEADS, HEAD_SIZE, angles, 0);
        return row;
    }

    @Benchmark
    public int argmax() {
        return kernels.argmax(logits, 0, VOCABULARY);
    }

    @Benchmark
    public float logSumExp() {
        return kernels.logSumExp(logits, 0, VOCABULARY);
    }
}
