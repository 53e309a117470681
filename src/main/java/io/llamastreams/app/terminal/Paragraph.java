package io.llamastreams.app.terminal;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Text of two looks, broken into lines of a terminal: at white space, and JSON that is longer than a line between its fields.
 * Control characters in it do nothing. One thread.
 */
public final class Paragraph {

    public static final String BOLD = "\u001B[1m";
    public static final String PLAIN = "\u001B[0m";

    private static final String INDENT = "  ";

    private static final Pattern BETWEEN_FIELDS = Pattern.compile("(?<=,)(?=\")");

    /** @param mayBreakBefore whether a new line may begin with it although no space is before it */
    private record Word(String text, boolean bold, boolean spaceBefore, boolean lineBefore, boolean mayBreakBefore) {}

    private final int columns;
    private final List<Word> words = new ArrayList<>();
    private boolean space;
    private boolean line;

    /** @param columns of the terminal */
    public Paragraph(int columns) {
        this.columns = columns;
    }

    /** Adds text; what it begins with without a space stays joined to what is there. */
    public void add(String text, boolean bold) {
        int start = 0;
        for (int i = 0; i <= text.length(); i++) {
            boolean ends = i == text.length() || isBlank(text.charAt(i));
            if (ends && start < i) {
                addWord(printable(text.substring(start, i)), bold);
            }
            if (i < text.length() && isBlank(text.charAt(i))) {
                space = true;
                line |= text.charAt(i) == '\n';
                start = i + 1;
            }
        }
    }

    private void addWord(String word, boolean bold) {
        boolean fits = INDENT.length() + word.length() <= columns;
        boolean first = true;
        for (String part : fits ? new String[] {word} : BETWEEN_FIELDS.split(word)) {
            words.add(new Word(part, bold, space, line, !first));
            space = false;
            line = false;
            first = false;
        }
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\n' || c == '\t' || c == '\r';
    }

    /** A model may make any character: an escape code must not reach the terminal. */
    public static String printable(String text) {
        return text.codePoints()
                .map(c -> Character.isISOControl(c) ? 0xFFFD : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** Lines with an indent, each ended. */
    public String render(boolean colour) {
        StringBuilder text = new StringBuilder();
        int column = 0;
        boolean bold = false;
        for (Word word : words) {
            if (colour && bold && !word.bold()) {
                text.append(PLAIN);
            }
            column = place(text, word, column);
            if (colour && !bold && word.bold()) {
                text.append(BOLD);
            }
            bold = word.bold();
            text.append(word.text());
            column += word.text().length();
        }
        return text.append(colour && bold ? PLAIN : "").append('\n').toString();
    }

    /** Puts what must stand before the word: nothing, a space or a new line. Gives the column that it begins in. */
    private int place(StringBuilder text, Word word, int column) {
        boolean joined = column > 0 && !word.spaceBefore();
        boolean fits = column > 0 && column + 1 + word.text().length() <= columns;
        if (joined && (!word.mayBreakBefore() || column + word.text().length() <= columns)) {
            return column;
        }
        if (fits && !word.lineBefore() && !word.mayBreakBefore()) {
            text.append(' ');
            return column + 1;
        }
        text.append(column > 0 ? "\n" : "").append(INDENT);
        return INDENT.length();
    }
}
