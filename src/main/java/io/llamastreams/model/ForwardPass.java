package io.llamastreams.model;

/**
 * One pass of a model over the tokens of a step, for many sequences at once.
 *
 * <p>The KV memory lies in blocks of {@link #blockTokens()} positions; position p of a row lies in block
 * {@code blockTable[p / blockTokens()]}. Who calls decides which blocks belong to whom. Engine thread only.
 */
public interface ForwardPass {

    LlamaConfig config();

    /** Positions in one KV block. */
    int blockTokens();

    /** KV blocks in the pool; ids are 0 to this minus 1. */
    int blockCount();

    /** Most rows of one batch. */
    int maxRows();

    /** Most rows of one batch that may ask for logits. */
    int maxLogitRows();

    /**
     * Computes all rows: writes keys and values of each row's position into its block, then attends to positions 0 to its
     * own, inclusive. Earlier positions must have been computed in an earlier batch or by an earlier row of this one.
     * Equal tokens at equal positions after equal tokens give equal bits, whatever else is in the batch.
     */
    void forward(ForwardBatch batch);

    /**
     * Logits of the last batch: [logitRows, vocabularySize], the rows that asked for them in their order. The same array at
     * each call; valid until the next {@link #forward}.
     */
    float[] logits();

    /**
     * Last hidden states of the last batch, after the output norm: [hiddenRows, embeddingLength], the rows that asked for them
     * in their order. The same array at each call; valid until the next {@link #forward}.
     */
    float[] hidden();

    /** Copies keys and values of a whole block, for a sequence that begins as another one did. */
    void copyBlock(int from, int to);
}
