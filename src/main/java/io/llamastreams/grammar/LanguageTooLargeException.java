package io.llamastreams.grammar;

/** An automaton would need more states than are allowed. Becomes a {@link GrammarException} that names the place. */
final class LanguageTooLargeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LanguageTooLargeException(int maxStates) {
        super("more than " + maxStates + " states", null, false, false);
    }
}
