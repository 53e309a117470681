package io.llamastreams.grammar.rule;

/**
 * A constraint that cannot be used. The message is one line: place, what was expected, what was found, for example {@code
 * json_schema: $.properties.age.minimum: expected a number, found "x"}.
 */
public final class GrammarException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;
    private static final int MAX_QUOTED = 60;

    public GrammarException(String message) {
        super(message);
    }

    public static GrammarException expected(String place, String expected, String found) {
        return new GrammarException(place + ": expected " + expected + ", found " + found);
    }

    /** For messages of one line: control characters and endless texts do not come through. */
    public static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        text.codePoints()
                .limit(MAX_QUOTED)
                .map(c -> Character.isISOControl(c) ? 0xFFFD : c)
                .forEach(quoted::appendCodePoint);
        return quoted.append(text.codePointCount(0, text.length()) > MAX_QUOTED ? "...\"" : "\"")
                .toString();
    }
}
