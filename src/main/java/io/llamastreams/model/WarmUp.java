package io.llamastreams.model;

import io.llamastreams.tensor.kernel.Kernels;
import io.llamastreams.tensor.kernel.KvLayer;
import io.llamastreams.tensor.kernel.PanelMatrix;
import io.llamastreams.tensor.kernel.WeightMatrix;
import io.llamastreams.tensor.kernel.WorkerPool;
import io.llamastreams.tensor.quant.BlockFormats;
import io.llamastreams.tensor.quant.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Lets the JVM see the arithmetic at work before a model needs it: interpreted vector code is hundreds of times slower than
 * compiled code, and what decides about compiling is how often a loop has run, not how long its vectors are. So models of the
 * same kind but of a few thousand numbers run for a moment, one for each number format. They leave nothing behind, and
 * compiling goes on in the background.
 */
public final class WarmUp {
    /** Forward passes of each kind after which everything is compiled, or will be. */
    private static final int ROUNDS = 100;

    private static final int WIDTH = 64;
    private static final int VOCABULARY = 32;
    private static final int MOST_HEADS = 4;

    /** Of each of two sequences: more than one, so that attention steps from one to the next. */
    private static final int BLOCKS = 2;

    private static final int CONTEXT = BLOCKS * KvLayer.BLOCK_TOKENS;

    /** Rows of a prompt: fills wide tiles and a narrow one. */
    private static final int PROMPT = 12;

    private WarmUp() {}

    /**
     * Runs for {@code nanos} at most, or some milliseconds longer; shorter where the code is compiled already.
     *
     * @param config of the model to come
     * @param types of its matrices
     * @param pool as for the model; the work is too small for it, so that the calling thread does it all
     * @param nanoClock tells the time that passes
     */
    public static void run(
            LlamaConfig config,
            Set<TensorType> types,
            Kernels kernels,
            WorkerPool pool,
            LongSupplier nanoClock,
            long nanos) {
        long start = nanoClock.getAsLong();
        LlamaConfig tiny = tiny(config);
        for (TensorType type : types) {
            try (LlamaModel model = LlamaModel.read((file, memory) -> contents(tiny, type, file, memory));
                    LlamaForward forward =
                            new LlamaForward(model, kernels, pool, new ForwardLimits(PROMPT, PROMPT, 2 * BLOCKS))) {
                for (int round = 0; round < ROUNDS && nanoClock.getAsLong() - start < nanos; round++) {
                    run(forward, kernels, round);
                }
            }
        }
    }

    /** The next token of one sequence, and the prompt of another. */
    private static void run(LlamaForward forward, Kernels kernels, int round) {
        ForwardBatch batch = new ForwardBatch(PROMPT, PROMPT);
        int[] first = table(0);
        batch.addWithLogits(round % VOCABULARY, round % CONTEXT, first);
        forward.forward(batch);
        kernels.argmax(forward.logits(), 0, VOCABULARY);
        kernels.logSumExp(forward.logits(), 0, VOCABULARY);
        batch.clear();
        int[] second = table(BLOCKS);
        for (int position = 0; position < PROMPT; position++) {
            batch.addWithLogits(position, position, second);
        }
        forward.forward(batch);
    }

    private static int[] table(int firstBlock) {
        int[] table = new int[BLOCKS];
        for (int i = 0; i < BLOCKS; i++) {
            table[i] = firstBlock + i;
        }
        return table;
    }

    /** One layer with heads like the model's own, and little else. */
    private static LlamaConfig tiny(LlamaConfig config) {
        int group = Math.min(config.groupSize(), MOST_HEADS);
        return LlamaConfig.builder()
                .vocabularySize(VOCABULARY)
                .embeddingLength(WIDTH)
                .layers(1)
                .heads(group)
                .kvHeads(1)
                .headSize(headSize(config))
                .feedForwardLength(WIDTH)
                .contextLength(CONTEXT)
                .ropeTheta(config.ropeTheta())
                .ropeScale(config.ropeScale())
                .rmsEpsilon(config.rmsEpsilon())
                .build();
    }

    /** A quantised output matrix of attention has rows of whole blocks, whatever the head. */
    private static int headSize(LlamaConfig config) {
        int blocks = Math.max(1, Math.min(config.headSize(), 4 * PanelMatrix.BLOCK) / PanelMatrix.BLOCK);
        return blocks * PanelMatrix.BLOCK;
    }

    private static LlamaModel.Contents contents(
            LlamaConfig config, TensorType type, Arena passing, SegmentAllocator lasting) {
        float[] norm = new float[WIDTH];
        Arrays.fill(norm, 1f);
        WeightMatrix embedding = matrix(type, VOCABULARY, WIDTH, passing, lasting);
        List<LlamaWeights.Layer> layers = new ArrayList<>();
        layers.add(new LlamaWeights.Layer(
                norm,
                matrix(type, config.queryWidth(), WIDTH, passing, lasting),
                matrix(type, config.kvWidth(), WIDTH, passing, lasting),
                matrix(type, config.kvWidth(), WIDTH, passing, lasting),
                matrix(type, WIDTH, config.queryWidth(), passing, lasting),
                norm,
                matrix(type, WIDTH, WIDTH, passing, lasting),
                matrix(type, WIDTH, WIDTH, passing, lasting),
                matrix(type, WIDTH, WIDTH, passing, lasting)));
        return new LlamaModel.Contents(config, new LlamaWeights(embedding, layers, norm, embedding));
    }

    private static WeightMatrix matrix(
            TensorType type, int rows, int columns, SegmentAllocator passing, SegmentAllocator lasting) {
        float[] numbers = new float[rows * columns];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (i * 0x9e3779b9 >> 8) * 0x1p-27f;
        }
        MemorySegment source = passing.allocate(type.bytes(numbers.length));
        BlockFormats.encode(type, numbers, 0, numbers.length, source, 0);
        PanelMatrix matrix = new PanelMatrix(type, rows, columns, lasting);
        matrix.packPanels(source, 0, matrix.panels());
        return matrix;
    }
}
