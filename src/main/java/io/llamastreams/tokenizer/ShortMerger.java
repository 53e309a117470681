package io.llamastreams.tokenizer;

/**
 * Merges the symbols of a short run, such as a word: looks through all neighbours for the best pair each time, which for few
 * symbols is faster than keeping candidates in order. Scratch memory of one {@link TextEncoder}; one owner.
 *
 * <pre>
 *   symbol i   characters starts[i] to starts[i + 1] of the run, piece pieces[i]
 *   pair i     of symbols i and i + 1: the piece that they would become, and its rank; NO_RANK if they do not merge
 * </pre>
 */
final class ShortMerger {
    /** Characters of the longest run. */
    static final int MAX_LENGTH = 48;

    private static final int NO_RANK = Integer.MAX_VALUE;

    private final TokenizerTables tables;
    private final int[] starts = new int[MAX_LENGTH + 1];
    private final int[] pieces = new int[MAX_LENGTH];
    private final int[] ranks = new int[MAX_LENGTH];
    private final int[] merged = new int[MAX_LENGTH];
    private int count;

    private char[] text;
    private int from;
    private long[] beginnings;

    ShortMerger(TokenizerTables tables) {
        this.tables = tables;
    }

    /** Symbols after {@link #merge}. */
    int count() {
        return count;
    }

    /** First character of a symbol, counted from the run's start. */
    int start(int symbol) {
        return starts[symbol];
    }

    int length(int symbol) {
        return starts[symbol + 1] - starts[symbol];
    }

    /** Piece of a symbol, or {@link PieceTable#NONE} for a character that has none. */
    int piece(int symbol) {
        return pieces[symbol];
    }

    /**
     * Merges the symbols of text[runFrom..runTo), at most {@link #MAX_LENGTH} characters.
     *
     * @param runBeginnings hashes of the run's beginnings
     */
    void merge(char[] runText, int runFrom, int runTo, long[] runBeginnings) {
        text = runText;
        from = runFrom;
        beginnings = runBeginnings;
        split(runTo);
        for (int pair = 0; pair < count - 1; pair++) {
            rate(pair);
        }
        for (int best = best(); best >= 0; best = best()) {
            pieces[best] = merged[best];
            remove(best + 1);
            if (best > 0) {
                rate(best - 1);
            }
            if (best < count - 1) {
                rate(best);
            }
        }
    }

    private void split(int to) {
        count = 0;
        int position = from;
        while (position < to) {
            int id = tables.symbolAt(text, position, to);
            starts[count] = position - from;
            pieces[count] = id;
            count++;
            position += tables.symbolLength(id, text, position);
        }
        starts[count] = to - from;
    }

    private void rate(int pair) {
        ranks[pair] = NO_RANK;
        if (tables.isUserDefined(pieces[pair]) || tables.isUserDefined(pieces[pair + 1])) {
            return;
        }
        int start = starts[pair];
        int id = tables.pieces().find(text, from + start, starts[pair + 2] - start, beginnings, from);
        if (id != PieceTable.NONE) {
            merged[pair] = id;
            ranks[pair] = tables.rank(id);
        }
    }

    /** The pair of the best rank, of equals the leftmost; -1 if none merges. */
    private int best() {
        int best = -1;
        int bestRank = NO_RANK;
        for (int pair = 0; pair < count - 1; pair++) {
            if (ranks[pair] < bestRank) {
                bestRank = ranks[pair];
                best = pair;
            }
        }
        return best;
    }

    /** Takes a symbol out that has become part of the one before it. */
    private void remove(int symbol) {
        count--;
        for (int i = symbol; i < count; i++) {
            starts[i] = starts[i + 1];
            pieces[i] = pieces[i + 1];
            ranks[i] = ranks[i + 1];
            merged[i] = merged[i + 1];
        }
        starts[count] = starts[count + 1];
    }
}
