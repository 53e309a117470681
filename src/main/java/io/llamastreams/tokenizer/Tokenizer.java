package io.llamastreams.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Text to token ids and back, with the ids that SentencePiece gives. Immutable, any thread.
 *
 * <p>Text is data: whatever it contains, control tokens do not come out of it; nor does the unknown token where the
 * vocabulary has bytes. Decoding gives the text back, except that U+2581 becomes a space (the vocabulary does not tell
 * them apart) and a surrogate without its other half becomes U+FFFD (UTF-8 cannot write it).
 */
public final class Tokenizer {
    /** U+2581, which stands for a space in pieces. */
    static final char SPACE = '\u2581';

    static final char REPLACEMENT = '\uFFFD';

    private final TokenizerTables tables;

    public Tokenizer(Vocabulary vocabulary) {
        tables = new TokenizerTables(vocabulary);
    }

    /** Ids of a text, without BOS; none for an empty text. Never a control id. Costs n log n at most. */
    public int[] encode(String text) {
        return new TextEncoder(tables, normalise(text, tables.vocabulary().addDummyPrefix() ? 1 : 0)).encode();
    }

    /** Ids of a piece from the midst of a text: as {@link #encode}, with no space put before it. */
    public int[] encodeInside(String text) {
        return new TextEncoder(tables, normalise(text, 0)).encode();
    }

    /** BOS, then the ids of the text. */
    public int[] encodeWithBos(String text) {
        int[] ids = encode(text);
        int[] withBos = new int[ids.length + 1];
        withBos[0] = bosId();
        System.arraycopy(ids, 0, withBos, 1, ids.length);
        return withBos;
    }

    /** Ids of a text as the begin of a prompt: with BOS, unless the model is not used to it and the text is not empty. */
    public int[] encodePrompt(String text) {
        return tables.vocabulary().addBos() || text.isEmpty() ? encodeWithBos(text) : encode(text);
    }

    /** Tokens that a text has at least, told from its length alone, to refuse endless texts before encoding them. */
    public int fewestTokens(String text) {
        // Without bytes any number of unknown characters is one token.
        return tables.hasByteFallback()
                ? text.length() / Math.max(1, tables.pieces().maxLength())
                : 0;
    }

    /**
     * The text of ids from its start: the dummy space of the first piece is dropped.
     *
     * @throws IllegalArgumentException if an id is not in the vocabulary
     */
    public String decode(int[] ids) {
        TextDecoder decoder = newDecoder(true);
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            decoder.append(id, text);
        }
        return text.append(decoder.flush()).toString();
    }

    /** As {@link #decode(int[])}. */
    public String decode(List<Integer> ids) {
        return decode(ids.stream().mapToInt(Integer::intValue).toArray());
    }

    /**
     * A decoder that takes one id after the other.
     *
     * @param atStartOfText whether the first piece's dummy space is to be dropped, as after BOS
     */
    public TextDecoder newDecoder(boolean atStartOfText) {
        return new TextDecoder(tables, atStartOfText);
    }

    /** A decoder that goes on after these ids, whose text it has left behind. */
    public TextDecoder newDecoderAfter(int[] ids) {
        TextDecoder decoder = newDecoder(true);
        StringBuilder left = new StringBuilder();
        for (int id : ids) {
            decoder.append(id, left);
            left.setLength(0);
        }
        return decoder;
    }

    public int vocabularySize() {
        return tables.vocabulary().size();
    }

    public int bosId() {
        return tables.vocabulary().bosId();
    }

    public int eosId() {
        return tables.vocabulary().eosId();
    }

    /** Whether the id is structure and decodes to nothing. */
    public boolean isControl(int id) {
        return tables.isControl(id);
    }

    /**
     * Bytes of UTF-8 that the id adds to a text in whose midst it stands: none where it is structure, or stands for what cannot be
     * written.
     */
    public byte[] bytes(int id) {
        int value = tables.byteValue(id);
        if (value >= 0) {
            return new byte[] {(byte) value};
        }
        return id == tables.vocabulary().unknownId()
                ? new byte[0]
                : tables.surface(id).getBytes(StandardCharsets.UTF_8);
    }

    /** The piece as the vocabulary writes it, with U+2581 for spaces. */
    public String piece(int id) {
        return tables.vocabulary().pieces().get(id).text();
    }

    /** @param prefix spaces that are put before the text */
    private char[] normalise(String text, int prefix) {
        if (text.isEmpty()) {
            return new char[0];
        }
        char space = tables.vocabulary().escapeWhitespaces() ? SPACE : ' ';
        char[] chars = new char[Math.addExact(text.length(), prefix)];
        text.getChars(0, text.length(), chars, prefix);
        if (prefix == 1) {
            chars[0] = space;
        }
        for (int i = prefix; i < chars.length; i++) {
            char c = chars[i];
            if (c == ' ') {
                chars[i] = space;
            } else if (Character.isHighSurrogate(c) && i + 1 < chars.length && Character.isLowSurrogate(chars[i + 1])) {
                i++;
            } else if (Character.isSurrogate(c)) {
                chars[i] = REPLACEMENT;
            }
        }
        return chars;
    }
}
