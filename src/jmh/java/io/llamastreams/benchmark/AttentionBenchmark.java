package io.llamastreams.benchmark;

import io.llamastreams.tensor.kernel.AttentionScratch;
import io.llamastreams.tensor.kernel.KernelChoice;
import io.llamastreams.tensor.kernel.Kernels;
import io.llamastreams.tensor.kernel.KvLayer;
import io.llamastreams.tensor.kernel.KvType;
import io.llamastreams.tensor.kernel.ScalarKernels;
import io.llamastreams.tensor.vector.KernelProvider;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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
 * Attention of one token in one layer, all heads, over its context in pages, on one thread. Sequences take turns, so that keys
 * and values are read from memory and not from a cache.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class AttentionBenchmark {
    private static final long ALL_BYTES = 192L << 20;

    @Param({"128", "2048"})
    public int context;

    /** Of the shapes with 7 and with 1.1 billion parameters: 32 heads of their own, and 4 KV heads of 8 heads each. */
    @Param({"32x1x128", "4x8x64"})
    public String heads;

    @Param({"F32", "F16"})
    public KvType type;

    private final Kernels kernels = KernelProvider.choose(KernelChoice.AUTO);
    private Arena arena;
    private Shape shape;
    private KvLayer kv;
    private int[][] tables;
    private float[] query;
    private float[] out;
    private AttentionScratch scratch;
    private int next;

    /** KV heads, query heads of each, numbers of a head. */
    private record Shape(int kvHeads, int group, int headSize) {
        static Shape of(String text) {
            String[] words = text.split("x");
            return new Shape(Integer.parseInt(words[0]), Integer.parseInt(words[1]), Integer.parseInt(words[2]));
        }

        int width() {
            return kvHeads * group * headSize;
        }
    }

    /** Two for each number of keys and values and query head. */
    static double operations(String heads, int context) {
        return 4.0 * Shape.of(heads).width() * context;
    }

    @Setup
    public void setUp() {
        shape = Shape.of(heads);
        arena = Arena.ofShared();
        long keyBytes = KvLayer.keyBytes(type, shape.kvHeads, shape.headSize);
        long valueBytes = KvLayer.valueBytes(type, shape.kvHeads, shape.headSize);
        int blocksPerSequence = context / KvLayer.BLOCK_TOKENS;
        tables = new int[(int) Math.max(1, ALL_BYTES / (keyBytes + valueBytes) / blocksPerSequence)][];
        int blocks = tables.length * blocksPerSequence;
        kv = new KvLayer(
                type,
                arena.allocate(keyBytes * blocks, 64),
                arena.allocate(valueBytes * blocks, 64),
                shape.kvHeads,
                shape.headSize);
        fillPages(blocks, blocksPerSequence);
        query = RandomNumbers.normal(3, shape.width(), 1);
        out = new float[shape.width()];
        scratch = new AttentionScratch(shape.group, shape.headSize, context);
        check();
    }

    /** Blocks of a sequence lie anywhere in the pool. */
    private void fillPages(int blocks, int blocksPerSequence) {
        List<Integer> order = IntStream.range(0, blocks).boxed().collect(Collectors.toList());
        Collections.shuffle(order, new Random(1));
        float[] key = new float[shape.kvHeads * shape.headSize];
        float[] value = new float[shape.kvHeads * shape.headSize];
        for (int sequence = 0; sequence < tables.length; sequence++) {
            int first = sequence * blocksPerSequence;
            tables[sequence] = order.subList(first, first + blocksPerSequence).stream()
                    .mapToInt(Integer::intValue)
                    .toArray();
        }
        for (int position = 0; position < blocks * KvLayer.BLOCK_TOKENS; position++) {
            RandomNumbers.fillNormal(2L * position, key, 1);
            RandomNumbers.fillNormal(2L * position + 1, value, 1);
            kv.store(position / KvLayer.BLOCK_TOKENS, position % KvLayer.BLOCK_TOKENS, key, 0, value, 0);
        }
    }

    /** Against the scalar kernels, to the bit. */
    private void check() {
        float[] expected = new float[out.length];
        attend(new ScalarKernels(), tables[0], expected);
        attend(kernels, tables[0], out);
        if (!Arrays.equals(expected, out)) {
            throw new IllegalStateException(kernels.name() + " and scalar kernels differ");
        }
    }

    @Benchmark
    public float[] attend() {
        int[] table = tables[next];
        next = next + 1 == tables.length ? 0 : next + 1;
        attend(kernels, table, out);
        return out;
    }

    private void attend(Kernels used, int[] table, float[] result) {
        int width = shape.group * shape.headSize;
        for (int head = 0; head < shape.kvHeads; head++) {
            used.attend(query, result, head * width, shape.width(), 1, shape.group, kv, head, table, context, scratch);
        }
    }

    @TearDown
    public void tearDown() {
        arena.close();
    }
}
