package io.llamastreams.fuzz;

import io.llamastreams.grammar.Grammar;
import io.llamastreams.grammar.GrammarState;
import io.llamastreams.grammar.mask.TokenBytes;
import io.llamastreams.grammar.rule.GrammarException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The compiler of structures. The first byte chooses the kind, the second how the text is then walked. A structure compiles or
 * is refused by {@link GrammarException} in one line; one that compiled never gets stuck: with as many tokens as it says it needs
 * there is always one that fits, until the text ends. Memory is bounded by the heap of the process, of 1 GB.
 */
public final class GrammarFuzz {
    private static final int EOS = 256;
    private static final TokenBytes BYTES = bytes();
    private static final int MOST_TOKENS = 64;

    private GrammarFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length < 2) {
            return;
        }
        String text = new String(input, 2, input.length - 2, StandardCharsets.UTF_8);
        try {
            walk(compile(input[0] & 3, text), input[1]);
        } catch (GrammarException e) {
            Expect.that(!e.getMessage().isBlank(), "a reason");
            Expect.that(e.getMessage().length() < 2_000, "a short reason");
        }
    }

    private static Grammar compile(int kind, String text) {
        return switch (kind) {
            case 0 -> Grammar.ofJsonSchema(text, BYTES);
            case 1 -> Grammar.ofRegex(text, BYTES);
            case 2 -> Grammar.ofGbnf(text, BYTES);
            default -> Grammar.ofChoice(List.of(text.split("\\|", -1)), BYTES);
        };
    }

    private static void walk(Grammar grammar, int choice) {
        GrammarState state = grammar.start(false);
        int left = Math.max(MOST_TOKENS, grammar.fewestTokens());
        int random = choice;
        long[] allowed = new long[EOS / 64 + 1];
        for (int i = 0; i < MOST_TOKENS && !state.isEnded(); i++) {
            Arrays.fill(allowed, -1L);
            state.mask(allowed, left);
            int fitting = Arrays.stream(allowed).mapToInt(Long::bitCount).sum();
            Expect.that(fitting > 0, "a token that fits, found none after " + i);
            random = random * 1_103_515_245 + 12_345;
            state.accept(nth(allowed, Math.floorMod(random >> 8, fitting)));
            left--;
        }
    }

    private static int nth(long[] bits, int n) {
        int left = n;
        for (int id = 0; ; id++) {
            if ((bits[id / 64] >> id % 64 & 1) != 0 && left-- == 0) {
                return id;
            }
        }
    }

    /** A token for each byte, and EOS. */
    private static TokenBytes bytes() {
        byte[][] pieces = new byte[EOS + 1][];
        for (int i = 0; i < EOS; i++) {
            pieces[i] = new byte[] {(byte) i};
        }
        pieces[EOS] = new byte[0];
        return TokenBytes.of(pieces, EOS);
    }
}
