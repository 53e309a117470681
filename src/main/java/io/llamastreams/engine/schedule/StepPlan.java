package io.llamastreams.engine.schedule;

import java.util.ArrayList;
import java.util.List;

/**
 * Which tokens of which sequences one step computes: of each the next ones after its computed tokens. Filled anew for each
 * step and reused. Engine thread only.
 *
 * @param <S> the engine's kind of sequence
 */
public final class StepPlan<S extends Sequence> {
    private final List<S> sequences;
    private final int[] tokenCounts;
    private int tokens;

    StepPlan(int maxSequences) {
        sequences = new ArrayList<>(maxSequences);
        tokenCounts = new int[maxSequences];
    }

    /** Sequences in the step; 0 when there is nothing to do. */
    public int size() {
        return sequences.size();
    }

    public S sequence(int index) {
        return sequences.get(index);
    }

    /** How many tokens of this sequence are computed, at least 1. */
    public int tokenCount(int index) {
        return tokenCounts[index];
    }

    /** Tokens of the step, all sequences together. */
    public int tokens() {
        return tokens;
    }

    void clear() {
        sequences.clear();
        tokens = 0;
    }

    void add(S sequence, int tokenCount) {
        tokenCounts[sequences.size()] = tokenCount;
        sequences.add(sequence);
        tokens += tokenCount;
    }
}
