package io.llamastreams.serving.session;

import io.llamastreams.model.ForwardBatch;
import io.llamastreams.model.ForwardPass;
import io.llamastreams.model.LlamaConfig;
import io.llamastreams.serving.LetterVocabulary;
import java.util.Arrays;

/**
 * A model that knows one thing: what follows each token of {@link LetterVocabulary}. After a letter comes the next one of
 * the alphabet, after z a again; a test may put other successors in. Fails on demand.
 */
final class AlphabetForwardPass implements ForwardPass {
    private static final int MAX_ROWS = 64;
    private static final int WIDTH = 8;
    private static final float SURE = 10f;

    private final LlamaConfig config;
    private final int[] successors = new int[LetterVocabulary.SIZE];
    private final float[] logits = new float[MAX_ROWS * LetterVocabulary.SIZE];
    private final float[] hidden = new float[MAX_ROWS * WIDTH];
    private volatile boolean failing;

    AlphabetForwardPass(int contextLength) {
        config = new LlamaConfig(LetterVocabulary.SIZE, WIDTH, 1, 2, 1, 4, 8, contextLength, 10000f, 1f, 1e-5f);
        Arrays.fill(successors, LetterVocabulary.id('a'));
        for (char letter = 'a'; letter < 'z'; letter++) {
            successors[LetterVocabulary.id(letter)] = LetterVocabulary.id((char) (letter + 1));
        }
    }

    /** Lets these tokens follow each other. */
    AlphabetForwardPass chain(int... tokens) {
        for (int i = 1; i < tokens.length; i++) {
            successors[tokens[i - 1]] = tokens[i];
        }
        return this;
    }

    void fail() {
        failing = true;
    }

    @Override
    public LlamaConfig config() {
        return config;
    }

    @Override
    public int blockTokens() {
        return 16;
    }

    @Override
    public int blockCount() {
        return 256;
    }

    @Override
    public int maxRows() {
        return MAX_ROWS;
    }

    @Override
    public int maxLogitRows() {
        return MAX_ROWS;
    }

    @Override
    public void forward(ForwardBatch batch) {
        if (failing) {
            throw new ArithmeticException("the model is broken");
        }
        Arrays.fill(logits, 0);
        for (int i = 0; i < batch.hiddenRowCount(); i++) {
            Arrays.fill(hidden, i * WIDTH, (i + 1) * WIDTH, batch.token(batch.hiddenRow(i)));
        }
        for (int i = 0; i < batch.logitRowCount(); i++) {
            logits[i * LetterVocabulary.SIZE + successors[batch.token(batch.logitRow(i))]] = SURE;
        }
    }

    @Override
    public float[] logits() {
        return logits;
    }

    /** The number of the row's token, again and again. */
    @Override
    public float[] hidden() {
        return hidden;
    }

    @Override
    public void copyBlock(int from, int to) {
        // nothing is kept in blocks
    }
}
