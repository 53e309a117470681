package io.llamastreams.grammar.automaton;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A deterministic automaton over symbols that are numbers, mostly code points. State 0 is the start; what has no transition
 * fails. Immutable.
 */
public final class Dfa {
    /** Per state: low, high and target of each transition, ascending, without overlap. */
    private final int[][] edges;

    private final boolean[] accepting;

    /** @param edges kept, not copied, as is {@code accepting} */
    public Dfa(int[][] edges, boolean[] accepting) {
        this.edges = edges;
        this.accepting = accepting;
    }

    public int size() {
        return edges.length;
    }

    public int[] edges(int state) {
        return edges[state];
    }

    public boolean accepts(int state) {
        return accepting[state];
    }

    /** Where a symbol leads, or -1. */
    int next(int state, int symbol) {
        int[] all = edges[state];
        for (int i = 0; i < all.length && all[i] <= symbol; i += 3) {
            if (symbol <= all[i + 1]) {
                return all[i + 2];
            }
        }
        return -1;
    }

    public boolean matches(String text) {
        int state = 0;
        for (int i = 0; i < text.length() && state >= 0; i += Character.charCount(text.codePointAt(i))) {
            state = next(state, text.codePointAt(i));
        }
        return state >= 0 && accepting[state];
    }

    /** Whether there is no word. Of trimmed automata only. */
    public boolean isEmpty() {
        return edges[0].length == 0 && !accepting[0];
    }

    /** Words of both. */
    public Dfa intersect(Dfa other, int maxStates) {
        return combine(other, false, maxStates);
    }

    /** Words that are not of the other. */
    public Dfa minus(Dfa other, int maxStates) {
        return combine(other, true, maxStates);
    }

    /** Words of so many symbols. */
    public Dfa ofLength(int min, int max, int maxStates) {
        int shortest = shortest();
        int longest = longest();
        if (min <= shortest && (max == Integer.MAX_VALUE || longest >= 0 && longest <= max)) {
            return this;
        }
        boolean bounded = max < Integer.MAX_VALUE && (longest < 0 || longest > max);
        int last = bounded ? max : min;
        if (last >= maxStates) {
            throw new LanguageTooLargeException(maxStates);
        }
        int[][] counting = new int[last + 1][];
        boolean[] enough = new boolean[last + 1];
        for (int count = 0; count <= last; count++) {
            int next = Math.min(count + 1, last);
            counting[count] = bounded && count == last ? new int[0] : new int[] {0, Integer.MAX_VALUE - 1, next};
            enough[count] = count >= min;
        }
        return intersect(new Dfa(counting, enough), maxStates);
    }

    /** Symbols of the shortest word; {@link Integer#MAX_VALUE} where there is none. */
    int shortest() {
        int[] distance = new int[size()];
        Arrays.fill(distance, -1);
        ArrayDeque<Integer> pending = new ArrayDeque<>();
        distance[0] = 0;
        pending.add(0);
        while (!pending.isEmpty()) {
            int state = pending.remove();
            if (accepting[state]) {
                return distance[state];
            }
            for (int i = 2; i < edges[state].length; i += 3) {
                int target = edges[state][i];
                if (distance[target] < 0) {
                    distance[target] = distance[state] + 1;
                    pending.add(target);
                }
            }
        }
        return Integer.MAX_VALUE;
    }

    /** Symbols of the longest word, or -1 where there is no longest. Of trimmed automata only. */
    public int longest() {
        int[] inward = new int[size()];
        for (int[] outward : edges) {
            for (int i = 2; i < outward.length; i += 3) {
                inward[outward[i]]++;
            }
        }
        int[] distance = new int[size()];
        int[] order = new int[size()];
        int count = 0;
        if (inward[0] == 0) {
            order[count++] = 0;
        }
        int longest = 0;
        for (int i = 0; i < count; i++) {
            int state = order[i];
            longest = accepting[state] ? Math.max(longest, distance[state]) : longest;
            for (int e = 2; e < edges[state].length; e += 3) {
                int target = edges[state][e];
                distance[target] = Math.max(distance[target], distance[state] + 1);
                if (--inward[target] == 0) {
                    order[count++] = target;
                }
            }
        }
        return count == size() ? longest : -1;
    }

    /** The same with symbols from {@code first} on taken away from the words that contain them. */
    public Dfa erase(int first, int maxStates) {
        Nfa nfa = new Nfa(2 * size() + 2);
        int accept = nfa.addState();
        int[] states = new int[size()];
        for (int state = 0; state < states.length; state++) {
            states[state] = nfa.addState();
        }
        for (int state = 0; state < states.length; state++) {
            int[] outward = edges[state];
            for (int i = 0; i < outward.length; i += 3) {
                if (outward[i] < first) {
                    int last = Math.min(outward[i + 1], first - 1);
                    nfa.addRange(states[state], outward[i], last, states[outward[i + 2]]);
                }
                if (outward[i + 1] >= first) {
                    nfa.addEmpty(states[state], states[outward[i + 2]]);
                }
            }
            if (accepting[state]) {
                nfa.addEmpty(states[state], accept);
            }
        }
        return nfa.determinise(states[0], accept, maxStates);
    }

