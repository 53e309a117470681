package io.llamastreams.model;

import io.llamastreams.tensor.kernel.KvLayer;
import io.llamastreams.tensor.kernel.MultiplyScratch;
import io.llamastreams.tensor.kernel.PackedInput;
import java.lang.foreign.Arena;

/** Memory of one forward pass, taken once. R = most rows of a batch. */
final class Workspace implements AutoCloseable {
    private static final int LINE_BYTES = 64;

    /** Of the threads' windows on matrices in file order. */
    private final Arena arena = Arena.ofShared();

    /** Residual stream, [R, embedding]. */
    final float[] residual;

    /** A block's normalised input, [R, embedding]. */
    final float[] normalised;

    /** Output of attention's or the feed-forward layer's last matrix, to be added to the residual, [R, embedding]. */
    final float[] branch;

    /** [R, queryWidth]. */
    final float[] query;

    /** [R, kvWidth]. */
    final float[] key;

    /** [R, kvWidth]. */
    final float[] value;

    /** [R, queryWidth]. */
    final float[] attention;

    /** [R, feedForward]. */
    final float[] gate;

    /** [R, feedForward]. */
    final float[] up;

    /** [most logit rows, vocabulary]. */
    final float[] logits;

    /** Input of the next product, for plain weights. */
    final PackedInput plainInput;

    /** Input of the next product, for quantised weights. */
    final PackedInput quantisedInput;

    /** One for each thread. */
    final MultiplyScratch[] multiplyScratch;

    /** Scores of attention, one array for each thread. */
    final float[][] attentionScratch;

    /** @param windowBytes of each thread's window, see {@link LlamaWeights#windowBytes} */
    Workspace(LlamaConfig config, ForwardLimits limits, int threads, long windowBytes) {
        int rows = limits.maxRows();
        int widest = Math.max(Math.max(config.embeddingLength(), config.queryWidth()), config.feedForwardLength());
        residual = floats(rows, config.embeddingLength());
        normalised = floats(rows, config.embeddingLength());
        branch = floats(rows, config.embeddingLength());
        query = floats(rows, config.queryWidth());
        key = floats(rows, config.kvWidth());
        value = floats(rows, config.kvWidth());
        attention = floats(rows, config.queryWidth());
        gate = floats(rows, config.feedForwardLength());
        up = floats(rows, config.feedForwardLength());
        logits = floats(limits.maxLogitRows(), config.vocabularySize());
        plainInput = new PackedInput(rows, widest);
        quantisedInput = new PackedInput(rows, widest);
        multiplyScratch = new MultiplyScratch[threads];
        attentionScratch = new float[threads][];
        for (int thread = 0; thread < threads; thread++) {
            multiplyScratch[thread] = MultiplyScratch.forRows(rows, arena.allocate(windowBytes, LINE_BYTES));
            attentionScratch[thread] =
                    new float[KvLayer.scratchFloats(config.groupSize(), config.headSize(), config.contextLength())];
        }
    }

    private static float[] floats(int rows, int columns) {
        return new float[Math.multiplyExact(rows, columns)];
    }

    @Override
    public void close() {
        arena.close();
    }
}
