package io.llamastreams.grammar.mask;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Moves sets of stacks along the bytes of a text. Any thread. */
public final class StackMachine {
    /**
     * Stacks deeper than this only go the shortest way to an end, so that a text cannot nest without end and yet always has
     * one. A level of JSON takes one node.
     */
    public static final int MAX_DEPTH = 256;

    private final RuleAutomaton automaton;
    private final StateCache cache;
    private final StackSet start;

    public StackMachine(RuleAutomaton automaton, StateCache cache) {
        this.automaton = automaton;
        this.cache = cache;
        Closure closure = new Closure();
        closure.enter(automaton.root(), StackSet.WHOLE);
        start = closure.result();
    }

    RuleAutomaton automaton() {
        return automaton;
    }

    StateCache cache() {
        return cache;
    }

    /** Before the first byte. */
    public StackSet start() {
        return start;
    }

    /** A node alone, with nothing below it. */
    StackSet alone(int node) {
        return on(node, StackSet.WHOLE);
    }

    /** A node that takes bytes on top of stacks. */
    StackSet on(int node, StackSet rest) {
        return cache.unique(StackSet.of(automaton, new int[] {node}, new StackSet[] {rest}, false));
    }

    /** Where a byte leads; {@link StackSet#DEAD} where it does not fit. */
    public StackSet next(StackSet set, byte value) {
        return next(set, automaton.classOf(value));
    }

    private StackSet next(StackSet set, int byteClass) {
        if (set.size() == 0) {
            // the two sets without tops belong to all grammars: nothing may be remembered in them
            return StackSet.DEAD;
        }
        StateCache.Row row = cache.row(set);
        StackSet known = row.next(byteClass);
        if (known != null) {
            return known;
        }
        StackSet target = step(set, byteClass);
        row.setNext(byteClass, target);
        return target;
    }

    private StackSet step(StackSet set, int byteClass) {
        Closure closure = new Closure();
        for (int i = 0; i < set.size(); i++) {
            int target = automaton.target(set.node(i), byteClass);
            if (target == RuleAutomaton.NONE) {
                continue;
            }
            boolean isTooDeep = set.rest(i).depth() >= MAX_DEPTH;
            if (!isTooDeep || automaton.fewest(target) + 1 == automaton.fewest(set.node(i))) {
                closure.enter(target, set.rest(i));
            }
        }
        return closure.result();
    }

    /** Where bytes lead. */
    public StackSet next(StackSet set, byte[] bytes) {
        StackSet at = set;
        for (int i = 0; i < bytes.length && !at.isDead(); i++) {
            at = next(at, bytes[i]);
        }
        return at;
    }

    /**
     * Collects the stacks that nodes stand for: calls go to the start of their rule, with the node to come back to below;
     * accepting nodes go on with what lies below. Only nodes that take bytes stay on top.
     */
    private final class Closure {
        private final Map<Integer, StackSet> tops = new HashMap<>();
        private final Set<Stack> seen = new HashSet<>();
        private final Map<Union, StackSet> unions = new HashMap<>();
        private boolean whole;

        /** Rests are told apart by what they are, which is quick as there is mostly one object for each. */
        private record Stack(int node, StackSet rest) {}

        private record Union(StackSet a, StackSet b) {}

        void enter(int node, StackSet rest) {
            if (!seen.add(new Stack(node, rest))) {
                return;
            }
            boolean isTooDeep = rest.depth() >= MAX_DEPTH;
            int only = automaton.cheapest(node);
            if (automaton.takesBytes(node) && (!isTooDeep || only == RuleAutomaton.BY_BYTE)) {
                tops.merge(node, rest, this::union);
            }
            for (int call = 0; call < automaton.callCount(node); call++) {
                if (!isTooDeep || only == call) {
                    int returnNode = automaton.returnOf(node, call);
                    StackSet below = automaton.isLast(returnNode) ? rest : on(returnNode, rest);
                    enter(automaton.callee(node, call), below);
                }
            }
            if (automaton.accepts(node) && (!isTooDeep || only == RuleAutomaton.BY_ACCEPTING)) {
                leave(rest);
            }
        }

        private void leave(StackSet rest) {
            whole |= rest.isWhole();
            for (int i = 0; i < rest.size(); i++) {
                enter(rest.node(i), rest.rest(i));
            }
        }

        StackSet result() {
            if (tops.isEmpty()) {
                return whole ? StackSet.WHOLE : StackSet.DEAD;
            }
            int[] nodes =
                    tops.keySet().stream().mapToInt(Integer::intValue).sorted().toArray();
            StackSet[] rests = new StackSet[nodes.length];
            Arrays.setAll(rests, i -> tops.get(nodes[i]));
            return cache.unique(StackSet.of(automaton, nodes, rests, whole));
        }

        private StackSet union(StackSet a, StackSet b) {
            if (a.equals(b)) {
                return a;
            }
            Union key = new Union(a, b);
            StackSet known = unions.get(key);
            if (known != null) {
                return known;
            }
            int[] nodes = new int[a.size() + b.size()];
            StackSet[] rests = new StackSet[nodes.length];
            int count = 0;
            int i = 0;
            int j = 0;
            while (i < a.size() || j < b.size()) {
                boolean takesA = j == b.size() || i < a.size() && a.node(i) <= b.node(j);
                boolean takesB = i == a.size() || j < b.size() && b.node(j) <= a.node(i);
                nodes[count] = takesA ? a.node(i) : b.node(j);
                rests[count++] = takesA && takesB ? union(a.rest(i), b.rest(j)) : takesA ? a.rest(i) : b.rest(j);
                i += takesA ? 1 : 0;
                j += takesB ? 1 : 0;
            }
            StackSet made = cache.unique(StackSet.of(
                    automaton, Arrays.copyOf(nodes, count), Arrays.copyOf(rests, count), a.isWhole() || b.isWhole()));
            unions.put(key, made);
            return made;
        }
    }
}
