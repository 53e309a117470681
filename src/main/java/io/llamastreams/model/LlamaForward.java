package io.llamastreams.model;

import io.llamastreams.stats.StepPhase;
import io.llamastreams.stats.StepProfile;
import io.llamastreams.tensor.kernel.InputForm;
import io.llamastreams.tensor.kernel.Kernels;
import io.llamastreams.tensor.kernel.KvLayer;
import io.llamastreams.tensor.kernel.PackedInput;
import io.llamastreams.tensor.kernel.WeightMatrix;
import io.llamastreams.tensor.kernel.WorkerPool;
import io.llamastreams.tensor.kernel.WorkerPool.Work;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The forward pass of Llama 2. Source: Touvron et al. 2023, section 2.2; the layers as in Touvron et al. 2023a, "LLaMA".
 *
 * <pre>
 * residual = embedding of each row's token
 * each layer:  normalised = RMSNorm(residual)
 *              query, key, value = products;  RoPE on query and key;  key and value into the pages
 *              residual += product(attention over the pages)
 *              normalised = RMSNorm(residual)
 *              residual += product(silu(gate product) * up product)
 * hidden = RMSNorm(residual) for the rows that want it
 * logits = product(RMSNorm(residual)) for the rows that want them
 * </pre>
 *
 * Each stage is a loop over items (rows, panels of weights, groups of rows and heads) that the threads of a pool share;
 * small ones run on the calling thread. The split changes no bit. Engine thread only; allocates nothing per batch.
 */
public final class LlamaForward implements ForwardPass, AutoCloseable {
    /** Multiplications below which sharing a stage costs more than it saves. */
    private static final long WORTH_SHARING = 150_000;

    private final LlamaConfig config;
    private final LlamaWeights weights;
    private final Kernels kernels;
    private final WorkerPool pool;
    private final ForwardLimits limits;
    private final StepProfile profile;
    private final KvPages pages;
    private final Workspace space;
    private final RopeTable rope;

    private final Work embed = this::embed;
    private final Work attentionInput = this::attentionInput;
    private final Work queryKeyValue = this::queryKeyValue;
    private final Work rotate = this::rotate;
    private final Work store = this::store;
    private final Work attend = this::attend;
    private final Work attentionOutputInput = this::attentionOutputInput;
    private final Work attentionOutput = this::attentionOutput;
    private final Work feedForwardInput = this::feedForwardInput;
    private final Work gateAndUp = this::gateAndUp;
    private final Work downInput = this::downInput;
    private final Work down = this::down;
    private final Work logitInput = this::logitInput;
    private final Work output = this::output;
    private final Work hidden = this::hiddenStates;

    // What the stages of the batch at hand work on.
    private ForwardBatch batch;
    private int rows;
    private int attentionGroups;
    private int layerIndex;
    private LlamaWeights.Layer layer;
    private KvLayer kv;
    private boolean branchToAdd;

    /**
     * Takes all memory that batches will need.
     *
     * @param model must outlive this
     * @param pool shared with nobody who might use it at the same time; closed by whoever made it, after this
     */
    public LlamaForward(LlamaModel model, Kernels kernels, WorkerPool pool, ForwardLimits limits) {
        this(model, kernels, pool, limits, StepProfile.OFF);
    }

    /**
     * As {@link #LlamaForward(LlamaModel, Kernels, WorkerPool, ForwardLimits)}.
     *
     * @param profile hears a lap for each stage; its steps are begun and ended by whoever calls {@link #forward}
     */
    public LlamaForward(LlamaModel model, Kernels kernels, WorkerPool pool, ForwardLimits limits, StepProfile profile) {
        config = model.config();
        weights = model.weights();
        this.kernels = kernels;
        this.pool = pool;
        this.limits = limits;
        this.profile = profile;
        rope = new RopeTable(config);
        pages = new KvPages(config, limits.kvBlocks(), limits.kvType());
        boolean complete = false;
        try {
            space = new Workspace(config, limits, inputForms(weights, kernels), pool.threads(), weights.windowBytes());
            complete = true;
        } finally {
            if (!complete) {
                pages.close();
            }
        }
    }

