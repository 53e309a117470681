package io.llamastreams.training.network;

import io.llamastreams.model.LlamaConfig;
import io.llamastreams.tensor.kernel.TrainingKernels;
import io.llamastreams.tensor.kernel.WorkerPool;
import io.llamastreams.training.optimiser.ParameterTensor;
import java.util.Arrays;

/**
 * Cross entropy of a model over batches of tokens, and its gradient with respect to every parameter.
 *
 * <pre>
 * forward    embed -> each block: norm, q k v, RoPE, attention, +   norm, gate up, SwiGLU, down, + -> norm -> logits -> loss
 * backward   the same in reverse, from what each block has kept
 * </pre>
 *
 * All memory is taken at construction. The weights are the caller's, who calls {@link #weightsChanged} after each change. One
 * thread calls; the pool's threads work. Nothing depends on their number.
 */
public final class LlamaGradient {
    /** Tokens that one piece of work takes through a row of products. */
    private static final int ROWS = 64;

    /** Columns whose sums over all tokens one piece of work makes. */
    private static final int COLUMNS = 64;

    private final LlamaConfig config;
    private final ParameterLayout layout;
    private final TrainingKernels kernels;
    private final WorkerPool pool;
    private final float[] weights;
    private final int maxTokens;
    private final int width;

    private final Block[] blocks;
    private final OutputLayer output;
    private final Rotation rotation;
    private final Linear.Scratch[] scratch;
    private final Attention[] attention;

    /** Output of the last block, [tokens, embedding]. */
    private final float[] last;

    /** Position of each token in its text. */
    private final int[] positions;

    // Gradients with respect to what the names say, [tokens, ...].
    private final float[] toResidual;
    private final float[] toNormed;
    private final float[] toAttended;
    private final float[] toQkv;
    private final float[] toActivated;
    private final float[] toGateAndUp;

    /**
     * Takes memory for batches of up to {@code maxTokens} tokens.
     *
     * @param weights all parameters, as {@code layout} says
     */
    public LlamaGradient(
            ParameterLayout layout, float[] weights, int maxTokens, TrainingKernels kernels, WorkerPool pool) {
        if (weights.length != layout.size()) {
            throw new IllegalArgumentException(
                    "weights: expected " + layout.size() + " numbers, found " + weights.length);
        }
        config = layout.config();
        this.layout = layout;
        this.weights = weights;
        this.maxTokens = maxTokens;
        this.kernels = kernels;
        this.pool = pool;
        width = config.embeddingLength();
        int longest = Math.min(maxTokens, config.contextLength());
        blocks = new Block[config.layers()];
        Arrays.setAll(blocks, layer -> new Block(kernels, layout, layer, maxTokens));
        output = new OutputLayer(layout, maxTokens, kernels, pool);
        rotation = new Rotation(config);
        scratch = new Linear.Scratch[pool.threads()];
        Arrays.setAll(scratch, thread -> new Linear.Scratch(ROWS));
        attention = new Attention[pool.threads()];
        Arrays.setAll(attention, thread -> new Attention(kernels, config, longest));
        last = Block.floats(maxTokens, width);
        positions = new int[maxTokens];
        toResidual = Block.floats(maxTokens, width);
        toNormed = Block.floats(maxTokens, width);
        toAttended = Block.floats(maxTokens, config.queryWidth());
        toQkv = Block.floats(maxTokens, layout.qkvWidth());
        toActivated = Block.floats(maxTokens, config.feedForwardLength());
        toGateAndUp = Block.floats(maxTokens, 2 * config.feedForwardLength());
        weightsChanged();
    }

    /** Takes the weights as they are now. */
    public void weightsChanged() {
        for (Block block : blocks) {
            block.pack(weights, pool);
        }
        output.pack(weights);
    }

    /**
     * Sum of the cross entropies of all targets of a batch, in nats.
     *
     * @throws IllegalArgumentException if the batch has more tokens than there is memory for, or is not for such a model
     */
    public double loss(TokenBatch batch) {
        forward(batch);
        return output.loss(weights, last, batch, scratch);
    }

    /**
     * Adds the gradient of {@link #loss} to {@code gradients}, which are laid out as the weights are.
     *
     * @return the loss
     */
    public double addGradient(TokenBatch batch, float[] gradients) {
        forward(batch);
        int tokens = batch.tokens().length;
        Arrays.fill(toResidual, 0, tokens * width, 0f);
        double loss = output.lossAndGradient(weights, last, batch, toResidual, gradients, scratch);
        for (int layer = blocks.length - 1; layer >= 0; layer--) {
            backward(blocks[layer], batch, gradients);
        }
        addToEmbedding(batch, gradients);
        return loss;
    }

