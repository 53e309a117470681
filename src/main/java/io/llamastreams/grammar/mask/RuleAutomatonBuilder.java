package io.llamastreams.grammar.mask;

import io.llamastreams.grammar.automaton.CodePointSet;
import io.llamastreams.grammar.automaton.Dfa;
import io.llamastreams.grammar.automaton.LanguageTooLargeException;
import io.llamastreams.grammar.automaton.Nfa;
import io.llamastreams.grammar.rule.Encoding;
import io.llamastreams.grammar.rule.Expression;
import io.llamastreams.grammar.rule.GrammarException;
import io.llamastreams.grammar.rule.NfaWriter;
import io.llamastreams.grammar.rule.Rules;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Compiles rules: each to an automaton over bytes and calls, then all to one {@link RuleAutomaton}. */
public final class RuleAutomatonBuilder {
    private static final int MAX_NFA_STATES = 200_000;

    /** Of all rules together, before they are made deterministic. */
    private static final int MAX_ALL_NFA_STATES = 3_000_000;

    private static final int MAX_RULE_NODES = 20_000;
    private static final int MAX_NODES = 50_000;
    private static final int FIRST_CALL = 256;

    private final Rules rules;
    private final BitSet writable;
    private final boolean[] inlined;
    private final Map<CodePointSet, Dfa> plainBytes = new HashMap<>();
    private final Map<CodePointSet, Dfa> stringBytes = new HashMap<>();

    /** Automata of the rules that are called, by rule, in the order in which they were found. */
    private final Map<Integer, Dfa> automata = new LinkedHashMap<>();

    private final Map<Integer, Integer> firstNodes = new HashMap<>();
    private int nodeCount;
    private int nfaStates;

    private RuleAutomatonBuilder(Rules rules, BitSet writable) {
        this.rules = rules;
        this.writable = writable;
        inlined = Inlining.choose(rules);
        inlined[Rules.ROOT] = false;
    }

    /**
     * @param writable bytes that the vocabulary can write; the others are taken out
     * @throws GrammarException if the rules are left-recursive, too large, or admit no text
     */
    public static RuleAutomaton build(Rules rules, BitSet writable) {
        RuleAutomatonBuilder builder = new RuleAutomatonBuilder(rules, writable);
        builder.compileRules();
        return builder.assemble();
    }

    private void compileRules() {
        ArrayDeque<Integer> pending = new ArrayDeque<>();
        BitSet found = new BitSet();
        pending.add(Rules.ROOT);
        found.set(Rules.ROOT);
        while (!pending.isEmpty()) {
            int rule = pending.remove();
            Dfa automaton;
            if (rules.expression(rule) instanceof Expression.CountedString counted) {
                automaton = quoted();
                if (!found.get(counted.character())) {
                    found.set(counted.character());
                    pending.add(counted.character());
                }
            } else {
                automaton = compile(rule);
            }
            automata.put(rule, automaton);
            firstNodes.put(rule, nodeCount);
            nodeCount += automaton.size();
            if (nodeCount > MAX_NODES) {
                throw new GrammarException(
                        rules.place() + ": expected at most " + MAX_NODES + " states of all rules, found more");
            }
            for (int called : calls(automaton)) {
                if (!found.get(called)) {
                    found.set(called);
                    pending.add(called);
                }
            }
        }
    }

    /** Start and end of a counted string; the nodes between are computed. */
    private static Dfa quoted() {
        return new Dfa(new int[][] {{}, {}}, new boolean[] {false, true});
    }

    private Dfa compile(int rule) {
        try {
            return compile(rule, inlined);
        } catch (LanguageTooLargeException e) {
            try {
                return compile(rule, new boolean[inlined.length]);
            } catch (LanguageTooLargeException again) {
                throw new GrammarException(rules.place() + ": rule " + GrammarException.quote(rules.name(rule))
                        + ": expected at most " + MAX_RULE_NODES + " states, found more");
            }
        }
    }

