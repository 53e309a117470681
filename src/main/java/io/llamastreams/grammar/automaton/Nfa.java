package io.llamastreams.grammar.automaton;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A nondeterministic automaton under construction. Symbols are numbers: code points, or bytes and calls of rules; a
 * transition covers a range of them.
 */
public final class Nfa {
    private static final int[] NOTHING = new int[0];

    private final int maxStates;

    /** Per state: low, high and target of each transition. */
    private int[][] ranges = new int[64][];

    private int[] rangeLengths = new int[64];
    private int[][] empties = new int[64][];
    private int[] emptyLengths = new int[64];
    private int size;

    public Nfa(int maxStates) {
        this.maxStates = maxStates;
    }

    public int size() {
        return size;
    }

    /** @throws LanguageTooLargeException if there are too many already */
    public int addState() {
        if (size == maxStates) {
            throw new LanguageTooLargeException(maxStates);
        }
        if (size == ranges.length) {
            ranges = Arrays.copyOf(ranges, 2 * size);
            rangeLengths = Arrays.copyOf(rangeLengths, 2 * size);
            empties = Arrays.copyOf(empties, 2 * size);
            emptyLengths = Arrays.copyOf(emptyLengths, 2 * size);
        }
        ranges[size] = NOTHING;
        empties[size] = NOTHING;
        return size++;
    }

    public void addRange(int from, int low, int high, int to) {
        int length = rangeLengths[from];
        if (length + 3 > ranges[from].length) {
            ranges[from] = Arrays.copyOf(ranges[from], Math.max(3, 2 * length));
        }
        ranges[from][length] = low;
        ranges[from][length + 1] = high;
        ranges[from][length + 2] = to;
        rangeLengths[from] = length + 3;
    }

    /** A transition that takes no symbol. */
    public void addEmpty(int from, int to) {
        int length = emptyLengths[from];
        if (length == empties[from].length) {
            empties[from] = Arrays.copyOf(empties[from], Math.max(1, 2 * length));
        }
        empties[from][length] = to;
        emptyLengths[from] = length + 1;
    }

    /** Transitions for all words of a language. */
    public void addLanguage(int from, Dfa language, int to) {
        int[] states = new int[language.size()];
        for (int state = 0; state < states.length; state++) {
            states[state] = addState();
        }
        addEmpty(from, states[0]);
        for (int state = 0; state < states.length; state++) {
            int[] edges = language.edges(state);
            for (int i = 0; i < edges.length; i += 3) {
                addRange(states[state], edges[i], edges[i + 1], states[edges[i + 2]]);
            }
            if (language.accepts(state)) {
                addEmpty(states[state], to);
            }
        }
    }

    /**
     * The smallest deterministic automaton of the same language.
     *
     * @throws LanguageTooLargeException if it needs more states on the way
     */
    public Dfa determinise(int start, int accept, int maxDeterministicStates) {
        return new Subsets(accept, maxDeterministicStates).run(start).trim().minimise();
    }

    /** The construction of Rabin and Scott: states are sets of states that hold a transition or accept. */
    private final class Subsets {
        /** Members of sets that are looked at and kept: what a hostile expression may take of time and of memory. */
        private static final long MAX_STEPS = 200_000_000;

        private static final long MAX_KEPT = 10_000_000;

        private final int accept;
        private final int maxSets;
        private final int[][] closures = new int[size][];
        private final int[] marks = new int[size];
        private int mark;
        private final int[] closureMarks = new int[size];
        private final int[] pending = new int[size];
        private int closureMark;
        private final Map<Key, Integer> ids = new HashMap<>();
        private final List<int[]> sets = new ArrayList<>();
        private long steps;
        private long kept;

        private record Key(int[] states) {
            @Override
            public boolean equals(Object other) {
                return other instanceof Key key && Arrays.equals(states, key.states);
            }

            @Override
            public int hashCode() {
                return Arrays.hashCode(states);
            }
        }

        Subsets(int accept, int maxSets) {
            this.accept = accept;
            this.maxSets = maxSets;
        }

        Dfa run(int start) {
            idOf(new int[] {start}, 1);
            List<int[]> edges = new ArrayList<>();
            for (int id = 0; id < sets.size(); id++) {
                edges.add(step(sets.get(id)));
            }
            boolean[] accepting = new boolean[sets.size()];
            for (int id = 0; id < accepting.length; id++) {
                accepting[id] = Arrays.binarySearch(sets.get(id), accept) >= 0;
            }
            return new Dfa(edges.toArray(int[][]::new), accepting);
        }

