package io.llamastreams.benchmark;

import io.llamastreams.engine.request.SamplingParams;
import io.llamastreams.engine.sampling.Philox;
import io.llamastreams.engine.sampling.Sampler;
import io.llamastreams.tensor.kernel.KernelChoice;
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
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A token drawn from 32,000 logits. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SamplingBenchmark {
    private static final int VOCABULARY = 32_000;
    private static final int ROWS = 64;

    /** How a token is drawn. */
    public enum Way {
        GREEDY(SamplingParams.GREEDY),
        TEMPERATURE(new SamplingParams(0.8f, 0, 1f, 0f, 1)),
        TOP_K(new SamplingParams(0.8f, 40, 1f, 0f, 1)),
        TOP_P(new SamplingParams(0.8f, 0, 0.9f, 0f, 1)),
        MIN_P(new SamplingParams(0.8f, 0, 1f, 0.05f, 1)),
        TOP_K_AND_P(new SamplingParams(0.8f, 40, 0.9f, 0f, 1));

        private final SamplingParams params;

        Way(SamplingParams params) {
            this.params = params;
        }
    }

    @Param
    public Way way;

    private final Sampler sampler = new Sampler(KernelProvider.choose(KernelChoice.AUTO), VOCABULARY);

    /** Rows of a batch, one after another. */
    private final float[] logits = RandomNumbers.normal(1, ROWS * VOCABULARY, 2);

    private int position;

    @Benchmark
    public int draw() {
        position++;
        return sampler.draw(logits, position % ROWS * VOCABULARY, way.params, Philox.bits(1, 0, position));
    }
}