    /**
     * Multiplications and additions of {@link #addGradient}, as they are usually counted: forward 2 for each weight of a
     * matrix and token, backward twice as many, attention over the positions that are seen; nothing for what is computed a
     * second time, nor for norms and the like.
     */
    public double operations(TokenBatch batch) {
        double perToken = 0;
        for (ParameterTensor tensor : layout.tensors()) {
            perToken += tensor.decayed() && tensor.name().startsWith("blk.") ? 6.0 * tensor.size() : 0;
        }
        double operations =
                perToken * batch.tokens().length + 6.0 * config.vocabularySize() * width * batch.targetCount();
        for (int text = 0; text < batch.texts(); text++) {
            double pairs = batch.length(text) * (batch.length(text) + 1.0) / 2;
            operations += 12.0 * config.layers() * config.queryWidth() * pairs;
        }
        return operations;
    }

    private void forward(TokenBatch batch) {
        batch.requireFits(config);
        int tokens = batch.tokens().length;
        if (tokens > maxTokens) {
            throw new IllegalArgumentException("batch: expected at most " + maxTokens + " tokens, found " + tokens);
        }
        for (int text = 0; text < batch.texts(); text++) {
            for (int i = 0; i < batch.length(text); i++) {
                positions[batch.starts()[text] + i] = i;
            }
        }
        embed(batch.tokens(), blocks[0].input);
        for (int layer = 0; layer < blocks.length; layer++) {
            Block block = blocks[layer];
            float[] out = layer + 1 < blocks.length ? blocks[layer + 1].input : last;
            inRows(tokens, (thread, from, to) -> project(block, from, to, scratch[thread].edge));
            inHeads(
                    batch,
                    (thread, text, head) -> attention[thread].forward(
                            block.qkv, batch.starts()[text], batch.length(text), head, block.attended));
            inRows(tokens, (thread, from, to) -> feedForward(block, out, from, to, scratch[thread].edge));
        }
    }

    private void embed(int[] tokens, float[] out) {
        for (int row = 0; row < tokens.length; row++) {
            System.arraycopy(weights, layout.tokenEmbedding() + tokens[row] * width, out, row * width, width);
        }
    }

    /** Norm, queries, keys and values, RoPE. */
    private void project(Block block, int from, int to, float[] edge) {
        for (int row = from; row < to; row++) {
            block.attentionScale[row] =
                    block.attentionNorm.forward(weights, block.input, row * width, block.attentionNormed, row * width);
        }
        block.queryKeyValue.forward(block.attentionNormed, block.qkv, from, to, edge);
        int heads = config.heads() + config.kvHeads();
        for (int row = from; row < to; row++) {
            rotation.turn(block.qkv, row * layout.qkvWidth(), heads, positions[row]);
        }
    }

    /** What the attention adds, and the feed-forward layer. */
    private void feedForward(Block block, float[] out, int from, int to, float[] edge) {
        int length = config.feedForwardLength();
        System.arraycopy(block.input, from * width, block.middle, from * width, (to - from) * width);
        block.attentionOutput.addForward(block.attended, block.middle, from, to, edge);
        for (int row = from; row < to; row++) {
            block.feedForwardScale[row] = block.feedForwardNorm.forward(
                    weights, block.middle, row * width, block.feedForwardNormed, row * width);
        }
        block.gateUp.forward(block.feedForwardNormed, block.gateAndUp, from, to, edge);
        for (int row = from; row < to; row++) {
            int gate = 2 * row * length;
            kernels.swiglu(
                    block.gateAndUp, gate, block.gateAndUp, gate + length, block.activated, row * length, length);
        }
        System.arraycopy(block.middle, from * width, out, from * width, (to - from) * width);
        block.down.addForward(block.activated, out, from, to, edge);
    }

