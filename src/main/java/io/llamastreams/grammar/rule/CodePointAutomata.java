package io.llamastreams.grammar.rule;

import io.llamastreams.grammar.automaton.CodePointSet;
import io.llamastreams.grammar.automaton.Dfa;
import io.llamastreams.grammar.automaton.LanguageTooLargeException;
import io.llamastreams.grammar.automaton.Nfa;

/** Expressions without calls as automata over code points. */
public final class CodePointAutomata {
    /** States of an automaton over code points, for the time and memory that one constraint may take. */
    public static final int MAX_STATES = 10_000;

    private static final int MAX_NFA_STATES = 100_000;

    private CodePointAutomata() {}

    /** @throws LanguageTooLargeException if it does not fit {@link #MAX_STATES} */
    public static Dfa of(Expression expression) {
        Nfa nfa = new Nfa(MAX_NFA_STATES);
        int start = nfa.addState();
        int end = nfa.addState();
        new CodePointWriter(nfa).write(start, expression, end);
        return nfa.determinise(start, end, MAX_STATES);
    }

    private static final class CodePointWriter extends NfaWriter {
        CodePointWriter(Nfa nfa) {
            super(nfa);
        }

        @Override
        protected void writeCharacters(int from, CodePointSet set, int to) {
            for (int range = 0; range < set.rangeCount(); range++) {
                nfa.addRange(from, set.first(range), set.last(range), to);
            }
        }

        @Override
        protected void writeLanguage(int from, Expression.Language language, int to) {
            nfa.addLanguage(from, language.words(), to);
        }

        @Override
        protected void writeCall(int from, int rule, int to) {
            throw new IllegalStateException("call of rule " + rule + " in a regular language");
        }
    }
}
