package io.llamastreams.engine;

import io.llamastreams.model.ForwardBatch;
import io.llamastreams.model.ForwardPass;
import io.llamastreams.model.LlamaConfig;
import java.util.function.IntConsumer;

/**
 * A forward pass without a model, which notices wrong blocks. Each position of a page holds a hash of the row's token and of
 * all that the row finds, through its block table, at the positions before it; logits are made from that hash. A block that
 * was overwritten, mixed up or shared wrongly gives other logits from there on.
 */
public final class FakeForwardPass implements ForwardPass {
    private final LlamaConfig config;
    private final int blockTokens;
    private final int blockCount;
    private final int maxRows;
    private final int maxLogitRows;
    private final long[] pages;
    private final float[] logits;
    private final float[] hidden;
    private int poisonToken = -1;
    private IntConsumer beforeForward = rows -> {};

    public FakeForwardPass(
            int vocabularySize, int contextLength, int blockTokens, int blockCount, int maxRows, int maxLogitRows) {
        config = new LlamaConfig(vocabularySize, 8, 1, 2, 1, 4, 8, contextLength, 10000f, 1f, 1e-5f);
        this.blockTokens = blockTokens;
        this.blockCount = blockCount;
        this.maxRows = maxRows;
        this.maxLogitRows = maxLogitRows;
        pages = new long[blockCount * blockTokens];
        logits = new float[maxLogitRows * vocabularySize];
        hidden = new float[maxRows * config.embeddingLength()];
    }

    /** Rows whose token is this one get NaN among their logits. */
    public FakeForwardPass poison(int token) {
        poisonToken = token;
        return this;
    }

    /** Called with the number of rows at the start of each pass; may throw, to fail it. */
    public FakeForwardPass beforeForward(IntConsumer action) {
        beforeForward = action;
        return this;
    }

    @Override
    public LlamaConfig config() {
        return config;
    }

    @Override
    public int blockTokens() {
        return blockTokens;
    }

    @Override
    public int blockCount() {
        return blockCount;
    }

    @Override
    public int maxRows() {
        return maxRows;
    }

    @Override
    public int maxLogitRows() {
        return maxLogitRows;
    }

    @Override
    public void forward(ForwardBatch batch) {
        beforeForward.accept(batch.rows());
        int logitIndex = 0;
        int hiddenIndex = 0;
        for (int row = 0; row < batch.rows(); row++) {
            long hash = compute(batch.token(row), batch.position(row), batch.blockTable(row));
            if (logitIndex < batch.logitRowCount() && batch.logitRow(logitIndex) == row) {
                writeLogits(hash, logitIndex * config.vocabularySize(), batch.token(row) == poisonToken);
                logitIndex++;
            }
            if (hiddenIndex < batch.hiddenRowCount() && batch.hiddenRow(hiddenIndex) == row) {
                writeHidden(hash, hiddenIndex++ * config.embeddingLength());
            }
        }
        if (logitIndex != batch.logitRowCount() || hiddenIndex != batch.hiddenRowCount()) {
            throw new IllegalArgumentException("rows with logits are not in ascending order");
        }
    }

    @Override
    public float[] logits() {
        return logits;
    }

    @Override
    public float[] hidden() {
        return hidden;
    }

    @Override
    public void copyBlock(int from, int to) {
        System.arraycopy(pages, from * blockTokens, pages, to * blockTokens, blockTokens);
    }

    private void writeHidden(long hash, int offset) {
        for (int i = 0; i < config.embeddingLength(); i++) {
            hidden[offset + i] = (int) (mix(hash - i) >>> 40) * 0x1p-20f - 8f;
        }
    }

    private long compute(int token, int position, int[] blockTable) {
        if (token < 0 || token >= config.vocabularySize() || position >= config.contextLength()) {
            throw new IllegalArgumentException("token " + token + " at position " + position);
        }
        long hash = mix(token + 1);
        for (int earlier = 0; earlier < position; earlier++) {
            hash = mix(hash ^ pages[slot(earlier, blockTable)]);
        }
        pages[slot(position, blockTable)] = hash;
        return hash;
    }

    private int slot(int position, int[] blockTable) {
        return blockTable[position / blockTokens] * blockTokens + position % blockTokens;
    }

    private void writeLogits(long hash, int offset, boolean poisoned) {
        for (int id = 0; id < config.vocabularySize(); id++) {
            logits[offset + id] = (int) (mix(hash + id) >>> 40) * 0x1p-20f - 8f;
        }
        if (poisoned) {
            logits[offset + config.vocabularySize() / 2] = Float.NaN;
        }
    }

    private static long mix(long x) {
        x = (x ^ x >>> 30) * 0xBF58476D1CE4E5B9L + 0x9E3779B97F4A7C15L;
        x = (x ^ x >>> 27) * 0x94D049BB133111EBL;
        return x ^ x >>> 31;
    }
}
