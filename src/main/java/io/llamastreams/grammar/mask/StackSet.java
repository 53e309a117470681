package io.llamastreams.grammar.mask;

import java.util.Arrays;

/**
 * A set of stacks of nodes: where a text stands in all its readings at once. Kept as a tree from the tops down: each top node
 * once, with the set of all that lies below it in any stack, so that readings which differ in one place share the rest.
 *
 * <pre>
 *   { [a, c], [b, c], [b, d] }   =   a -> { c },  b -> { c, d }
 * </pre>
 *
 * Immutable but for what {@link StateCache} remembers in it. Any thread.
 */
public final class StackSet {
    /** No stack: the text fits nowhere. */
    public static final StackSet DEAD = new StackSet(new int[0], new StackSet[0], false, RuleAutomaton.INFINITE);

    /** The empty stack alone: the text is whole. */
    static final StackSet WHOLE = new StackSet(new int[0], new StackSet[0], true, 0);

    private final int[] nodes;
    private final StackSet[] rests;
    private final boolean whole;
    private final int fewest;
    private final int depth;
    private final int hash;

    /** Written by {@link StateCache} alone; may be seen late, never half-made. */
    private StateCache.Row row;

    private StackSet(int[] nodes, StackSet[] rests, boolean whole, int fewest) {
        this.nodes = nodes;
        this.rests = rests;
        this.whole = whole;
        this.fewest = fewest;
        int deepest = 0;
        int mixed = Boolean.hashCode(whole);
        for (int i = 0; i < nodes.length; i++) {
            deepest = Math.max(deepest, 1 + rests[i].depth);
            mixed = 31 * (31 * mixed + nodes[i]) + rests[i].hash;
        }
        depth = deepest;
        hash = mixed ^ mixed >>> 15;
    }

    /**
     * A set of stacks by their tops.
     *
     * @param nodes ascending; kept, not copied, as are {@code rests}
     * @param whole whether the empty stack is among them
     */
    static StackSet of(RuleAutomaton automaton, int[] nodes, StackSet[] rests, boolean whole) {
        long fewest = whole ? 0 : RuleAutomaton.INFINITE;
        for (int i = 0; i < nodes.length; i++) {
            fewest = Math.min(fewest, (long) automaton.fewest(nodes[i]) + rests[i].fewest);
        }
        return new StackSet(nodes, rests, whole, (int) fewest);
    }

    public int size() {
        return nodes.length;
    }

    int node(int index) {
        return nodes[index];
    }

    /** What lies below a top node. */
    StackSet rest(int index) {
        return rests[index];
    }

    /** Whether the empty stack is among them. */
    public boolean isWhole() {
        return whole;
    }

    public boolean isDead() {
        return nodes.length == 0 && !whole;
    }

    /** Bytes of the shortest way to a whole text. */
    public int fewest() {
        return fewest;
    }

    /** Nodes of the deepest stack. */
    int depth() {
        return depth;
    }

    StateCache.Row row() {
        return row;
    }

    void setRow(StateCache.Row row) {
        this.row = row;
    }

    @Override
    public boolean equals(Object other) {
        if (other == this) {
            return true;
        }
        return other instanceof StackSet set
                && hash == set.hash
                && whole == set.whole
                && Arrays.equals(nodes, set.nodes)
                && Arrays.equals(rests, set.rests);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
