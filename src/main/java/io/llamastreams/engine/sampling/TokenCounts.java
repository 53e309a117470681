package io.llamastreams.engine.sampling;

import io.llamastreams.engine.request.Penalties;
import java.util.Arrays;

/**
 * Which tokens occurred in a prompt and its text, and how often in the text. Needs room for these tokens, not for a vocabulary: a
 * list of them in the order of their first occurrence, and a table of their places in it, by open addressing. One thread at a
 * time.
 */
final class TokenCounts {
    private static final int HASH = 0x9E3779B9;

    private int[] tokens = new int[4];
    private int[] counts = new int[4];
    private int distinct;

    // place in the list + 1, 0 for none; a power of two, at most half of it in use
    private int[] table = new int[8];

    /** Notes a token of the prompt. */
    void addSeen(int token) {
        placeOf(token);
    }

    /** Counts a token of the text. */
    void add(int token) {
        // finding the place may make a larger array
        int place = placeOf(token);
        counts[place]++;
    }

    /**
     * Takes penalties from the logits of the tokens that occurred: first the one for repetition, then, of those in the text,
     * {@code count * frequency + presence}.
     *
     * @param row logits by token id
     */
    void penalise(float[] row, Penalties penalties) {
        for (int i = 0; i < distinct; i++) {
            float logit = row[tokens[i]];
            float repeated = logit > 0 ? logit / penalties.repetition() : logit * penalties.repetition();
            row[tokens[i]] =
                    counts[i] == 0 ? repeated : repeated - (counts[i] * penalties.frequency() + penalties.presence());
        }
    }

    private int placeOf(int token) {
        int slot = slotOf(token);
        if (table[slot] == 0) {
            if (distinct == tokens.length) {
                grow();
                slot = slotOf(token);
            }
            tokens[distinct++] = token;
            table[slot] = distinct;
        }
        return table[slot] - 1;
    }

    /** The slot of a token, or the free one that it would get. */
    private int slotOf(int token) {
        int slot = token * HASH >>> Integer.numberOfLeadingZeros(table.length) + 1;
        while (table[slot] != 0 && tokens[table[slot] - 1] != token) {
            slot = slot + 1 & table.length - 1;
        }
        return slot;
    }

    private void grow() {
        tokens = Arrays.copyOf(tokens, 2 * tokens.length);
        counts = Arrays.copyOf(counts, tokens.length);
        table = new int[2 * tokens.length];
        for (int place = 0; place < distinct; place++) {
            table[slotOf(tokens[place])] = place + 1;
        }
    }
}
