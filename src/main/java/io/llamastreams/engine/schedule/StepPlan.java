package io.llamastreams.engine.schedule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which tokens of which sequences one step computes: of each the next ones after its computed tokens, perhaps some of its
 * draft; and which blocks are to be copied before. Filled anew for each step and reused. Engine thread only.
 *
 * @param <S> the engine's kind of sequence
 */
public final class StepPlan<S extends Sequence> {
    private final List<S> sequences;
    private final int[] tokenCounts;
    private final int[] draftCounts;
    private int tokens;
    private int outputs;
    private int[] copies = new int[8];
    private int copyCount;

    StepPlan(int maxSequences) {
        sequences = new ArrayList<>(maxSequences);
        tokenCounts = new int[maxSequences];
        draftCounts = new int[maxSequences];
    }

    /** Sequences in the step; 0 when there is nothing to do. */
    public int size() {
        return sequences.size();
    }

    public S sequence(int index) {
        return sequences.get(index);
    }

    /** How many known tokens of this sequence are computed, at least 1. */
    public int tokenCount(int index) {
        return tokenCounts[index];
    }

    /** How many tokens of its draft are computed after them. */
    public int draftCount(int index) {
        return draftCounts[index];
    }

    /** Tokens of the step, all sequences together. */
    public int tokens() {
        return tokens;
    }

    /** Rows with logits, all sequences together. */
    public int outputs() {
        return outputs;
    }

    /** Blocks to copy before anything is computed, in this order. */
    public int copyCount() {
        return copyCount;
    }

    public int copyFrom(int index) {
        return copies[2 * index];
    }

    public int copyTo(int index) {
        return copies[2 * index + 1];
    }

    void clear() {
        sequences.clear();
        tokens = 0;
        outputs = 0;
        copyCount = 0;
    }

    void add(S sequence, int tokenCount) {
        tokenCounts[sequences.size()] = tokenCount;
        draftCounts[sequences.size()] = 0;
        sequences.add(sequence);
        tokens += tokenCount;
        outputs += sequence.outputs(tokenCount);
    }

    void addDraft(int index, int draftCount) {
        draftCounts[index] = draftCount;
        tokens += draftCount;
        outputs += draftCount;
    }

    void copy(int from, int to) {
        if (2 * copyCount == copies.length) {
            copies = Arrays.copyOf(copies, 2 * copies.length);
        }
        copies[2 * copyCount] = from;
        copies[2 * copyCount + 1] = to;
        copyCount++;
    }
}
