package io.llamastreams.serving.template;

/**
 * Takes the notes out of a template: <code>{# ... #}</code>, with the white space around them that Jinja2 takes out under {@code
 * trim_blocks} and {@code lstrip_blocks}, which Jinjava does otherwise.
 */
final class Notes {
    private final String source;
    private final StringBuilder kept = new StringBuilder();
    private int position;

    private Notes(String source) {
        this.source = source;
    }

    static String removed(String source) {
        Notes notes = new Notes(source);
        while (notes.position < source.length()) {
            notes.step();
        }
        return notes.kept.toString();
    }

    /** Copies up to the next mark, and what it begins, if that is no note. */
    private void step() {
        int brace = source.indexOf('{', position);
        if (brace < 0 || brace + 1 == source.length()) {
            copyTo(source.length());
            return;
        }
        char kind = source.charAt(brace + 1);
        if (kind == '#') {
            copyTo(brace);
            skipNote();
        } else if (kind == '{' || kind == '%') {
            copyTo(endOfMark(brace, kind));
        } else {
            copyTo(brace + 1);
        }
    }

    private void copyTo(int end) {
        kept.append(source, position, end);
        position = end;
    }

    /** Behind the end of <code>{{ }}</code> or <code>{% %}</code>; what stands in quotation marks ends neither. */
    private int endOfMark(int begin, char kind) {
        String end = kind == '{' ? "}}" : "%}";
        char quote = 0;
        for (int i = begin + 2; i < source.length(); i++) {
            char c = source.charAt(i);
            if (quote != 0) {
                if (c == '\\') {
                    i++;
                } else if (c == quote) {
                    quote = 0;
                }
            } else if (c == '"' || c == '\'') {
                quote = c;
            } else if (source.startsWith(end, i)) {
                return i + 2;
            }
        }
        return source.length();
    }

    private void skipNote() {
        boolean stripsLeft = source.startsWith("{#-", position);
        int end = source.indexOf("#}", position + 2);
        if (end < 0) {
            throw new TemplateException("a note without an end: expected #}");
        }
        boolean stripsRight = source.charAt(end - 1) == '-' && end - 1 > position + 1;
        if (stripsLeft) {
            kept.setLength(PythonText.stripRight(kept.toString()).length());
        } else {
            dropIndent();
        }
        position = end + 2;
        if (stripsRight) {
            position = source.length()
                    - PythonText.stripLeft(source.substring(position)).length();
        } else if (source.startsWith("\n", position)) {
            position++;
        }
    }

    /** Takes out blanks before the note if nothing else stands before it in its line. */
    private void dropIndent() {
        int start = kept.length();
        while (start > 0 && (kept.charAt(start - 1) == ' ' || kept.charAt(start - 1) == '\t')) {
            start--;
        }
        if (start == 0 || kept.charAt(start - 1) == '\n') {
            kept.setLength(start);
        }
    }
}