    /** Without states from which no word ends. */
    public Dfa trim() {
        int[] starts = new int[size() + 1];
        for (int[] outward : edges) {
            for (int i = 2; i < outward.length; i += 3) {
                starts[outward[i] + 1]++;
            }
        }
        for (int state = 0; state < size(); state++) {
            starts[state + 1] += starts[state];
        }
        int[] sources = new int[starts[size()]];
        int[] filled = starts.clone();
        for (int state = 0; state < size(); state++) {
            for (int i = 2; i < edges[state].length; i += 3) {
                sources[filled[edges[state][i]]++] = state;
            }
        }
        boolean[] useful = accepting.clone();
        int[] pending = new int[size()];
        int pendingCount = 0;
        for (int state = 0; state < size(); state++) {
            if (useful[state]) {
                pending[pendingCount++] = state;
            }
        }
        while (pendingCount > 0) {
            int target = pending[--pendingCount];
            for (int i = starts[target]; i < starts[target + 1]; i++) {
                if (!useful[sources[i]]) {
                    useful[sources[i]] = true;
                    pending[pendingCount++] = sources[i];
                }
            }
        }
        useful[0] = true;
        int[] names = new int[size()];
        int count = 0;
        for (int state = 0; state < names.length; state++) {
            names[state] = useful[state] ? count++ : -1;
        }
        return count == size() ? this : renamed(names, count);
    }

    /** The automaton with the fewest states of the same language, or this one where finding it would take too much memory. */
    public Dfa minimise() {
        return DfaMinimiser.minimise(this);
    }

    /**
     * States joined or left out, in order of first appearance from the start.
     *
     * @param names new state of each, -1 for those that go; states of the same name must be alike
     */
    Dfa renamed(int[] names, int count) {
        int[][] newEdges = new int[count][];
        boolean[] newAccepting = new boolean[count];
        for (int state = 0; state < names.length; state++) {
            int name = names[state];
            if (name < 0 || newEdges[name] != null) {
                continue;
            }
            newAccepting[name] = accepting[state];
            newEdges[name] = renamed(edges[state], names);
        }
        return new Dfa(newEdges, newAccepting);
    }

    private static int[] renamed(int[] outward, int[] names) {
        int[] renamed = new int[outward.length];
        int length = 0;
        for (int i = 0; i < outward.length; i += 3) {
            int target = names[outward[i + 2]];
            if (target < 0) {
                continue;
            }
            if (length > 0 && renamed[length - 1] == target && renamed[length - 2] == outward[i] - 1) {
                renamed[length - 2] = outward[i + 1];
                continue;
            }
            renamed[length++] = outward[i];
            renamed[length++] = outward[i + 1];
            renamed[length++] = target;
        }
        return Arrays.copyOf(renamed, length);
    }

    private record Pair(int mine, int theirs) {}

    private Dfa combine(Dfa other, boolean subtract, int maxStates) {
        Map<Pair, Integer> ids = new HashMap<>();
        List<Pair> pairs = new ArrayList<>();
        ids.put(new Pair(0, 0), 0);
        pairs.add(new Pair(0, 0));
        List<int[]> found = new ArrayList<>();
        for (int id = 0; id < pairs.size(); id++) {
            Pair pair = pairs.get(id);
            int[] theirs = pair.theirs < 0 ? new int[0] : other.edges[pair.theirs];
            List<int[]> cuts = subtract ? cutByAll(edges[pair.mine], theirs) : cutByBoth(edges[pair.mine], theirs);
            int[] outward = new int[3 * cuts.size()];
            for (int i = 0; i < cuts.size(); i++) {
                int[] cut = cuts.get(i);
                Pair target = new Pair(cut[2], cut[3]);
                Integer known = ids.putIfAbsent(target, pairs.size());
                if (known == null) {
                    known = pairs.size();
                    pairs.add(target);
                    if (pairs.size() > maxStates) {
                        throw new LanguageTooLargeException(maxStates);
                    }
                }
                outward[3 * i] = cut[0];
                outward[3 * i + 1] = cut[1];
                outward[3 * i + 2] = known;
            }
            found.add(outward);
        }
        boolean[] ends = new boolean[pairs.size()];
        for (int id = 0; id < ends.length; id++) {
            Pair pair = pairs.get(id);
            boolean theyAccept = pair.theirs >= 0 && other.accepting[pair.theirs];
            ends[id] = accepting[pair.mine] && theyAccept != subtract;
        }
        return new Dfa(found.toArray(int[][]::new), ends).trim().minimise();
    }

    /** Ranges that both have: low, high, my target, their target. */
    private static List<int[]> cutByBoth(int[] mine, int[] theirs) {
        List<int[]> cuts = new ArrayList<>();
        int m = 0;
        int t = 0;
        while (m < mine.length && t < theirs.length) {
            int low = Math.max(mine[m], theirs[t]);
            int high = Math.min(mine[m + 1], theirs[t + 1]);
            if (low <= high) {
                cuts.add(new int[] {low, high, mine[m + 2], theirs[t + 2]});
            }
            if (mine[m + 1] < theirs[t + 1]) {
                m += 3;
            } else {
                t += 3;
            }
        }
        return cuts;
    }

    /** Ranges that I have, cut where theirs begin and end: low, high, my target, their target or -1. */
    private static List<int[]> cutByAll(int[] mine, int[] theirs) {
        List<int[]> cuts = new ArrayList<>();
        int t = 0;
        for (int m = 0; m < mine.length; m += 3) {
            int low = mine[m];
            int high = mine[m + 1];
            while (t < theirs.length && theirs[t + 1] < low) {
                t += 3;
            }
            for (int i = t; i < theirs.length && theirs[i] <= high; i += 3) {
                if (low < theirs[i]) {
                    cuts.add(new int[] {low, theirs[i] - 1, mine[m + 2], -1});
                    low = theirs[i];
                }
                int end = Math.min(high, theirs[i + 1]);
                cuts.add(new int[] {low, end, mine[m + 2], theirs[i + 2]});
                low = end + 1;
            }
            if (low <= high) {
                cuts.add(new int[] {low, high, mine[m + 2], -1});
            }
        }
        return cuts;
    }
}