    private Dfa compile(int rule, boolean[] replaced) {
        Nfa nfa = new Nfa(MAX_NFA_STATES);
        int start = nfa.addState();
        int end = nfa.addState();
        new ByteWriter(nfa, replaced).write(start, rules.expression(rule), end);
        nfaStates += nfa.size();
        if (nfaStates > MAX_ALL_NFA_STATES) {
            throw new GrammarException(rules.place() + ": expected rules that take fewer states, found too many");
        }
        return nfa.determinise(start, end, MAX_RULE_NODES);
    }

    private final class ByteWriter extends NfaWriter {
        private final boolean[] replaced;

        ByteWriter(Nfa nfa, boolean[] replaced) {
            super(nfa);
            this.replaced = replaced;
        }

        @Override
        protected void writeCharacters(int from, CodePointSet set, int to) {
            nfa.addLanguage(from, bytes(set, Encoding.PLAIN), to);
        }

        @Override
        protected void writeLanguage(int from, Expression.Language language, int to) {
            Dfa words = language.words();
            int[] states = new int[words.size()];
            for (int state = 0; state < states.length; state++) {
                states[state] = nfa.addState();
            }
            nfa.addEmpty(from, states[0]);
            for (int state = 0; state < states.length; state++) {
                if (words.accepts(state)) {
                    nfa.addEmpty(states[state], to);
                }
                Map<Integer, IntStream.Builder> byTarget = new LinkedHashMap<>();
                int[] edges = words.edges(state);
                for (int i = 0; i < edges.length; i += 3) {
                    byTarget.computeIfAbsent(edges[i + 2], target -> IntStream.builder())
                            .add(edges[i])
                            .add(edges[i + 1]);
                }
                for (Map.Entry<Integer, IntStream.Builder> entry : byTarget.entrySet()) {
                    CodePointSet set =
                            CodePointSet.ofRanges(entry.getValue().build().toArray());
                    nfa.addLanguage(states[state], bytes(set, language.encoding()), states[entry.getKey()]);
                }
            }
        }

        @Override
        protected void writeCall(int from, int rule, int to) {
            if (replaced[rule]) {
                write(from, rules.expression(rule), to);
            } else {
                nfa.addRange(from, FIRST_CALL + rule, FIRST_CALL + rule, to);
            }
        }
    }

    /** The writable byte sequences of a set of characters. */
    private Dfa bytes(CodePointSet set, Encoding encoding) {
        Map<CodePointSet, Dfa> known = encoding == Encoding.PLAIN ? plainBytes : stringBytes;
        return known.computeIfAbsent(set, s -> withoutUnwritable(encoding.encode(s)));
    }

    private Dfa withoutUnwritable(Dfa bytes) {
        if (writable.cardinality() == FIRST_CALL) {
            return bytes;
        }
        int[][] edges = new int[bytes.size()][];
        boolean[] accepting = new boolean[edges.length];
        for (int state = 0; state < edges.length; state++) {
            accepting[state] = bytes.accepts(state);
            List<int[]> kept = new ArrayList<>();
            int[] all = bytes.edges(state);
            for (int i = 0; i < all.length; i += 3) {
                int low = writable.nextSetBit(all[i]);
                while (low >= 0 && low <= all[i + 1]) {
                    int high = Math.min(writable.nextClearBit(low) - 1, all[i + 1]);
                    kept.add(new int[] {low, high, all[i + 2]});
                    low = writable.nextSetBit(high + 1);
                }
            }
            edges[state] = kept.stream().flatMapToInt(Arrays::stream).toArray();
        }
        return new Dfa(edges, accepting).trim();
    }

    private static int[] calls(Dfa automaton) {
        BitSet called = new BitSet();
        for (int state = 0; state < automaton.size(); state++) {
            int[] edges = automaton.edges(state);
            for (int i = 0; i < edges.length; i += 3) {
                if (edges[i + 1] >= FIRST_CALL) {
                    called.set(Math.max(FIRST_CALL, edges[i]) - FIRST_CALL, edges[i + 1] - FIRST_CALL + 1);
                }
            }
        }
        return called.stream().toArray();
    }

