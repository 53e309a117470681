package io.llamastreams.grammar.mask;

/**
 * Where a walk over the vocabulary's tree stands, by depth: a lone node as long as nothing but that changes, which is quick,
 * and a set of stacks from there on. One owner.
 */
final class TriePath {
    private static final int NO_NODE = -1;

    private final StackMachine machine;
    private final RuleAutomaton automaton;

    /** What lies below the lone nodes. */
    private final StackSet rest;

    private final int[] nodes;

    /** Filled where there is no lone node, or where it was needed. */
    private final StackSet[] sets;

    /** Groups of bytes that change nothing there; see {@link RuleAutomaton#idleGroups}. */
    private final long[] idleGroups;

    private final int[] idleBytes;

    TriePath(StackMachine machine, StackSet start, int maxDepth) {
        this.machine = machine;
        automaton = machine.automaton();
        nodes = new int[maxDepth + 1];
        idleGroups = new long[maxDepth + 1];
        idleBytes = new int[maxDepth + 1];
        sets = new StackSet[maxDepth + 1];
        boolean isLone = start.size() == 1 && start.rest(0).depth() < StackMachine.MAX_DEPTH;
        rest = isLone ? start.rest(0) : StackSet.DEAD;
        nodes[0] = isLone ? start.node(0) : NO_NODE;
        sets[0] = start;
        if (isLone) {
            lookAround(0);
        }
    }

    /** Moves by a byte from the depth above to this one; says whether anything fits there. */
    boolean advance(int depth, byte value) {
        int node = nodes[depth - 1];
        if (node != NO_NODE) {
            int target = automaton.target(node, automaton.classOf(value));
            if (target != RuleAutomaton.NONE && automaton.isPlain(target)) {
                nodes[depth] = target;
                sets[depth] = null;
                lookAround(depth);
                return true;
            }
            if (target == RuleAutomaton.NONE) {
                nodes[depth] = NO_NODE;
                sets[depth] = StackSet.DEAD;
                idleGroups[depth] = 0;
                return false;
            }
        }
        nodes[depth] = NO_NODE;
        idleGroups[depth] = 0;
        sets[depth] = machine.next(set(depth - 1), value);
        return !sets[depth].isDead();
    }

    private StackSet set(int depth) {
        if (sets[depth] == null) {
            sets[depth] = machine.on(nodes[depth], rest);
        }
        return sets[depth];
    }

    boolean isWhole(int depth) {
        return sets[depth] != null && sets[depth].isWhole();
    }

    /** Bytes of the shortest way to a whole text. */
    int fewest(int depth) {
        return sets[depth] != null ? sets[depth].fewest() : automaton.fewest(nodes[depth]) + rest.fewest();
    }

    private void lookAround(int depth) {
        idleGroups[depth] = automaton.idleGroups(nodes[depth]);
        idleBytes[depth] = idleGroups[depth] == 0 ? 0 : automaton.idleBytes(nodes[depth]);
    }

    /** Whether bytes of some groups, so many of them, change nothing. */
    boolean isIdle(int depth, long groups, int bytes) {
        return (groups & ~idleGroups[depth]) == 0 && bytes <= idleBytes[depth];
    }
}
