package io.llamastreams.tokenizer;

import java.util.HashMap;
import java.util.Map;

/**
 * Byte-pair encoding of one prepared text. Holds the scratch memory of the merges; one call, one owner.
 *
 * <p>A run of characters starts as one symbol per character. Of all neighbours whose texts together are a piece, those with
 * the highest score are merged, the leftmost first, until none is left. With the candidates in a heap, n characters cost
 * n log n. Where no piece of the vocabulary reaches over the begin of a word, words are merged one by one, which gives the
 * same ids: short ones by a {@link ShortMerger}, and those that were found to become a single piece before without merging.
 * Source: Sennrich 2016; order of merges, UNUSED and USER_DEFINED pieces as in SentencePiece.
 */
final class TextEncoder {
    private static final int NO_SYMBOL = -1;

    private final TokenizerTables tables;
    private final PieceTable pieces;
    private final char[] text;
    private final TokenIds ids;
    private final ShortMerger shortMerger;
    private final MergeQueue queue = new MergeQueue();
    private final Map<Integer, Integer> leftLengthOfUnused = new HashMap<>();

    // Symbols of the run by position of their first character; length 0: merged into one on the left.
    private int[] previous = {};
    private int[] next = {};
    private int[] length = {};
    private int[] piece = {};

    private long[] beginnings = new long[ShortMerger.MAX_LENGTH + 1];
    private int from;
    private int to;

    /** @param text as the normaliser left it: spaces escaped, surrogates in pairs; not changed */
    TextEncoder(TokenizerTables tables, char[] text) {
        this.tables = tables;
        this.text = text;
        pieces = tables.pieces();
        shortMerger = new ShortMerger(tables);
        ids = new TokenIds(text.length / 3);
    }

    int[] encode() {
        if (tables.wordsAreIndependent()) {
            for (int start = 0; start < text.length; ) {
                int end = wordEnd(start);
                encodeWord(start, end);
                start = end;
            }
        } else if (text.length > 0) {
            encodeRun(0, text.length);
        }
        return ids.toArray();
    }

    /** End of the word at a position, which is where the next one's space stands. */
    private int wordEnd(int start) {
        int end = start + 1;
        while (end < text.length && (text[end] != Tokenizer.SPACE || text[end - 1] == Tokenizer.SPACE)) {
            end++;
        }
        return end;
    }

    private void encodeWord(int wordFrom, int wordTo) {
        int size = wordTo - wordFrom;
        if (size > ShortMerger.MAX_LENGTH) {
            encodeRun(wordFrom, wordTo);
            return;
        }
        PieceTable.hashBeginnings(text, wordFrom, wordTo, beginnings);
        int id = pieces.find(text, wordFrom, size, beginnings, wordFrom);
        if (id != PieceTable.NONE && tables.isKnownWhole(id)) {
            ids.add(id);
            return;
        }
        shortMerger.merge(text, wordFrom, wordTo, beginnings);
        for (int symbol = 0; symbol < shortMerger.count(); symbol++) {
            emit(wordFrom + shortMerger.start(symbol), shortMerger.length(symbol), shortMerger.piece(symbol));
        }
        if (id != PieceTable.NONE && tables.isWholenessUnknown(id)) {
            tables.noteWholeness(id, shortMerger.count() == 1);
        }
    }

    private void encodeRun(int runFrom, int runTo) {
        from = runFrom;
        to = runTo;
        ensureCapacity(runTo - runFrom);
        PieceTable.hashBeginnings(text, from, to, beginnings);
        splitIntoSymbols();
        for (int left = 0; left != NO_SYMBOL; left = next[left]) {
            addCandidate(left, next[left]);
        }
        mergeAll();
        for (int symbol = 0; symbol != NO_SYMBOL; symbol = next[symbol]) {
            emit(from + symbol, length[symbol], piece[symbol]);
        }
    }

    private void ensureCapacity(int size) {
        if (size > length.length) {
            previous = new int[size];
            next = new int[size];
            length = new int[size];
            piece = new int[size];
        }
        if (size >= beginnings.length) {
            beginnings = new long[size + 1];
        }
    }

