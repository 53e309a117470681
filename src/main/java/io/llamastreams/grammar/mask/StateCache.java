package io.llamastreams.grammar.mask;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a grammar remembers: one object for each set of stacks, where bytes lead from it, and its masks. Any thread: a lock is
 * taken where something is not known yet; what is known is read without one, as immutable objects whose fields are final.
 * Bounded: when it is full all is forgotten and found again as needed. What it answers never changes, only how soon.
 */
public final class StateCache {
    private static final int MAX_STATES = 10_000;
    private static final int MAX_MASKS = 1_000;

    private final int classCount;
    private final int maxStates;
    private final Map<StackSet, StackSet> states = new HashMap<>();
    private final List<StackSet> withRows = new ArrayList<>();
    private int maskCount;

    /** What is known of a set of stacks. Its fields may be written by any thread, all of which write the same. */
    static final class Row {
        private final StackSet[] next;
        private TokenSet mask;
        private NodeMask nodeMask;

        Row(int classCount) {
            next = new StackSet[classCount];
        }

        StackSet next(int byteClass) {
            return next[byteClass];
        }

        void setNext(int byteClass, StackSet target) {
            next[byteClass] = target;
        }
    }

    public StateCache(int classCount) {
        this(classCount, MAX_STATES);
    }

    /** For tests. */
    StateCache(int classCount, int maxStates) {
        this.classCount = classCount;
        this.maxStates = maxStates;
    }

    /** The object that stands for all sets equal to this one. */
    synchronized StackSet unique(StackSet set) {
        StackSet known = states.get(set);
        if (known != null) {
            return known;
        }
        if (states.size() >= maxStates) {
            forget();
        }
        states.put(set, set);
        return set;
    }

    Row row(StackSet set) {
        Row known = set.row();
        return known != null ? known : makeRow(set);
    }

    private synchronized Row makeRow(StackSet set) {
        Row known = set.row();
        if (known != null) {
            return known;
        }
        if (withRows.size() >= maxStates) {
            forget();
        }
        Row made = new Row(classCount);
        set.setRow(made);
        withRows.add(set);
        return made;
    }

    /** The mask of a set, or {@code null} if it is not known. */
    TokenSet mask(StackSet set) {
        Row row = set.row();
        return row == null ? null : row.mask;
    }

    NodeMask nodeMask(StackSet set) {
        Row row = set.row();
        return row == null ? null : row.nodeMask;
    }

    void remember(StackSet set, TokenSet mask) {
        countMask();
        row(set).mask = mask;
    }

    void remember(StackSet set, NodeMask mask) {
        countMask();
        row(set).nodeMask = mask;
    }

    private synchronized void countMask() {
        if (++maskCount > MAX_MASKS) {
            forget();
            maskCount = 1;
        }
    }

    /** Lets go of all; states in use stay as they are and are filled anew. */
    private void forget() {
        withRows.forEach(set -> set.setRow(null));
        withRows.clear();
        states.clear();
        maskCount = 0;
    }
}
