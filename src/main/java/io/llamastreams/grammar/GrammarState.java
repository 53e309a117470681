package io.llamastreams.grammar;

import io.llamastreams.grammar.mask.StackSet;
import io.llamastreams.grammar.mask.TokenBytes;
import io.llamastreams.grammar.mask.TokenSet;

/** A text in the making: what may come next, and what came. One owner. */
public final class GrammarState {
    private final Grammar grammar;
    private StackSet at;

    /** Whether the next token is the first and loses a leading space. */
    private boolean dropsSpace;

    private boolean ended;

    GrammarState(Grammar grammar, boolean dropsSpace) {
        this.grammar = grammar;
        this.dropsSpace = dropsSpace;
        at = grammar.machine().start();
    }

    private GrammarState(GrammarState other) {
        grammar = other.grammar;
        at = other.at;
        dropsSpace = other.dropsSpace;
        ended = other.ended;
    }

    /**
     * Clears what must not come next. A token is allowed if the text with it is the begin of a text that can be completed
     * with the tokens that are left then; EOS if the text is complete. Something always stays allowed: where fewer tokens are
     * left than the text needs, those that bring its end nearest.
     *
     * @param allowed one bit for each token, set by the caller
     * @param tokensLeft tokens that may still be made, this one included
     * @throws IllegalArgumentException if {@code allowed} is not of one bit for each token, in longs
     */
    public void mask(long[] allowed, int tokensLeft) {
        TokenBytes tokens = grammar.tokens();
        if (allowed.length != tokens.maskLength()) {
            throw new IllegalArgumentException(
                    "allowed: expected " + tokens.maskLength() + " longs, found " + allowed.length);
        }
        if (ended) {
            keep(allowed, withEos(new long[allowed.length]));
            return;
        }
        int maxBytes = Math.max(0, tokensLeft - 1);
        if (dropsSpace) {
            int enough = at.isWhole() ? maxBytes : Math.max(maxBytes, grammar.leastBehindFirst());
            long[] fitting = grammar.masks().within(at, tokens.first(), enough);
            keep(allowed, at.isWhole() ? withEos(fitting) : fitting);
            return;
        }
        TokenSet mask = grammar.masks().mask(at);
        if (mask.neededBytes() <= maxBytes) {
            mask.applyTo(allowed);
            return;
        }
        int enough = at.isWhole() ? maxBytes : Math.max(maxBytes, at.fewest() - 1);
        long[] fitting = grammar.masks().within(at, tokens.inside(), enough);
        keep(allowed, at.isWhole() ? withEos(fitting) : fitting);
    }

    private long[] withEos(long[] bits) {
        int eos = grammar.tokens().eosId();
        bits[eos >> 6] |= 1L << eos;
        return bits;
    }

    private static void keep(long[] allowed, long[] fitting) {
        for (int word = 0; word < allowed.length; word++) {
            allowed[word] &= fitting[word];
        }
    }

    /**
     * Takes the next token; EOS ends the text.
     *
     * @throws IllegalStateException if the token does not fit; nothing is changed then
     */
    public void accept(int token) {
        TokenBytes tokens = grammar.tokens();
        if (token == tokens.eosId()) {
            if (!isComplete()) {
                throw new IllegalStateException("EOS: the text is not complete");
            }
            ended = true;
            return;
        }
        byte[] bytes = dropsSpace ? tokens.firstBytes(token) : tokens.bytes(token);
        StackSet next =
                bytes.length == 0 || ended ? StackSet.DEAD : grammar.machine().next(at, bytes);
        if (next.isDead()) {
            throw new IllegalStateException("token " + token + " does not fit the text");
        }
        at = next;
        dropsSpace = false;
    }

    /** Whether the text so far is a whole text. */
    public boolean isComplete() {
        return at.isWhole();
    }

    /** Whether it is and nothing but EOS can follow. */
    public boolean isEnded() {
        return ended || at.isWhole() && at.size() == 0;
    }

    /** A state of its own at the same place. */
    public GrammarState copy() {
        return new GrammarState(this);
    }
}