    private RuleAutomaton assemble() {
        int[] classes = classes();
        int classCount = classes[FIRST_CALL - 1] + 1;
        RuleAutomatonTables tables = new RuleAutomatonTables(nodeCount, classCount);
        for (Map.Entry<Integer, Dfa> entry : automata.entrySet()) {
            fill(tables, classes, firstNodes.get(entry.getKey()), entry.getValue());
        }
        addCountedStrings(tables, classes['"']);
        tables.computeFewest();
        refuseLeftRecursion(tables);
        if (tables.fewest(0) >= RuleAutomaton.INFINITE) {
            throw new GrammarException(
                    rules.place() + ": expected a text that can be written, found none that the constraint admits");
        }
        tables.removeHopeless();
        return tables.automaton(classes);
    }

    private void addCountedStrings(RuleAutomatonTables tables, int quoteClass) {
        for (int rule : automata.keySet()) {
            if (rules.expression(rule) instanceof Expression.CountedString counted && writable.get('"')) {
                Dfa character = automata.get(counted.character());
                int characterStart = firstNodes.get(counted.character());
                try {
                    tables.addCounted(firstNodes.get(rule), quoteClass, characterStart, character, counted);
                } catch (LanguageTooLargeException e) {
                    throw GrammarException.expected(
                            rules.place(), "lower limits of the lengths of strings", e.getMessage());
                }
            }
        }
    }

    private void fill(RuleAutomatonTables tables, int[] classes, int base, Dfa automaton) {
        for (int state = 0; state < automaton.size(); state++) {
            tables.setAccepting(base + state, automaton.accepts(state));
            int[] edges = automaton.edges(state);
            for (int i = 0; i < edges.length; i += 3) {
                int target = base + edges[i + 2];
                for (int symbol = edges[i]; symbol <= Math.min(edges[i + 1], FIRST_CALL - 1); symbol++) {
                    tables.setTarget(base + state, classes[symbol], target);
                }
                for (int symbol = Math.max(edges[i], FIRST_CALL); symbol <= edges[i + 1]; symbol++) {
                    tables.addCall(base + state, firstNodes.get(symbol - FIRST_CALL), target);
                }
            }
        }
    }

    /** Neighbouring bytes are of one class where no transition tells them apart. */
    private int[] classes() {
        BitSet borders = new BitSet();
        borders.set('"');
        borders.set('"' + 1);
        for (Dfa automaton : automata.values()) {
            for (int state = 0; state < automaton.size(); state++) {
                int[] edges = automaton.edges(state);
                for (int i = 0; i < edges.length; i += 3) {
                    borders.set(Math.min(edges[i], FIRST_CALL));
                    borders.set(Math.min(edges[i + 1] + 1, FIRST_CALL));
                }
            }
        }
        int[] classes = new int[FIRST_CALL];
        for (int value = 1; value < FIRST_CALL; value++) {
            classes[value] = classes[value - 1] + (borders.get(value) ? 1 : 0);
        }
        return classes;
    }

    /** A rule that comes to call itself before any byte would never end. */
    private void refuseLeftRecursion(RuleAutomatonTables tables) {
        Map<Integer, Integer> ruleOfStart = new HashMap<>();
        firstNodes.forEach((rule, node) -> ruleOfStart.put(node, rule));
        Map<Integer, int[]> leftCalls = new HashMap<>();
        for (int rule : automata.keySet()) {
            int[] starts = tables.callsBeforeBytes(firstNodes.get(rule));
            leftCalls.put(rule, Arrays.stream(starts).map(ruleOfStart::get).toArray());
        }
        BitSet finished = new BitSet();
        BitSet open = new BitSet();
        for (int rule : automata.keySet()) {
            ArrayDeque<int[]> path = new ArrayDeque<>();
            path.push(new int[] {rule, 0});
            while (!path.isEmpty()) {
                int[] top = path.peek();
                int[] calls = leftCalls.get(top[0]);
                if (top[1] == 0) {
                    if (finished.get(top[0])) {
                        path.pop();
                        continue;
                    }
                    open.set(top[0]);
                }
                if (top[1] == calls.length) {
                    open.clear(top[0]);
                    finished.set(top[0]);
                    path.pop();
                    continue;
                }
                int next = calls[top[1]++];
                if (open.get(next)) {
                    throw new GrammarException(rules.place() + ": rule " + GrammarException.quote(rules.name(next))
                            + ": expected a character before the rule comes to call itself, found left recursion");
                }
                path.push(new int[] {next, 0});
            }
        }
    }
}
