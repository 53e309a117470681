package io.llamastreams.model;

import io.llamastreams.tensor.kernel.AttentionScratch;
import io.llamastreams.tensor.kernel.InputForm;
import io.llamastreams.tensor.kernel.MultiplyScratch;
import io.llamastreams.tensor.kernel.PackedInput;
import java.lang.foreign.Arena;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/** Memory of one forward pass, taken once. R = most rows of a batch. */
final class Workspace implements AutoCloseable {
    /** Of what threads work in outside of the heap. */
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

    /** Last hidden states of the rows that want them, [at most R, embedding]. */
    final float[] hidden;

    /** Input of the next product, in each form that some weights take. */
    final Map<InputForm, PackedInput> inputs = new EnumMap<>(InputForm.class);

    /** One for each thread. */
    final MultiplyScratch[] multiplyScratch;

    /** One for each thread. */
    final AttentionScratch[] attentionScratch;

    /** First row of each group that attends together, and the row after the last: [at most R + 1]. */
    final int[] attentionGroups;

    /** @param windowBytes of each thread's window, see {@link LlamaWeights#windowBytes} */
    Workspace(LlamaConfig config, ForwardLimits limits, Set<InputForm> forms, int threads, long windowBytes) {
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
        hidden = floats(rows, config.embeddingLength());
        forms.forEach(form -> inputs.put(form, new PackedInput(form, rows, widest)));
        multiplyScratch = new MultiplyScratch[threads];
        attentionGroups = new int[rows + 1];
        attentionScratch = new AttentionScratch[threads];
        for (int thread = 0; thread < threads; thread++) {
            multiplyScratch[thread] = MultiplyScratch.forRows(rows, arena, windowBytes);
            attentionScratch[thread] =
                    new AttentionScratch(config.groupSize(), config.headSize(), config.contextLength());
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
