package io.llamastreams.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What {@link Tokenizer#encode} must give, by the definition: strings in a list, of which the best pair is looked for and merged
 * until none is left. Slow, and short enough to believe.
 */
final class PlainEncoder {
    private final Vocabulary vocabulary;
    private final Map<String, Integer> pieces = new HashMap<>();
    private final List<String> userDefined = new ArrayList<>();
    private final Map<String, Integer> byteIds = new HashMap<>();
    private final Map<String, Integer> leftLengthOfUnused = new HashMap<>();
    private final List<Integer> ids = new ArrayList<>();

    PlainEncoder(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
        for (int id = 0; id < vocabulary.size(); id++) {
            Vocabulary.Piece piece = vocabulary.pieces().get(id);
            if (piece.type().isText()) {
                pieces.put(piece.text(), id);
            }
            if (piece.type() == PieceType.USER_DEFINED) {
                userDefined.add(piece.text());
            }
            if (piece.type() == PieceType.BYTE) {
                byteIds.put(piece.text(), id);
            }
        }
    }

    int[] encode(String text) {
        ids.clear();
        leftLengthOfUnused.clear();
        if (!text.isEmpty()) {
            List<String> symbols = symbols(normalise(text));
            for (int i = 0; i + 1 < symbols.size(); i++) {
                noteUnused(symbols, i);
            }
            for (int best = best(symbols); best >= 0; best = best(symbols)) {
                symbols.set(best, symbols.get(best) + symbols.remove(best + 1));
                noteUnused(symbols, best - 1);
                noteUnused(symbols, best);
            }
            symbols.forEach(this::emit);
        }
        return ids.stream().mapToInt(id -> id).toArray();
    }

    private String normalise(String text) {
        String space = vocabulary.escapeWhitespaces() ? "\u2581" : " ";
        StringBuilder normal = new StringBuilder(vocabulary.addDummyPrefix() ? space : "");
        text.codePoints()
                .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c)
                .forEach(c -> normal.append(c == ' ' ? space : Character.toString(c)));
        return normal.toString();
    }

    private List<String> symbols(String text) {
        List<String> symbols = new ArrayList<>();
        for (int position = 0; position < text.length(); ) {
            String symbol = Character.toString(text.codePointAt(position));
            for (String piece : userDefined) {
                if (text.startsWith(piece, position) && (!isUserDefined(symbol) || piece.length() > symbol.length())) {
                    symbol = piece;
                }
            }
            symbols.add(symbol);
            position += symbol.length();
        }
        return symbols;
    }

    private boolean isUserDefined(String symbol) {
        return userDefined.contains(symbol);
    }

    /** The piece that a symbol and the next one would become, or null. */
    private Vocabulary.Piece merged(List<String> symbols, int left) {
        if (left < 0
                || left + 1 >= symbols.size()
                || isUserDefined(symbols.get(left))
                || isUserDefined(symbols.get(left + 1))) {
            return null;
        }
        Integer id = pieces.get(symbols.get(left) + symbols.get(left + 1));
        return id == null ? null : vocabulary.pieces().get(id);
    }

    private int best(List<String> symbols) {
        int best = -1;
        float bestScore = Float.NEGATIVE_INFINITY;
        for (int left = 0; left + 1 < symbols.size(); left++) {
            Vocabulary.Piece piece = merged(symbols, left);
            if (piece != null && piece.score() > bestScore) {
                best = left;
                bestScore = piece.score();
            }
        }
        return best;
    }

    private void noteUnused(List<String> symbols, int left) {
        Vocabulary.Piece piece = merged(symbols, left);
        if (piece != null && piece.type() == PieceType.UNUSED) {
            leftLengthOfUnused.put(piece.text(), symbols.get(left).length());
        }
    }

    private void emit(String symbol) {
        Integer id = pieces.get(symbol);
        if (id != null
                && vocabulary.pieces().get(id).type() == PieceType.UNUSED
                && leftLengthOfUnused.containsKey(symbol)) {
            int left = leftLengthOfUnused.get(symbol);
            emit(symbol.substring(0, left));
            emit(symbol.substring(left));
        } else if (id != null) {
            ids.add(id);
        } else if (!byteIds.isEmpty()) {
            for (byte value : symbol.getBytes(StandardCharsets.UTF_8)) {
                ids.add(byteIds.get(String.format(Locale.ROOT, "<0x%02X>", value)));
            }
        } else if (ids.isEmpty() || ids.getLast() != vocabulary.unknownId()) {
            ids.add(vocabulary.unknownId());
        }
    }
}
