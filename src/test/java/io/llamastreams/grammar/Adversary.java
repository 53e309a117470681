package io.llamastreams.grammar;

import io.llamastreams.grammar.mask.TokenBytes;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Ways to choose tokens that try to break a mask. */
public enum Adversary {
    /** Any allowed token. */
    UNIFORM,
    LONGEST,
    DIGITS,
    QUOTES,
    BACKSLASHES,
    SPACES,
    /** Tokens that are one byte of a longer character. */
    BYTES,
    OPENERS,
    COMMAS,
    /** Some tokens far above others, as random weights make them. */
    FAVOURITES;

    /** Every fifth choice is any allowed token, so that all get somewhere. */
    public int choose(long[] allowed, TokenBytes tokens, Random random) {
        boolean isFree = this == UNIFORM || random.nextInt(5) == 0;
        int best = -1;
        int bestScore = -1;
        int equals = 0;
        for (int token = 0; token < tokens.vocabularySize(); token++) {
            if ((allowed[token >> 6] >> token & 1) == 0) {
                continue;
            }
            int score = isFree ? 0 : score(token, tokens);
            equals = score == bestScore ? equals + 1 : score > bestScore ? 1 : equals;
            if (score > bestScore || score == bestScore && random.nextInt(equals) == 0) {
                best = token;
                bestScore = score;
            }
        }
        return best;
    }

    private int score(int token, TokenBytes tokens) {
        byte[] bytes = tokens.bytes(token);
        return switch (this) {
            case UNIFORM -> 0;
            case LONGEST -> bytes.length;
            case DIGITS -> count(bytes, "0123456789.-eE");
            case QUOTES -> count(bytes, "\"");
            case BACKSLASHES -> count(bytes, "\\u");
            case SPACES -> count(bytes, " \n\t");
            case BYTES -> bytes.length == 1 && bytes[0] < 0 ? 1 : 0;
            case OPENERS -> count(bytes, "[{(");
            case COMMAS -> count(bytes, ",");
            case FAVOURITES -> (int) (token * 0x9E3779B9L >>> 8 & 0xFFFF);
        };
    }

    private static int count(byte[] bytes, String wanted) {
        return (int) new String(bytes, StandardCharsets.ISO_8859_1)
                .chars()
                .filter(c -> wanted.indexOf(c) >= 0)
                .count();
    }
}
