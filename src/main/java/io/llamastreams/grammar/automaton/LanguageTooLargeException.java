package io.llamastreams.grammar.automaton;

/** An automaton would need more states than are allowed. Becomes a {@code GrammarException} that names the place. */
public final class LanguageTooLargeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public LanguageTooLargeException(int maxStates) {
        super("more than " + maxStates + " states", null, false, false);
    }
}
