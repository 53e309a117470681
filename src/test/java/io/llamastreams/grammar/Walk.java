package io.llamastreams.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.grammar.mask.StackSet;
import io.llamastreams.grammar.mask.TokenBytes;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/** Texts made by choosing among allowed tokens, and texts given byte by byte. */
final class Walk {
    private Walk() {}

    /** Goes on until the text is ended or the tokens are used up; the text must be whole then, and valid UTF-8. */
    static String make(
            Grammar grammar, TokenBytes tokens, Adversary adversary, Random random, int budget, boolean dropsSpace) {
        GrammarState state = grammar.start(dropsSpace);
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        long[] allowed = new long[tokens.maskLength()];
        for (int left = budget; left > 0 && !state.isEnded(); left--) {
            Arrays.fill(allowed, -1);
            state.mask(allowed, left);
            int token = adversary.choose(allowed, tokens, random);
            assertThat(token).as("allowed after %s", text).isGreaterThanOrEqualTo(0);
            state.accept(token);
            if (token != tokens.eosId()) {
                boolean isFirst = dropsSpace && left == budget;
                text.writeBytes(isFirst ? tokens.firstBytes(token) : tokens.bytes(token));
            }
        }
        assertThat(state.isComplete()).as("whole: %s", text).isTrue();
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(text.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new AssertionError("not UTF-8: " + text, e);
        }
    }

    /** Whether a text is whole, byte by byte. */
    static boolean accepts(Grammar grammar, String text) {
        StackSet at = grammar.machine().next(grammar.machine().start(), text.getBytes(StandardCharsets.UTF_8));
        return at.isWhole();
    }

    /** Whether a text is the begin of a whole one. */
    static boolean begins(Grammar grammar, String text) {
        return !grammar.machine()
                .next(grammar.machine().start(), text.getBytes(StandardCharsets.UTF_8))
                .isDead();
    }
}
