package io.llamastreams.grammar.rule;

import io.llamastreams.grammar.automaton.CodePointSet;
import io.llamastreams.grammar.automaton.Dfa;
import io.llamastreams.grammar.automaton.Nfa;

/**
 * How characters are written as bytes. Each writes a character in one way only, and no character's bytes begin another's.
 */
public enum Encoding {
    /** As UTF-8. */
    PLAIN,

    /**
     * As inside a JSON string: quotation mark, backslash and the control characters below U+0020 escaped, by the short form
     * where there is one, the rest as UTF-8. Source: RFC 8259 section 7.
     */
    JSON_STRING;

    private static final int MAX_STATES = 100_000;
    private static final String SHORT_ESCAPED = "\"\\\b\f\n\r\t";
    private static final String SHORT_LETTERS = "\"\\bfnrt";
    private static final int FIRST_UNESCAPED = 0x20;

    /** The byte sequences of the characters of a set. */
    public Dfa encode(CodePointSet set) {
        Nfa nfa = new Nfa(MAX_STATES);
        int start = nfa.addState();
        int end = nfa.addState();
        CodePointSet plain = set;
        if (this == JSON_STRING) {
            plain = set.minus(CodePointSet.range(0, FIRST_UNESCAPED - 1)).minus(CodePointSet.of("\"\\"));
            addEscaped(nfa, start, set.minus(plain), end);
        }
        for (int range = 0; range < plain.rangeCount(); range++) {
            addUtf8(nfa, start, plain.first(range), plain.last(range), end);
        }
        return nfa.determinise(start, end, MAX_STATES);
    }

    /** How one character is written, before it becomes UTF-8. */
    public String text(int codePoint) {
        int letter = SHORT_ESCAPED.indexOf(codePoint);
        if (this == PLAIN || codePoint >= FIRST_UNESCAPED && letter < 0) {
            return Character.toString(codePoint);
        }
        return letter >= 0 ? "\\" + SHORT_LETTERS.charAt(letter) : "\\u%04x".formatted(codePoint);
    }

    private static void addEscaped(Nfa nfa, int start, CodePointSet escaped, int end) {
        for (int range = 0; range < escaped.rangeCount(); range++) {
            for (int c = escaped.first(range); c <= escaped.last(range); c++) {
                String text = JSON_STRING.text(c);
                int at = start;
                for (int i = 0; i < text.length(); i++) {
                    int next = i + 1 == text.length() ? end : nfa.addState();
                    nfa.addRange(at, text.charAt(i), text.charAt(i), next);
                    at = next;
                }
            }
        }
    }

    /** Cuts a range until each part is written as one range per byte. */
    private static void addUtf8(Nfa nfa, int start, int low, int high, int end) {
        int length = utf8Length(low);
        int longest = length == 1 ? 0x7F : length == 2 ? 0x7FF : length == 3 ? 0xFFFF : CodePointSet.MAX;
        if (high > longest) {
            addUtf8(nfa, start, low, longest, end);
            addUtf8(nfa, start, longest + 1, high, end);
            return;
        }
        for (int bits = 6; bits < 6 * length; bits += 6) {
            int mask = (1 << bits) - 1;
            if ((low & ~mask) == (high & ~mask)) {
                continue;
            }
            if ((low & mask) != 0) {
                addUtf8(nfa, start, low, low | mask, end);
                addUtf8(nfa, start, (low | mask) + 1, high, end);
                return;
            }
            if ((high & mask) != mask) {
                addUtf8(nfa, start, low, (high & ~mask) - 1, end);
                addUtf8(nfa, start, high & ~mask, high, end);
                return;
            }
        }
        int at = start;
        for (int i = 0; i < length; i++) {
            int next = i + 1 == length ? end : nfa.addState();
            nfa.addRange(at, utf8Byte(low, length, i), utf8Byte(high, length, i), next);
            at = next;
        }
    }

    private static int utf8Length(int codePoint) {
        return codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
    }

    private static int utf8Byte(int codePoint, int length, int index) {
        int bits = codePoint >> 6 * (length - 1 - index);
        if (index > 0) {
            return 0x80 | bits & 0x3F;
        }
        return length == 1 ? bits : 0xF00 >> length & 0xFF | bits;
    }
}
