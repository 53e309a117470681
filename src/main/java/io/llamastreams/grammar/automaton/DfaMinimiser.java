package io.llamastreams.grammar.automaton;

import java.util.Arrays;

/**
 * Joins the states of an automaton that are alike. Source: Hopcroft 1971, with the partition kept in arrays as in Valmari
 * 2012. States of the result stand in order of their first state before, so that it depends on the input alone.
 */
final class DfaMinimiser {
    /** Entries of the tables of transitions; beyond it the automaton stays as it is. */
    private static final long MAX_TABLE = 1 << 23;

    private final Dfa dfa;

    /** Of all states and one more, in which everything fails. */
    private final int stateCount;

    private final int[] classLows;

    /** By class and state: the states that the class leads here from lie at sources[starts[i]] to sources[starts[i + 1]]. */
    private final int[] starts;

    private final int[] sources;

    /** Members of block b are elements[first[b]] to elements[first[b] + length[b]]; the first marked[b] of them are marked. */
    private final int[] elements;

    private final int[] places;
    private final int[] blocks;
    private final int[] first;
    private final int[] length;
    private final int[] marked;
    private int blockCount;

    /** Blocks with marked members. */
    private final int[] touched;

    private final boolean[] waits;
    private final int[] waiting;
    private int waitingCount;

    private DfaMinimiser(Dfa dfa, int[] classLows) {
        this.dfa = dfa;
        this.classLows = classLows;
        stateCount = dfa.size() + 1;
        starts = new int[classLows.length * stateCount + 1];
        sources = new int[classLows.length * stateCount];
        elements = new int[stateCount];
        places = new int[stateCount];
        blocks = new int[stateCount];
        first = new int[stateCount];
        length = new int[stateCount];
        marked = new int[stateCount];
        touched = new int[stateCount];
        waits = new boolean[stateCount];
        waiting = new int[stateCount];
    }

    static Dfa minimise(Dfa dfa) {
        int[] lows = classLows(dfa);
        if (dfa.size() < 2 || (long) lows.length * (dfa.size() + 1) > MAX_TABLE) {
            return dfa;
        }
        return new DfaMinimiser(dfa, lows).run();
    }

    /** Symbols from one of these to the next are alike in all states. */
    private static int[] classLows(Dfa dfa) {
        int count = 0;
        for (int state = 0; state < dfa.size(); state++) {
            count += dfa.edges(state).length / 3;
        }
        int[] lows = new int[2 * count];
        int at = 0;
        for (int state = 0; state < dfa.size(); state++) {
            int[] edges = dfa.edges(state);
            for (int i = 0; i < edges.length; i += 3) {
                lows[at++] = edges[i];
                lows[at++] = edges[i + 1] + 1;
            }
        }
        return Arrays.stream(lows).sorted().distinct().toArray();
    }

    private Dfa run() {
        fillSources();
        splitByAcceptance();
        while (waitingCount > 0) {
            int block = waiting[--waitingCount];
            waits[block] = false;
            int[] splitter = Arrays.copyOfRange(elements, first[block], first[block] + length[block]);
            for (int symbol = 0; symbol < classLows.length; symbol++) {
                splitBySources(splitter, symbol);
            }
        }
        int failing = blocks[stateCount - 1];
        int[] names = new int[dfa.size()];
        int[] nameOfBlock = new int[blockCount];
        Arrays.fill(nameOfBlock, -1);
        int count = 0;
        for (int state = 0; state < names.length; state++) {
            int block = blocks[state];
            if (block == failing && state > 0) {
                names[state] = -1;
                continue;
            }
            if (nameOfBlock[block] < 0) {
                nameOfBlock[block] = count++;
            }
            names[state] = nameOfBlock[block];
        }
        return dfa.renamed(names, count);
    }

    private void fillSources() {
        int[] targets = new int[classLows.length * stateCount];
        Arrays.fill(targets, stateCount - 1);
        for (int state = 0; state < dfa.size(); state++) {
            int[] edges = dfa.edges(state);
            for (int i = 0; i < edges.length; i += 3) {
                int from = Arrays.binarySearch(classLows, edges[i]);
                int to = Arrays.binarySearch(classLows, edges[i + 1] + 1);
                for (int symbol = from; symbol < to; symbol++) {
                    targets[symbol * stateCount + state] = edges[i + 2];
                }
            }
        }
        for (int symbol = 0; symbol < classLows.length; symbol++) {
            for (int state = 0; state < stateCount; state++) {
                starts[symbol * stateCount + targets[symbol * stateCount + state] + 1]++;
            }
        }
        for (int i = 0; i + 1 < starts.length; i++) {
            starts[i + 1] += starts[i];
        }
        int[] filled = starts.clone();
        for (int symbol = 0; symbol < classLows.length; symbol++) {
            for (int state = 0; state < stateCount; state++) {
                sources[filled[symbol * stateCount + targets[symbol * stateCount + state]]++] = state;
            }
        }
    }

    private void splitByAcceptance() {
        for (int state = 0; state < stateCount; state++) {
            elements[state] = state;
            places[state] = state;
        }
        length[0] = stateCount;
        blockCount = 1;
        for (int state = 0; state < dfa.size(); state++) {
            if (dfa.accepts(state)) {
                mark(state);
            }
        }
        await(0);
        split(0);
    }

    private void splitBySources(int[] splitter, int symbol) {
        int count = 0;
        for (int target : splitter) {
            int row = symbol * stateCount + target;
            for (int i = starts[row]; i < starts[row + 1]; i++) {
                int block = blocks[sources[i]];
                if (marked[block] == 0) {
                    touched[count++] = block;
                }
                mark(sources[i]);
            }
        }
        for (int i = 0; i < count; i++) {
            split(touched[i]);
        }
    }

    private void mark(int state) {
        int block = blocks[state];
        int border = first[block] + marked[block];
        int place = places[state];
        if (place < border) {
            return;
        }
        elements[place] = elements[border];
        places[elements[place]] = place;
        elements[border] = state;
        places[state] = border;
        marked[block]++;
    }

    /** Parts the marked members of a block from the others, if there are both. */
    private void split(int block) {
        int count = marked[block];
        marked[block] = 0;
        if (count == 0 || count == length[block]) {
            return;
        }
        int made = blockCount++;
        boolean marksAreFewer = 2 * count <= length[block];
        // the smaller part gets the new name
        first[made] = marksAreFewer ? first[block] : first[block] + count;
        length[made] = marksAreFewer ? count : length[block] - count;
        first[block] = marksAreFewer ? first[block] + count : first[block];
        length[block] -= length[made];
        for (int i = first[made]; i < first[made] + length[made]; i++) {
            blocks[elements[i]] = made;
        }
        await(made);
    }

    private void await(int block) {
        if (!waits[block]) {
            waits[block] = true;
            waiting[waitingCount++] = block;
        }
    }
}
