package io.llamastreams.tokenizer;

/**
 * Turns token ids into text as they come. Bytes of a character are held back until it is complete, so that what comes out
 * is whole characters; bytes that cannot become one are U+FFFD each, as in SentencePiece. One owner.
 */
public final class TextDecoder {
    private static final int MAX_UTF8_LENGTH = 4;

    private final TokenizerTables tables;
    private final boolean atStartOfText;

    private boolean expectsDummySpace;
    private final byte[] pending = new byte[MAX_UTF8_LENGTH];
    private int pendingCount;

    TextDecoder(TokenizerTables tables, boolean atStartOfText) {
        this.tables = tables;
        this.atStartOfText = atStartOfText;
        expectsDummySpace = atStartOfText;
    }

    /**
     * Takes the next id.
     *
     * @return text that became complete by it, empty if none did
     * @throws IllegalArgumentException if the id is not in the vocabulary
     */
    public String append(int id) {
        if (pendingCount == 0 && id >= 0 && id < tables.vocabulary().size() && tables.byteValue(id) < 0) {
            // most ids by far: nothing is put together
            return takeWhole(id);
        }
        StringBuilder text = new StringBuilder();
        append(id, text);
        return text.toString();
    }

    /**
     * Says that no more ids come; the decoder is then as new.
     *
     * @return U+FFFD for each byte that still waited for the rest of its character
     */
    public String flush() {
        StringBuilder text = new StringBuilder();
        giveUpPending(text);
        expectsDummySpace = atStartOfText;
        return text.toString();
    }

    /** Whether the next id, if it is a piece that begins with a space, loses it. */
    public boolean dropsNextSpace() {
        return expectsDummySpace && tables.vocabulary().addDummyPrefix();
    }

    /** Whether bytes of a character are held back. */
    public boolean isInsideCharacter() {
        return pendingCount > 0;
    }

    /** As {@link #append(int)}, with the text put behind {@code text}. */
    public void append(int id, StringBuilder text) {
        if (id < 0 || id >= tables.vocabulary().size()) {
            throw new IllegalArgumentException(
                    "token id: expected 0 to " + (tables.vocabulary().size() - 1) + ", found " + id);
        }
        int value = tables.byteValue(id);
        if (value >= 0) {
            expectsDummySpace = false;
            pending[pendingCount++] = (byte) value;
            takeCompleteCharacters(text);
            return;
        }
        giveUpPending(text);
        text.append(takeWhole(id));
    }

    /** Text of an id that is not a byte. */
    private String takeWhole(int id) {
        if (tables.isControl(id)) {
            return "";
        }
        String surface = tables.surface(id);
        boolean dropsSpace = expectsDummySpace && tables.vocabulary().addDummyPrefix() && tables.startsWithSpace(id);
        expectsDummySpace = false;
        return dropsSpace ? surface.substring(1) : surface;
    }

    private void takeCompleteCharacters(StringBuilder text) {
        while (pendingCount > 0) {
            int expected = expectedLength();
            if (expected > pendingCount) {
                return;
            }
            if (expected == 0) {
                text.append(Tokenizer.REPLACEMENT);
                dropPending(1);
            } else {
                text.appendCodePoint(codePoint(expected));
                dropPending(expected);
            }
        }
    }

    private void giveUpPending(StringBuilder text) {
        for (int i = 0; i < pendingCount; i++) {
            text.append(Tokenizer.REPLACEMENT);
        }
        pendingCount = 0;
    }

    private void dropPending(int count) {
        pendingCount -= count;
        System.arraycopy(pending, count, pending, 0, pendingCount);
    }

    /**
     * Bytes of the UTF-8 character that the pending bytes begin, or 0 if no character begins so: overlong forms,
     * surrogates and numbers above U+10FFFF are no characters. Source: Unicode Standard, table 3-7.
     */
    private int expectedLength() {
        int first = Byte.toUnsignedInt(pending[0]);
        if (first < 0x80) {
            return 1;
        }
        if (first < 0xC2 || first > 0xF4) {
            return 0;
        }
        int second = pendingCount > 1 ? Byte.toUnsignedInt(pending[1]) : -1;
        if (second >= 0 && (second < lowestSecond(first) || second > highestSecond(first))) {
            return 0;
        }
        int length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
        for (int i = 2; i < Math.min(length, pendingCount); i++) {
            if ((pending[i] & 0xC0) != 0x80) {
                return 0;
            }
        }
        return length;
    }

    private static int lowestSecond(int first) {
        return first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    }

    private static int highestSecond(int first) {
        return first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    }

    private int codePoint(int length) {
        if (length == 1) {
            return pending[0];
        }
        int codePoint = pending[0] & 0x7F >> length;
        for (int i = 1; i < length; i++) {
            codePoint = codePoint << 6 | pending[i] & 0x3F;
        }
        return codePoint;
    }
}
