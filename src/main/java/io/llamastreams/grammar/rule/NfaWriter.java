package io.llamastreams.grammar.rule;

import io.llamastreams.grammar.automaton.CodePointSet;
import io.llamastreams.grammar.automaton.Nfa;
import java.util.List;

/** Writes expressions into an automaton, characters and calls as a subclass says. */
public abstract class NfaWriter {
    protected final Nfa nfa;

    public NfaWriter(Nfa nfa) {
        this.nfa = nfa;
    }

    protected abstract void writeCharacters(int from, CodePointSet set, int to);

    protected abstract void writeLanguage(int from, Expression.Language language, int to);

    protected abstract void writeCall(int from, int rule, int to);

    /** Makes {@code to} be reached from {@code from} by the texts of an expression. */
    public final void write(int from, Expression expression, int to) {
        switch (expression) {
            case Expression.Characters characters -> writeCharacters(from, characters.set(), to);
            case Expression.Anchor anchor -> nfa.addRange(from, anchor.symbol(), anchor.symbol(), to);
            case Expression.Sequence sequence -> writeSequence(from, sequence.parts(), to);
            case Expression.Choice choice -> choice.parts().forEach(part -> write(from, part, to));
            case Expression.Repeat repeat -> writeRepeat(from, repeat, to);
            case Expression.Language language -> writeLanguage(from, language, to);
            case Expression.Graph graph -> writeGraph(from, graph, to);
            case Expression.Call call -> writeCall(from, call.rule(), to);
            case Expression.CountedString counted ->
                throw new IllegalStateException("counted string inside of a rule: " + counted);
        }
    }

    private void writeSequence(int from, List<Expression> parts, int to) {
        int at = from;
        for (Expression part : parts) {
            int next = nfa.addState();
            write(at, part, next);
            at = next;
        }
        nfa.addEmpty(at, to);
    }

    private void writeRepeat(int from, Expression.Repeat repeat, int to) {
        int at = from;
        for (int i = 0; i < repeat.min(); i++) {
            at = writeOnce(at, repeat.item());
        }
        if (repeat.max() == Expression.UNBOUNDED) {
            int loop = nfa.addState();
            nfa.addEmpty(at, loop);
            nfa.addEmpty(writeOnce(loop, repeat.item()), loop);
            at = loop;
        } else {
            for (int i = repeat.min(); i < repeat.max(); i++) {
                nfa.addEmpty(at, to);
                at = writeOnce(at, repeat.item());
            }
        }
        nfa.addEmpty(at, to);
    }

    private int writeOnce(int from, Expression item) {
        int next = nfa.addState();
        write(from, item, next);
        return next;
    }

    private void writeGraph(int from, Expression.Graph graph, int to) {
        int[] states = new int[graph.nodeCount()];
        for (int node = 0; node < states.length; node++) {
            states[node] = nfa.addState();
        }
        nfa.addEmpty(from, states[Expression.Graph.START]);
        nfa.addEmpty(states[Expression.Graph.END], to);
        graph.edges().forEach(edge -> write(states[edge.from()], edge.label(), states[edge.to()]));
    }
}
