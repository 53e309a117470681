package io.llamastreams.grammar.mask;

import io.llamastreams.grammar.automaton.Dfa;
import io.llamastreams.grammar.automaton.LanguageTooLargeException;
import io.llamastreams.grammar.rule.Expression;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;

/** The arrays of a {@link RuleAutomaton} while it is built, and what is computed over all nodes. */
final class RuleAutomatonTables {
    private static final int UNKNOWN = Integer.MIN_VALUE;

    private final int nodeCount;
    private final int classCount;
    private final int[] targets;
    private final boolean[] accepting;
    private final int[][] callees;
    private final int[][] returns;
    private final List<RuleAutomaton.CountedBlock> blocks = new ArrayList<>();
    private int[] fewest = new int[0];
    private int[] cheapest = new int[0];
    private int nextVirtual;

    RuleAutomatonTables(int nodeCount, int classCount) {
        this.nodeCount = nodeCount;
        this.classCount = classCount;
        targets = new int[nodeCount * classCount];
        Arrays.fill(targets, RuleAutomaton.NONE);
        accepting = new boolean[nodeCount];
        callees = new int[nodeCount][0];
        returns = new int[nodeCount][0];
        nextVirtual = nodeCount;
    }

    void setAccepting(int node, boolean accepts) {
        accepting[node] = accepts;
    }

    void setTarget(int node, int byteClass, int target) {
        targets[node * classCount + byteClass] = target;
    }

    void addCall(int node, int callee, int returnNode) {
        int count = callees[node].length;
        callees[node] = Arrays.copyOf(callees[node], count + 1);
        returns[node] = Arrays.copyOf(returns[node], count + 1);
        callees[node][count] = callee;
        returns[node][count] = returnNode;
    }

    /**
     * Puts a block of computed nodes between the two nodes of a counted string.
     *
     * @param start node before the opening quotation mark; the one behind the closing one stands next to it
     * @param character automaton of one character, which ends in one state that has no transitions
     */
    void addCounted(int start, int quoteClass, int characterStart, Dfa character, Expression.CountedString counted) {
        int last = 0;
        while (last < character.size() && !character.accepts(last)) {
            last++;
        }
        if (last == 0 || last == character.size()) {
            return;
        }
        RuleAutomaton.CountedBlock block = new RuleAutomaton.CountedBlock(
                nextVirtual,
                characterStart,
                Integer.SIZE - Integer.numberOfLeadingZeros(character.size() - 1),
                characterStart + last,
                counted.min(),
                counted.max(),
                start + 1);
        long behind = nextVirtual + block.size();
        if (behind > Integer.MAX_VALUE) {
            throw new LanguageTooLargeException(Integer.MAX_VALUE);
        }
        nextVirtual = (int) behind;
        blocks.add(block);
        setTarget(start, quoteClass, block.base());
    }

    int fewest(int node) {
        return fewest[node];
    }

    private record Candidate(int cost, int node, int choice) implements Comparable<Candidate> {
        @Override
        public int compareTo(Candidate other) {
            int byCost = Integer.compare(cost, other.cost);
            int byNode = byCost != 0 ? byCost : Integer.compare(node, other.node);
            return byNode != 0 ? byNode : Integer.compare(choice, other.choice);
        }
    }

    /**
     * The least bytes from each node to an end, and what leads there. Each choice was made after those that it needs, so that
     * following choices always ends. Source: Knuth 1977, a generalisation of Dijkstra's algorithm to grammars.
     */
    void computeFewest() {
        int total = nodeCount + blocks.size();
        fewest = new int[total];
        cheapest = new int[total];
        Arrays.fill(fewest, RuleAutomaton.INFINITE);
        Arrays.fill(cheapest, UNKNOWN);
        int[][] byByte = sourcesByByte(total);
        int[][] byCall = sourcesByCall();
        int[][] byCharacter = blocksByCharacter();
        PriorityQueue<Candidate> candidates = new PriorityQueue<>();
        for (int node = 0; node < nodeCount; node++) {
            if (accepting[node]) {
                candidates.add(new Candidate(0, node, RuleAutomaton.BY_ACCEPTING));
            }
        }
        while (!candidates.isEmpty()) {
            Candidate best = candidates.remove();
            int node = best.node;
            if (cheapest[node] != UNKNOWN) {
                continue;
            }
            cheapest[node] = best.choice;
            fewest[node] = best.cost;
            for (int source : byByte[node]) {
                candidates.add(new Candidate(bounded(1L + best.cost), source, RuleAutomaton.BY_BYTE));
            }
            if (node >= nodeCount) {
                continue;
            }
            for (int i = 0; i < byCall[node].length; i += 2) {
                int source = byCall[node][i];
                int call = byCall[node][i + 1];
                int callee = callees[source][call];
                int returnNode = returns[source][call];
                if (cheapest[callee] != UNKNOWN && cheapest[returnNode] != UNKNOWN) {
                    long cost = (long) fewest[callee] + fewest[returnNode];
                    candidates.add(new Candidate(bounded(cost), source, call));
                }
            }
            for (int block : byCharacter[node]) {
                long cost = (long) blocks.get(block).min() * best.cost + 1;
                candidates.add(new Candidate(bounded(cost), nodeCount + block, RuleAutomaton.BY_BYTE));
            }
        }
    }