    private static Set<InputForm> inputForms(LlamaWeights weights, Kernels kernels) {
        return weights.matrices()
                .map(WeightMatrix::type)
                .flatMap(type -> Stream.of(kernels.inputForm(type, 1), kernels.inputForm(type, 2)))
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(InputForm.class)));
    }

    @Override
    public LlamaConfig config() {
        return config;
    }

    @Override
    public int blockTokens() {
        return KvLayer.BLOCK_TOKENS;
    }

    @Override
    public int blockCount() {
        return pages.blocks();
    }

    @Override
    public int maxRows() {
        return limits.maxRows();
    }

    @Override
    public int maxLogitRows() {
        return limits.maxLogitRows();
    }

    @Override
    public float[] logits() {
        return space.logits;
    }

    @Override
    public float[] hidden() {
        return space.hidden;
    }

    @Override
    public void copyBlock(int from, int to) {
        pages.copyBlock(from, to);
    }

    @Override
    public void close() {
        pages.close();
        space.close();
    }

    @Override
    public void forward(ForwardBatch newBatch) {
        if (newBatch.rows() == 0) {
            return;
        }
        check(newBatch);
        batch = newBatch;
        rows = newBatch.rows();
        branchToAdd = false;
        groupRows();
        long perRow = config.embeddingLength();
        distribute(StepPhase.EMBEDDING, embed, rows, 8L * rows * perRow);
        for (layerIndex = 0; layerIndex < config.layers(); layerIndex++) {
            layer = weights.layers().get(layerIndex);
            kv = pages.layer(layerIndex);
            attentionBlock();
            feedForwardBlock();
        }
        if (batch.logitRowCount() > 0) {
            prepareInput(batch.logitRowCount(), config.embeddingLength(), weights.output(), weights.output());
            distribute(StepPhase.INPUTS, logitInput, batch.logitRowCount(), 8L * batch.logitRowCount() * perRow);
            distribute(
                    StepPhase.VOCABULARY,
                    output,
                    weights.output().panels(),
                    cost(weights.output()) * batch.logitRowCount());
        }
        if (batch.hiddenRowCount() > 0) {
            distribute(StepPhase.INPUTS, hidden, batch.hiddenRowCount(), 8L * batch.hiddenRowCount() * perRow);
        }
        batch = null;
    }

    /** Wrong ids here would read or write another sequence's memory: a bug of ours, which must not pass. */
    private void check(ForwardBatch newBatch) {
        if (newBatch.rows() > limits.maxRows() || newBatch.logitRowCount() > limits.maxLogitRows()) {
            throw new IllegalStateException("batch: expected at most " + limits + ", found " + newBatch.rows()
                    + " rows, " + newBatch.logitRowCount() + " with logits");
        }
        for (int row = 0; row < newBatch.rows(); row++) {
            int token = newBatch.token(row);
            int position = newBatch.position(row);
            if (token < 0 || token >= config.vocabularySize()) {
                throw new IllegalStateException(
                        "token: expected 0 to " + (config.vocabularySize() - 1) + ", found " + token);
            }
            if (position < 0 || position >= config.contextLength()) {
                throw new IllegalStateException(
                        "position: expected 0 to " + (config.contextLength() - 1) + ", found " + position);
            }
            int block = newBatch.blockTable(row)[position / KvLayer.BLOCK_TOKENS];
            if (block < 0 || block >= pages.blocks()) {
                throw new IllegalStateException("block: expected 0 to " + (pages.blocks() - 1) + ", found " + block);
            }
        }
    }

    private void attentionBlock() {
        long embedding = config.embeddingLength();
        prepareInput(rows, config.embeddingLength(), layer.query(), layer.key(), layer.value());
        distribute(StepPhase.INPUTS, attentionInput, rows, 8L * rows * embedding);
        distribute(
                StepPhase.QUERY_KEY_VALUE,
                queryKeyValue,
                layer.query().panels(),
                layer.key().panels(),
                layer.value().panels(),
                rows * (cost(layer.query()) + 2 * cost(layer.key())));
        beginBlocks();
        distribute(StepPhase.ROPE, rotate, rows, 8L * rows * (config.queryWidth() + config.kvWidth()));
        distribute(StepPhase.KV_STORE, store, rows, 8L * rows * config.kvWidth());
        distribute(StepPhase.ATTENTION, attend, attentionGroups * config.kvHeads(), attentionCost());
        prepareInput(rows, config.queryWidth(), layer.attentionOutput(), layer.attentionOutput());
        distribute(StepPhase.INPUTS, attentionOutputInput, rows, 8L * rows * config.queryWidth());
        distribute(
                StepPhase.ATTENTION_OUTPUT,
                attentionOutput,
                layer.attentionOutput().panels(),
                rows * cost(layer.attentionOutput()));
        branchToAdd = true;
    }

    private void feedForwardBlock() {
        prepareInput(rows, config.embeddingLength(), layer.gate(), layer.up());
        distribute(StepPhase.INPUTS, feedForwardInput, rows, 8L * rows * config.embeddingLength());
        distribute(
                StepPhase.GATE_AND_UP,
                gateAndUp,
                layer.gate().panels(),
                layer.up().panels(),
                0,
                2L * rows * cost(layer.gate()));
        prepareInput(rows, config.feedForwardLength(), layer.down(), layer.down());
        distribute(StepPhase.SWIGLU, downInput, rows, 16L * rows * config.feedForwardLength());
        distribute(StepPhase.DOWN, down, layer.down().panels(), rows * cost(layer.down()));
    }

    /** Rows at consecutive positions of one sequence attend together, in groups small enough to occupy all threads. */
    private void groupRows() {
        int mostRows = Math.max(1, rows * config.kvHeads() / (4 * pool.threads()));
        attentionGroups = 0;
        for (int row = 0; row < rows; row = groupEnd(row, mostRows)) {
            space.attentionGroups[attentionGroups++] = row;
        }
        space.attentionGroups[attentionGroups] = rows;
    }

    private int groupEnd(int first, int mostRows) {
        int end = first + 1;
        while (end < rows
                && end - first < mostRows
                && batch.blockTable(end) == batch.blockTable(first)
                && batch.position(end) == batch.position(end - 1) + 1
                && end - first < space.attentionScratch[0].maxRows(batch.position(end) + 1)) {
            end++;
        }
        return end;
    }

    /** Tells of blocks whose first position this batch stores. */
    private void beginBlocks() {
        for (int row = 0; row < rows; row++) {
            int position = batch.position(row);
            if (position % KvLayer.BLOCK_TOKENS == 0) {
                kv.begin(batch.blockTable(row)[position / KvLayer.BLOCK_TOKENS]);
            }
        }
    }

    private void distribute(StepPhase phase, Work work, int items, long cost) {
        distribute(phase, work, items, 0, 0, cost);
    }

    /** Items of several matrices, each of which is split as it was when it was packed. */
    private void distribute(StepPhase phase, Work work, int first, int second, int third, long cost) {
        if (cost < WORTH_SHARING) {
            pool.runAlone(work, first + second + third);
        } else {
            pool.run(work, first, second, third);
        }
        profile.lap(phase, pool.takeWaitedNanos());
    }

    private static long cost(WeightMatrix matrix) {
        return (long) matrix.rows() * matrix.columns();
    }

    private long attentionCost() {
        long positions = 0;
        for (int row = 0; row < rows; row++) {
            positions += batch.position(row) + 1;
        }
        return 2 * positions * config.queryWidth();
    }

    // The input of products, in the forms that the weights at hand take.

    private final PackedInput[] inputs = new PackedInput[InputForm.values().length];
    private int inputCount;
    private int inputRows;

    private void prepareInput(int newRows, int columns, WeightMatrix first, WeightMatrix second) {
        prepareInput(newRows, columns, first, second, second);
    }

    private void prepareInput(int newRows, int columns, WeightMatrix first, WeightMatrix second, WeightMatrix third) {
        inputCount = 0;
        inputRows = newRows;
        addInput(input(first), columns);
        addInput(input(second), columns);
        addInput(input(third), columns);
    }

    private void addInput(PackedInput input, int columns) {
        for (int i = 0; i < inputCount; i++) {
            if (inputs[i] == input) {
                return;
            }
        }
        input.prepare(inputRows, columns, kernels.tileColumns());
        inputs[inputCount++] = input;
    }

    private PackedInput input(WeightMatrix weights) {
        return space.inputs.get(kernels.inputForm(weights.type(), inputRows));
    }

    private void pack(float[] x, int stride, int from, int to) {
        for (int i = 0; i < inputCount; i++) {
            kernels.pack(x, stride, inputs[i], from, to);
        }
    }

    private void multiply(WeightMatrix matrix, int from, int to, float[] out, int thread) {
        kernels.multiply(matrix, input(matrix), from, to, out, matrix.rows(), space.multiplyScratch[thread]);
    }

    /** The part of items {@code from} to {@code to} that falls on a matrix whose panels begin at item {@code start}. */
    private void multiplyPart(WeightMatrix matrix, int start, int from, int to, float[] out, int thread) {
        int first = Math.max(from - start, 0);
        int end = Math.min(to - start, matrix.panels());
        if (first < end) {
            multiply(matrix, first, end, out, thread);
        }
    }

    // Stages. Items: rows, panels of weight rows, or groups of rows times KV heads.

    private void embed(int thread, int from, int to) {
        for (int row = from; row < to; row++) {
            weights.tokenEmbedding().readRow(batch.token(row), space.residual, row * config.embeddingLength());
        }
    }

    private void attentionInput(int thread, int from, int to) {
        normalise(layer.attentionNorm(), from, to);
    }

    private void feedForwardInput(int thread, int from, int to) {
        normalise(layer.feedForwardNorm(), from, to);
    }

    private void normalise(float[] norm, int from, int to) {
        int width = config.embeddingLength();
        for (int row = from; row < to; row++) {
            addBranch(row);
            kernels.rmsNorm(space.residual, row * width, norm, config.rmsEpsilon(), space.normalised, row * width);
        }
        pack(space.normalised, width, from, to);
    }

    private void addBranch(int row) {
        if (branchToAdd) {
            int width = config.embeddingLength();
            kernels.addInPlace(space.residual, row * width, space.branch, row * width, width);
        }
    }

    private void queryKeyValue(int thread, int from, int to) {
        int keyStart = layer.query().panels();
        int valueStart = keyStart + layer.key().panels();
        multiplyPart(layer.query(), 0, from, to, space.query, thread);
        multiplyPart(layer.key(), keyStart, from, to, space.key, thread);
        multiplyPart(layer.value(), valueStart, from, to, space.value, thread);
    }

    private void rotate(int thread, int from, int to) {
        for (int row = from; row < to; row++) {
            int position = batch.position(row);
            int q = row * config.queryWidth();
            int k = row * config.kvWidth();
            int angles = rope.offset(position);
            kernels.ropeInPlace(space.query, q, config.heads(), config.headSize(), rope.values(), angles);
            kernels.ropeInPlace(space.key, k, config.kvHeads(), config.headSize(), rope.values(), angles);
        }
    }

    private void store(int thread, int from, int to) {
        for (int row = from; row < to; row++) {
            int position = batch.position(row);
            int k = row * config.kvWidth();
            int block = batch.blockTable(row)[position / KvLayer.BLOCK_TOKENS];
            kv.store(block, position % KvLayer.BLOCK_TOKENS, space.key, k, space.value, k);
        }
    }

    private void attend(int thread, int from, int to) {
        int groupWidth = config.groupSize() * config.headSize();
        for (int item = from; item < to; item++) {
            int group = item / config.kvHeads();
            int kvHead = item % config.kvHeads();
            int row = space.attentionGroups[group];
            kernels.attend(
                    space.query,
                    space.attention,
                    row * config.queryWidth() + kvHead * groupWidth,
                    config.queryWidth(),
                    space.attentionGroups[group + 1] - row,
                    config.groupSize(),
                    kv,
                    kvHead,
                    batch.blockTable(row),
                    batch.position(row) + 1,
                    space.attentionScratch[thread]);
        }
    }

    private void attentionOutputInput(int thread, int from, int to) {
        pack(space.attention, config.queryWidth(), from, to);
    }

    private void attentionOutput(int thread, int from, int to) {
        multiply(layer.attentionOutput(), from, to, space.branch, thread);
    }

    private void gateAndUp(int thread, int from, int to) {
        multiplyPart(layer.gate(), 0, from, to, space.gate, thread);
        multiplyPart(layer.up(), layer.gate().panels(), from, to, space.up, thread);
    }

    private void downInput(int thread, int from, int to) {
        int width = config.feedForwardLength();
        for (int row = from; row < to; row++) {
            kernels.swigluInPlace(space.gate, row * width, space.up, row * width, width);
        }
        pack(space.gate, width, from, to);
    }

    private void down(int thread, int from, int to) {
        multiply(layer.down(), from, to, space.branch, thread);
    }

    /** Rows here are those that want logits, gathered to the front. */
    private void logitInput(int thread, int from, int to) {
        int width = config.embeddingLength();
        for (int i = from; i < to; i++) {
            int row = batch.logitRow(i);
            addBranch(row);
            kernels.rmsNorm(
                    space.residual,
                    row * width,
                    weights.outputNorm(),
                    config.rmsEpsilon(),
                    space.normalised,
                    i * width);
        }
        pack(space.normalised, width, from, to);
    }

    private void hiddenStates(int thread, int from, int to) {
        int width = config.embeddingLength();
        for (int i = from; i < to; i++) {
            int row = batch.hiddenRow(i);
            addBranch(row);
            kernels.rmsNorm(
                    space.residual, row * width, weights.outputNorm(), config.rmsEpsilon(), space.hidden, i * width);
        }
    }

    private void output(int thread, int from, int to) {
        multiply(weights.output(), from, to, space.logits, thread);
    }
}