    private void backward(Block block, TokenBatch batch, float[] gradients) {
        int tokens = batch.tokens().length;
        block.down.addToWeights(block.activated, toResidual, tokens, gradients, pool, scratch);
        inRows(tokens, (thread, from, to) -> backwardFeedForward(block, from, to, scratch[thread].edge));
        block.gateUp.addToWeights(block.feedForwardNormed, toGateAndUp, tokens, gradients, pool, scratch);
        inColumns((from, to) -> block.feedForwardNorm.addToWeights(
                block.middle, block.feedForwardScale, toNormed, tokens, gradients, from, to));
        inRows(tokens, (thread, from, to) -> backwardAttentionOutput(block, from, to, scratch[thread].edge));
        block.attentionOutput.addToWeights(block.attended, toResidual, tokens, gradients, pool, scratch);
        inHeads(
                batch,
                (thread, text, head) -> attention[thread].backward(
                        block.qkv, batch.starts()[text], batch.length(text), head, toAttended, toQkv));
        inRows(tokens, (thread, from, to) -> backwardProject(from, to));
        block.queryKeyValue.addToWeights(block.attentionNormed, toQkv, tokens, gradients, pool, scratch);
        inRows(
                tokens,
                (thread, from, to) -> block.queryKeyValue.toInput(toQkv, toNormed, from, to, scratch[thread].edge));
        inColumns((from, to) -> block.attentionNorm.addToWeights(
                block.input, block.attentionScale, toNormed, tokens, gradients, from, to));
        inRows(
                tokens,
                (thread, from, to) ->
                        addNormToResidual(block.attentionNorm, block.input, block.attentionScale, from, to));
    }

    /** From the residual stream back to the output of the feed-forward's norm. */
    private void backwardFeedForward(Block block, int from, int to, float[] edge) {
        int length = config.feedForwardLength();
        block.down.toInput(toResidual, toActivated, from, to, edge);
        for (int row = from; row < to; row++) {
            int gate = 2 * row * length;
            kernels.swigluGradient(
                    block.gateAndUp,
                    gate,
                    block.gateAndUp,
                    gate + length,
                    toActivated,
                    row * length,
                    toGateAndUp,
                    gate,
                    toGateAndUp,
                    gate + length,
                    length);
        }
        block.gateUp.toInput(toGateAndUp, toNormed, from, to, edge);
    }

    /** Through the feed-forward's norm, and from the residual stream back to the attention's output. */
    private void backwardAttentionOutput(Block block, int from, int to, float[] edge) {
        addNormToResidual(block.feedForwardNorm, block.middle, block.feedForwardScale, from, to);
        block.attentionOutput.toInput(toResidual, toAttended, from, to, edge);
    }

    private void backwardProject(int from, int to) {
        int heads = config.heads() + config.kvHeads();
        for (int row = from; row < to; row++) {
            rotation.turnBack(toQkv, row * layout.qkvWidth(), heads, positions[row]);
        }
    }

    /** Adds a norm's part to the residual stream's gradient; {@link #toNormed} is overwritten. */
    private void addNormToResidual(Norm norm, float[] input, float[] scale, int from, int to) {
        for (int row = from; row < to; row++) {
            int at = row * width;
            norm.addToInput(weights, input, at, scale[row], toNormed, at, toResidual, at);
        }
    }

    private void addToEmbedding(TokenBatch batch, float[] gradients) {
        int[] tokens = batch.tokens();
        inColumns((from, to) -> {
            for (int row = 0; row < tokens.length; row++) {
                int at = layout.tokenEmbedding() + tokens[row] * width;
                for (int i = from; i < to; i++) {
                    gradients[at + i] += toResidual[row * width + i];
                }
            }
        });
    }

    @FunctionalInterface
    private interface ColumnWork {
        void run(int from, int to);
    }

    @FunctionalInterface
    private interface HeadWork {
        void run(int thread, int text, int kvHead);
    }

    /** Some rows at a time. */
    private void inRows(int rows, WorkerPool.Work work) {
        pool.run(
                (thread, from, to) -> {
                    for (int item = from; item < to; item++) {
                        work.run(thread, item * ROWS, Math.min(rows, (item + 1) * ROWS));
                    }
                },
                (rows + ROWS - 1) / ROWS);
    }

    /** Some columns of the residual stream at a time. */
    private void inColumns(ColumnWork work) {
        pool.run(
                (thread, from, to) -> {
                    for (int item = from; item < to; item++) {
                        work.run(item * COLUMNS, Math.min(width, (item + 1) * COLUMNS));
                    }
                },
                (width + COLUMNS - 1) / COLUMNS);
    }

    /** One KV head of one text at a time. */
    private void inHeads(TokenBatch batch, HeadWork work) {
        int kvHeads = config.kvHeads();
        pool.run(
                (thread, from, to) -> {
                    for (int item = from; item < to; item++) {
                        work.run(thread, item / kvHeads, item % kvHeads);
                    }
                },
                batch.texts() * kvHeads);
    }
}
