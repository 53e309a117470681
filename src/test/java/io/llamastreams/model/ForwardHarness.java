package io.llamastreams.model;

import io.llamastreams.model.load.ModelLoader;
import io.llamastreams.model.load.ModelLoader.LoadedModel;
import io.llamastreams.model.load.WeightStorage;
import io.llamastreams.tensor.kernel.Kernels;
import io.llamastreams.tensor.kernel.KvLayer;
import io.llamastreams.tensor.kernel.KvType;
import io.llamastreams.tensor.kernel.WorkerPool;
import java.nio.file.Path;
import java.util.Arrays;

/** A model with a forward pass and enough KV blocks for some sequences, for tests that run it by hand. */
final class ForwardHarness implements AutoCloseable {
    private final WorkerPool pool;
    private final LlamaModel model;
    private final LlamaForward forward;
    private final ForwardBatch batch;

    ForwardHarness(Path file, Kernels kernels, int threads, int sequences) {
        this(file, WeightStorage.PACKED, kernels, KvType.F32, threads, sequences);
    }

    ForwardHarness(Path file, Kernels kernels, KvType kvType, int threads, int sequences) {
        this(file, WeightStorage.PACKED, kernels, kvType, threads, sequences);
    }

    ForwardHarness(Path file, WeightStorage storage, Kernels kernels, int threads, int sequences) {
        this(file, storage, kernels, KvType.F32, threads, sequences);
    }

    private ForwardHarness(
            Path file, WeightStorage storage, Kernels kernels, KvType kvType, int threads, int sequences) {
        pool = new WorkerPool(threads);
        LoadedModel loaded = ModelLoader.load(file, storage, pool, ModelLoader.Progress.NONE);
        model = loaded.model();
        int blocks = sequences * blocksPerSequence();
        forward = new LlamaForward(model, kernels, pool, new ForwardLimits(64, 64, blocks, kvType));
        batch = new ForwardBatch(64, 64);
    }

    LlamaConfig config() {
        return model.config();
    }

    LlamaForward forward() {
        return forward;
    }

    private int blocksPerSequence() {
        return (model.config().contextLength() + KvLayer.BLOCK_TOKENS - 1) / KvLayer.BLOCK_TOKENS;
    }

    /** Blocks of a sequence, in an order of no meaning. */
    int[] blockTable(int sequence) {
        int[] table = new int[blocksPerSequence()];
        for (int i = 0; i < table.length; i++) {
            table[i] = sequence * table.length + (table.length - 1 - i);
        }
        return table;
    }

    /** Runs tokens of one sequence from {@code position} on, in chunks; logits of the last. */
    float[] run(int[] table, int position, int[] tokens, int chunk) {
        float[] logits = null;
        for (int from = 0; from < tokens.length; from += chunk) {
            int to = Math.min(tokens.length, from + chunk);
            batch.clear();
            for (int i = from; i < to; i++) {
                if (i + 1 == tokens.length) {
                    batch.addWithLogits(tokens[i], position + i, table);
                } else {
                    batch.add(tokens[i], position + i, table);
                }
            }
            forward.forward(batch);
            logits = Arrays.copyOf(forward.logits(), config().vocabularySize());
        }
        return logits;
    }

    /** One token of each sequence at the same position; logits of each. */
    float[][] runTogether(int[][] tables, int position, int[] tokens) {
        batch.clear();
        for (int i = 0; i < tokens.length; i++) {
            batch.addWithLogits(tokens[i], position, tables[i]);
        }
        forward.forward(batch);
        float[][] logits = new float[tokens.length][];
        int width = config().vocabularySize();
        for (int i = 0; i < tokens.length; i++) {
            logits[i] = Arrays.copyOfRange(forward.logits(), i * width, (i + 1) * width);
        }
        return logits;
    }

    @Override
    public void close() {
        forward.close();
        model.close();
        pool.close();
    }
}