        /** Sweeps over the borders of all ranges; between two of them the same ranges hold. */
        private int[] step(int[] set) {
            int[][] sorted = sortedRanges(set);
            int[] borders = borders(sorted);
            int[] active = new int[sorted.length];
            int[] targets = new int[sorted.length];
            int activeCount = 0;
            int next = 0;
            int[] edges = new int[24];
            int length = 0;
            for (int b = 0; b + 1 < borders.length; b++) {
                int kept = 0;
                for (int i = 0; i < activeCount; i++) {
                    if (sorted[active[i]][1] >= borders[b]) {
                        active[kept++] = active[i];
                    }
                }
                activeCount = kept;
                while (next < sorted.length && sorted[next][0] == borders[b]) {
                    active[activeCount++] = next++;
                }
                if (activeCount == 0) {
                    continue;
                }
                for (int i = 0; i < activeCount; i++) {
                    targets[i] = sorted[active[i]][2];
                }
                int target = idOf(targets, activeCount);
                if (length > 0 && edges[length - 1] == target && edges[length - 2] == borders[b] - 1) {
                    edges[length - 2] = borders[b + 1] - 1;
                    continue;
                }
                edges = length + 3 > edges.length ? Arrays.copyOf(edges, 2 * length) : edges;
                edges[length++] = borders[b];
                edges[length++] = borders[b + 1] - 1;
                edges[length++] = target;
            }
            return Arrays.copyOf(edges, length);
        }

        private int[][] sortedRanges(int[] set) {
            List<int[]> all = new ArrayList<>();
            for (int state : set) {
                for (int i = 0; i < rangeLengths[state]; i += 3) {
                    all.add(Arrays.copyOfRange(ranges[state], i, i + 3));
                }
            }
            int[][] sorted = all.toArray(int[][]::new);
            Arrays.sort(sorted, (a, b) -> Integer.compare(a[0], b[0]));
            return sorted;
        }

        private static int[] borders(int[][] sorted) {
            int[] borders = new int[2 * sorted.length];
            for (int i = 0; i < sorted.length; i++) {
                borders[2 * i] = sorted[i][0];
                borders[2 * i + 1] = sorted[i][1] + 1;
            }
            Arrays.sort(borders);
            int count = 0;
            for (int border : borders) {
                if (count == 0 || borders[count - 1] != border) {
                    borders[count++] = border;
                }
            }
            return Arrays.copyOf(borders, count);
        }

        private int idOf(int[] states, int count) {
            mark++;
            int[] members = new int[16];
            int memberCount = 0;
            for (int i = 0; i < count; i++) {
                int[] closure = closure(states[i]);
                steps += closure.length;
                for (int member : closure) {
                    if (marks[member] != mark) {
                        marks[member] = mark;
                        members = memberCount == members.length ? Arrays.copyOf(members, 2 * memberCount) : members;
                        members[memberCount++] = member;
                    }
                }
            }
            int[] set = Arrays.copyOf(members, memberCount);
            Arrays.sort(set);
            Integer known = ids.putIfAbsent(new Key(set), sets.size());
            if (known != null) {
                return known;
            }
            kept += set.length;
            if (sets.size() == maxSets || steps > MAX_STEPS || kept > MAX_KEPT) {
                throw new LanguageTooLargeException(maxSets);
            }
            sets.add(set);
            return sets.size() - 1;
        }

        /** What is reached without a symbol and matters: states with transitions, and the accepting one. */
        private int[] closure(int state) {
            if (closures[state] != null) {
                return closures[state];
            }
            closureMark++;
            int count = 0;
            closureMarks[state] = closureMark;
            pending[count++] = state;
            for (int i = 0; i < count; i++) {
                int at = pending[i];
                for (int e = 0; e < emptyLengths[at]; e++) {
                    int target = empties[at][e];
                    if (closureMarks[target] != closureMark) {
                        closureMarks[target] = closureMark;
                        pending[count++] = target;
                    }
                }
            }
            int telling = 0;
            for (int i = 0; i < count; i++) {
                if (rangeLengths[pending[i]] > 0 || pending[i] == accept) {
                    pending[telling++] = pending[i];
                }
            }
            closures[state] = Arrays.copyOf(pending, telling);
            steps += count;
            kept += closures[state].length;
            if (steps > MAX_STEPS || kept > MAX_KEPT) {
                throw new LanguageTooLargeException(maxSets);
            }
            return closures[state];
        }
    }
}