    private static int bounded(long cost) {
        return (int) Math.min(cost, RuleAutomaton.INFINITE);
    }

    private int[][] sourcesByByte(int total) {
        int[][] sources = new int[total][0];
        int[] counts = new int[total];
        for (int node = 0; node < nodeCount; node++) {
            int last = RuleAutomaton.NONE;
            for (int c = 0; c < classCount; c++) {
                int target = targets[node * classCount + c];
                if (target == RuleAutomaton.NONE || target == last) {
                    continue;
                }
                last = target;
                append(sources, counts, target < nodeCount ? target : nodeCount + blockStartingAt(target), node);
            }
        }
        return trimmed(sources, counts);
    }

    /** Pairs of a node and the number of its call, by callee and by return. */
    private int[][] sourcesByCall() {
        int[][] sources = new int[nodeCount][0];
        int[] counts = new int[nodeCount];
        for (int node = 0; node < nodeCount; node++) {
            for (int call = 0; call < callees[node].length; call++) {
                append(sources, counts, callees[node][call], node);
                append(sources, counts, callees[node][call], call);
                append(sources, counts, returns[node][call], node);
                append(sources, counts, returns[node][call], call);
            }
        }
        return trimmed(sources, counts);
    }

    private int[][] blocksByCharacter() {
        int[][] found = new int[nodeCount][0];
        int[] counts = new int[nodeCount];
        for (int block = 0; block < blocks.size(); block++) {
            append(found, counts, blocks.get(block).characterStart(), block);
        }
        return trimmed(found, counts);
    }

    private static void append(int[][] lists, int[] counts, int list, int value) {
        if (counts[list] == lists[list].length) {
            lists[list] = Arrays.copyOf(lists[list], Math.max(2, 2 * counts[list]));
        }
        lists[list][counts[list]++] = value;
    }

    private static int[][] trimmed(int[][] lists, int[] counts) {
        for (int i = 0; i < lists.length; i++) {
            lists[i] = Arrays.copyOf(lists[i], counts[i]);
        }
        return lists;
    }

    private int blockStartingAt(int node) {
        for (int block = 0; block < blocks.size(); block++) {
            if (blocks.get(block).base() == node) {
                return block;
            }
        }
        throw new IllegalStateException("no counted string starts at node " + node);
    }

    /** Starts of the rules that may be called from a start before any byte. After {@link #computeFewest}. */
    int[] callsBeforeBytes(int start) {
        Set<Integer> called = new LinkedHashSet<>();
        Set<Integer> seen = new HashSet<>();
        ArrayDeque<Integer> pending = new ArrayDeque<>();
        pending.add(start);
        seen.add(start);
        while (!pending.isEmpty()) {
            int node = pending.remove();
            for (int call = 0; call < callees[node].length; call++) {
                called.add(callees[node][call]);
                int returnNode = returns[node][call];
                if (fewest[callees[node][call]] == 0 && seen.add(returnNode)) {
                    pending.add(returnNode);
                }
            }
        }
        return called.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Takes out what leads to nodes from which no text ends. After {@link #computeFewest}. */
    void removeHopeless() {
        for (int i = 0; i < targets.length; i++) {
            int target = targets[i];
            if (target == RuleAutomaton.NONE) {
                continue;
            }
            int place = target < nodeCount ? target : nodeCount + blockStartingAt(target);
            if (fewest[place] >= RuleAutomaton.INFINITE) {
                targets[i] = RuleAutomaton.NONE;
            }
        }
        for (int node = 0; node < nodeCount; node++) {
            int kept = 0;
            int choice = cheapest[node];
            for (int call = 0; call < callees[node].length; call++) {
                boolean hopeless = fewest[callees[node][call]] >= RuleAutomaton.INFINITE
                        || fewest[returns[node][call]] >= RuleAutomaton.INFINITE;
                if (hopeless) {
                    continue;
                }
                if (choice == call) {
                    cheapest[node] = kept;
                }
                callees[node][kept] = callees[node][call];
                returns[node][kept++] = returns[node][call];
            }
            callees[node] = Arrays.copyOf(callees[node], kept);
            returns[node] = Arrays.copyOf(returns[node], kept);
        }
    }

    /** @param classes by byte */
    RuleAutomaton automaton(int[] classes) {
        return new RuleAutomaton(
                classes,
                classCount,
                targets,
                accepting,
                callees,
                returns,
                fewest,
                cheapest,
                blocks.toArray(RuleAutomaton.CountedBlock[]::new));
    }
}
