package io.llamastreams.serving.request;

import io.llamastreams.engine.request.TokenConstraint;
import io.llamastreams.grammar.GrammarState;

/** Holds one text to its grammar. Used by one thread at a time. */
record GrammarConstraint(GrammarState state) implements TokenConstraint {

    @Override
    public void mask(long[] allowed, int tokensLeft) {
        state.mask(allowed, tokensLeft);
    }

    @Override
    public void accept(int token) {
        state.accept(token);
    }

    @Override
    public boolean isEnded() {
        return state.isEnded();
    }
}