    /** One symbol for each user-defined piece, the longest first, and for each other character. */
    private void splitIntoSymbols() {
        int size = to - from;
        int last = NO_SYMBOL;
        for (int symbol = 0; symbol < size; ) {
            int id = tables.symbolAt(text, from + symbol, to);
            int chars = tables.symbolLength(id, text, from + symbol);
            previous[symbol] = last;
            length[symbol] = chars;
            piece[symbol] = id;
            next[symbol] = symbol + chars < size ? symbol + chars : NO_SYMBOL;
            last = symbol;
            symbol += chars;
        }
    }

    private void addCandidate(int left, int right) {
        if (left == NO_SYMBOL
                || right == NO_SYMBOL
                || tables.isUserDefined(piece[left])
                || tables.isUserDefined(piece[right])) {
            return;
        }
        int merged = pieces.find(text, from + left, length[left] + length[right], beginnings, from);
        if (merged != PieceTable.NONE) {
            queue.add(tables.rank(merged), left, merged);
            if (tables.isUnused(merged)) {
                leftLengthOfUnused.put(merged, length[left]);
            }
        }
    }

    private void mergeAll() {
        while (!queue.isEmpty()) {
            int left = queue.left();
            int merged = queue.piece();
            queue.removeBest();
            int right = next[left];
            // Either side may have become part of another merge since; then the lengths do not add up any more.
            if (length[left] == 0 || right == NO_SYMBOL || length[left] + length[right] != pieces.length(merged)) {
                continue;
            }
            length[left] += length[right];
            piece[left] = merged;
            length[right] = 0;
            next[left] = next[right];
            if (next[left] != NO_SYMBOL) {
                previous[next[left]] = left;
            }
            addCandidate(previous[left], left);
            addCandidate(left, next[left]);
        }
    }

    /** Writes a symbol: as its piece, as the parts that an UNUSED piece was merged from, or byte by byte. */
    private void emit(int start, int chars, int id) {
        if (id == PieceTable.NONE) {
            emitUnknown(start, chars);
        } else if (tables.isUnused(id) && leftLengthOfUnused.containsKey(id)) {
            emitParts(start, chars);
        } else {
            ids.add(id);
        }
    }

    /** Takes an UNUSED piece apart, left part first. A stack instead of recursion: pieces of a file may be long. */
    private void emitParts(int start, int chars) {
        int[] borders = new int[chars + 1];
        borders[0] = start + chars;
        int depth = 1;
        int position = start;
        while (depth > 0) {
            int end = borders[depth - 1];
            int id = pieces.find(text, position, end - position);
            Integer left = id != PieceTable.NONE && tables.isUnused(id) ? leftLengthOfUnused.get(id) : null;
            if (left != null) {
                borders[depth++] = position + left;
                continue;
            }
            emit(position, end - position, id);
            position = end;
            depth--;
        }
    }

    private void emitUnknown(int start, int chars) {
        if (!tables.hasByteFallback()) {
            // Neighbouring unknown characters are one token.
            if (ids.last() != tables.vocabulary().unknownId()) {
                ids.add(tables.vocabulary().unknownId());
            }
            return;
        }
        for (int i = start; i < start + chars; ) {
            int codePoint = Character.codePointAt(text, i);
            emitUtf8(codePoint);
            i += Character.charCount(codePoint);
        }
    }

    /** Source: Unicode Standard, table 3-6. */
    private void emitUtf8(int codePoint) {
        if (codePoint < 0x80) {
            ids.add(tables.byteId(codePoint));
            return;
        }
        int followers = codePoint < 0x800 ? 1 : codePoint < 0x10000 ? 2 : 3;
        int lead = 0xFF00 >> followers + 1 & 0xFF;
        ids.add(tables.byteId(lead | codePoint >> 6 * followers));
        for (int shift = 6 * (followers - 1); shift >= 0; shift -= 6) {
            ids.add(tables.byteId(0x80 | codePoint >> shift & 0x3F));
        }
    }
}
