package io.llamastreams.benchmark;

import io.llamastreams.model.ForwardBatch;
import io.llamastreams.model.ForwardLimits;
import io.llamastreams.model.LlamaForward;
import io.llamastreams.model.load.ModelLoader;
import io.llamastreams.tensor.kernel.KernelChoice;
import io.llamastreams.tensor.kernel.Kernels;
import io.llamastreams.tensor.kernel.KvLayer;
import io.llamastreams.tensor.kernel.KvType;
import io.llamastreams.tensor.kernel.WorkerPool;
import io.llamastreams.tensor.vector.KernelProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
 * One decoding step of a model with 15 million random weights: a token of each of n sequences with 128 tokens before it, all
 * logits, and the likeliest token of each, on two threads. What it allocates is what every step of a worker does.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 1)
public class StepBenchmark {
    private static final int CONTEXT = 128;
    private static final int THREADS = 2;

    @Param({"F32", "Q8_0", "Q4_0"})
    public String weights;

    @Param({"1", "8", "64"})
    public int n;

    private final Kernels kernels = KernelProvider.choose(KernelChoice.AUTO);
    private WorkerPool pool;
    private LlamaForward forward;
    private ForwardBatch batch;
    private int[][] tables;
    private int[] tokens;

    @Setup
    public void setUp() throws IOException {
        pool = new WorkerPool(THREADS);
        Path file = Files.createTempFile("step", ".gguf");
        try {
            RandomModelFile.main(new String[] {"15M", weights, file.toString()});
            int blocks = CONTEXT / KvLayer.BLOCK_TOKENS + 1;
            forward = new LlamaForward(
                    ModelLoader.load(file, pool, ModelLoader.Progress.NONE).model(),
                    kernels,
                    pool,
                    new ForwardLimits(Math.max(CONTEXT, n), n, n * blocks, KvType.F32));
            tables = new int[n][blocks];
            for (int i = 0; i < n * blocks; i++) {
                tables[i / blocks][i % blocks] = i;
            }
        } finally {
            Files.delete(file);
        }
        tokens = new int[n];
        Arrays.setAll(tokens, i -> 1000 + i);
        batch = new ForwardBatch(Math.max(CONTEXT, n), n);
        for (int[] table : tables) {
            batch.clear();
            for (int position = 0; position < CONTEXT; position++) {
                batch.add(300 + position, position, table);
            }
            forward.forward(batch);
        }
    }

    @Benchmark
    public int step() {
        batch.clear();
        for (int i = 0; i < n; i++) {
            batch.addWithLogits(tokens[i], CONTEXT, tables[i]);
        }
        forward.forward(batch);
        int vocabulary = forward.config().vocabularySize();
        for (int i = 0; i < n; i++) {
            tokens[i] = kernels.argmax(forward.logits(), i * vocabulary, vocabulary);
        }
        return tokens[0];
    }

    @TearDown
    public void tearDown() {
        forward.close();
        pool.close();
    }
}
