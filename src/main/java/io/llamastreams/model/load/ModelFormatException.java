package io.llamastreams.model.load;

import java.nio.file.Path;

/**
 * A model file cannot be used. The message is one line, {@code file: thing: expected X, found Y}, made for the user who
 * chose the file; text out of the file itself is shortened and its control characters are escaped.
 */
public final class ModelFormatException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Longest piece of foreign text in a message, in characters. */
    private static final int MAX_QUOTED_CHARS = 80;

    public ModelFormatException(Path file, String problem) {
        super(inOneLine(file.toString()) + ": " + problem);
    }

    public ModelFormatException(Path file, String problem, Throwable cause) {
        super(inOneLine(file.toString()) + ": " + problem, cause);
    }

    /** The usual form; numbers and types go in as they are, text that a file brought goes through {@link #quote}. */
    public static ModelFormatException expected(Path file, String thing, Object expected, Object found) {
        return new ModelFormatException(file, thing + ": expected " + expected + ", found " + found);
    }

    /** Foreign text fit for a message: at most 80 characters, control characters as {@code \\uXXXX}. */
    public static String quote(String foreign) {
        boolean tooLong = foreign.length() > MAX_QUOTED_CHARS;
        return inOneLine(tooLong ? foreign.substring(0, MAX_QUOTED_CHARS) : foreign) + (tooLong ? "..." : "");
    }

    private static String inOneLine(String text) {
        StringBuilder line = new StringBuilder(text.length());
        text.codePoints().forEach(point -> {
            // U+2028 and U+2029 break lines although they are no control characters.
            boolean breaks = Character.isISOControl(point)
                    || Character.getType(point) == Character.LINE_SEPARATOR
                    || Character.getType(point) == Character.PARAGRAPH_SEPARATOR
                    || Character.getType(point) == Character.SURROGATE;
            if (breaks) {
                line.append(String.format("\\u%04X", point));
            } else {
                line.appendCodePoint(point);
            }
        });
        return line.toString();
    }
}
