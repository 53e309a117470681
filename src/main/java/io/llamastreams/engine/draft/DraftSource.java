package io.llamastreams.engine.draft;

/**
 * Guesses what comes next in one text: what came after the latest place at which its last tokens occurred before. Guesses less
 * after wrong guesses and more after right ones. Source: Saxena 2023, "Prompt Lookup Decoding"; Yang et al. 2023, "Inference
 * with Reference". One owner.
 */
public final class DraftSource {
    private static final int LONGEST_MATCH = 4;
    private static final int SHORTEST_MATCH = 2;
    private static final int MAX_PAUSE = 64;

    private int[] draft = {};
    private int length = 2;
    private int pause;
    private int wrongInARow;

    /**
     * Guesses tokens.
     *
     * @param tokens of prompt and text, {@code count} of them
     * @param most tokens to guess at most
     * @return how many were guessed; they are in {@link #draft}
     */
    public int guess(int[] tokens, int count, int most) {
        if (pause > 0) {
            pause--;
            return 0;
        }
        int wanted = Math.min(length, most);
        for (int match = LONGEST_MATCH; match >= SHORTEST_MATCH; match--) {
            int end = latestMatch(tokens, count, match);
            if (end > 0) {
                int found = Math.min(wanted, count - end);
                if (draft.length < most) {
                    draft = new int[most];
                }
                System.arraycopy(tokens, end, draft, 0, found);
                return found;
            }
        }
        return 0;
    }

    /** The guessed tokens; the same array until more are guessed at once. */
    public int[] draft() {
        return draft;
    }

    /** Says what became of a guess of which at least one token was verified. */
    public void learn(int guessed, int accepted) {
        if (accepted == guessed) {
            length = Math.min(2 * length, 1 << 10);
            wrongInARow = 0;
        } else if (accepted > 0) {
            length = Math.max(2, accepted + 1);
            wrongInARow = 0;
        } else {
            length = 2;
            wrongInARow = Math.min(wrongInARow + 1, 16);
            pause = Math.min(MAX_PAUSE, (1 << wrongInARow) / 2);
        }
    }

    /** Where the latest earlier occurrence of the last {@code match} tokens ends; 0 if there is none. */
    private static int latestMatch(int[] tokens, int count, int match) {
        for (int end = count - 1; end >= match; end--) {
            int i = 1;
            while (i <= match && tokens[end - i] == tokens[count - i]) {
                i++;
            }
            if (i > match) {
                return end;
            }
        }
        return 0;
    }
}
