package io.llamastreams.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Byte-pair encoding of one prepared text. Holds the scratch memory of the merges; one call, one owner.
 *
 * <p>A run of characters starts as one symbol per character. Of all neighbours whose texts together are a piece, those with
 * the highest score are merged, the leftmost first, until none is left. With the candidates in a heap, n characters cost
 * n log n. Where no piece of the vocabulary reaches over the begin of a word, words are merged one by one, which gives the
 * same ids and keeps the heap small. Source: Sennrich 2016; order of merges, UNUSED and USER_DEFINED pieces as in SentencePiece.
 */
final class TextEncoder {
    private static final int NO_SYMBOL = -1;

    private final TokenizerTables tables;
    private final char[] text;
    private final TokenIds ids;
    private final MergeQueue queue = new MergeQueue();
    private final Map<Integer, Integer> leftLengthOfUnused = new HashMap<>();

    // Symbols of the run by position of their first character; length 0: merged into one on the left.
    private int[] previous = {};
    private int[] next = {};
    private int[] length = {};
    private int[] piece = {};

    private int from;
    private int to;

    /** @param text as the normaliser left it: spaces escaped, surrogates in pairs; not changed */
    TextEncoder(TokenizerTables tables, char[] text) {
        this.tables = tables;
        this.text = text;
        ids = new TokenIds(text.length / 3);
    }

    int[] encode() {
        int runStart = 0;
        if (tables.wordsAreIndependent()) {
            for (int position = 1; position < text.length; position++) {
                if (text[position] == Tokenizer.SPACE && text[position - 1] != Tokenizer.SPACE) {
                    encodeRun(runStart, position);
                    runStart = position;
                }
            }
        }
        if (runStart < text.length) {
            encodeRun(runStart, text.length);
        }
        return ids.toArray();
    }

    private void encodeRun(int runFrom, int runTo) {
        from = runFrom;
        to = runTo;
        splitIntoSymbols();
        for (int left = 0; left != NO_SYMBOL; left = next[left]) {
            addCandidate(left, next[left]);
        }
        mergeAll();
        for (int symbol = 0; symbol != NO_SYMBOL; symbol = next[symbol]) {
            emit(from + symbol, length[symbol], piece[symbol]);
        }
    }

    /** One symbol for each user-defined piece, the longest first, and for each other character. */
    private void splitIntoSymbols() {
        int size = to - from;
        if (size > length.length) {
            int capacity = Math.max(size, 64);
            previous = new int[capacity];
            next = new int[capacity];
            length = new int[capacity];
            piece = new int[capacity];
        }
        int last = NO_SYMBOL;
        for (int symbol = 0; symbol < size; ) {
            int id = tables.userDefinedAt(text, from + symbol, to);
            int chars;
            if (id == PieceTable.NONE) {
                chars = Character.charCount(Character.codePointAt(text, from + symbol));
                id = tables.pieces().find(text, from + symbol, chars);
            } else {
                chars = tables.pieces().length(id);
            }
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
        int merged = tables.pieces().find(text, from + left, length[left] + length[right]);
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
            if (length[left] == 0
                    || right == NO_SYMBOL
                    || length[left] + length[right] != tables.pieces().length(merged)) {
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
            int id = tables.pieces().find(text, position, end - position);
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
        byte[] utf8 = new String(text, start, chars).getBytes(StandardCharsets.UTF_8);
        for (byte value : utf8) {
            ids.add(tables.byteId(Byte.toUnsignedInt(value)));
        }
    }
}
