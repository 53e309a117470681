package io.llamastreams.serving.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Methods of Python's strings, as far as templates call them. Stateless. */
public final class PythonText {

    private PythonText() {}

    /** Without white space at both ends: Java's own leaves U+0085 and spaces that do not break where they are. */
    public static String strip(String text) {
        return stripRight(stripLeft(text));
    }

    static String stripLeft(String text) {
        int start = 0;
        while (start < text.length() && isSpace(text.charAt(start))) {
            start++;
        }
        return text.substring(start);
    }

    static String stripRight(String text) {
        int end = text.length();
        while (end > 0 && isSpace(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(0, end);
    }

    /**
     * Calls a method by its Python name.
     *
     * @throws TemplateException if there is no such method or it does not take these arguments
     */
    static Object call(String text, String method, List<Object> arguments) {
        Call call = new Call(method, arguments);
        return switch (method) {
            case "strip" -> call.count() == 0 ? strip(text) : strip(text, call.string(0), true, true);
            case "lstrip" -> call.count() == 0 ? stripLeft(text) : strip(text, call.string(0), true, false);
            case "rstrip" -> call.count() == 0 ? stripRight(text) : strip(text, call.string(0), false, true);
            case "split" -> call.count() == 0 ? words(text) : split(text, call.string(0), call.limit(1));
            case "startswith" -> text.startsWith(call.string(0));
            case "endswith" -> text.endsWith(call.string(0));
            case "replace" -> text.replace(call.string(0), call.string(1));
            case "upper" -> text.toUpperCase(Locale.ROOT);
            case "lower" -> text.toLowerCase(Locale.ROOT);
            case "title" -> title(text);
            case "capitalize" -> capitalize(text);
            case "find" -> text.indexOf(call.string(0));
            case "join" -> String.join(text, call.strings(0));
            default -> throw new TemplateException("strings have no method " + method);
        };
    }

    /** What a method was called with. */
    private record Call(String method, List<Object> arguments) {
        int count() {
            return arguments.size();
        }

        String string(int index) {
            if (index < arguments.size() && arguments.get(index) instanceof String text) {
                return text;
            }
            throw new TemplateException(method + ": expected a string as argument " + (index + 1));
        }

        /** Pieces that are cut off at most; all if there is no such argument. */
        int limit(int index) {
            if (index >= arguments.size()) {
                return -1;
            }
            if (arguments.get(index) instanceof Number limit) {
                return limit.intValue();
            }
            throw new TemplateException(method + ": expected a number as argument " + (index + 1));
        }

        List<String> strings(int index) {
            if (index < arguments.size() && arguments.get(index) instanceof List<?> list) {
                return list.stream().map(String::valueOf).toList();
            }
            throw new TemplateException(method + ": expected a list as argument " + (index + 1));
        }
    }

    private static String strip(String text, String characters, boolean left, boolean right) {
        int start = 0;
        int end = text.length();
        while (left && start < end && characters.indexOf(text.charAt(start)) >= 0) {
            start++;
        }
        while (right && end > start && characters.indexOf(text.charAt(end - 1)) >= 0) {
            end--;
        }
        return text.substring(start, end);
    }

    private static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        int start = 0;
        for (int i = 0; i <= text.length(); i++) {
            if (i == text.length() || isSpace(text.charAt(i))) {
                if (i > start) {
                    words.add(text.substring(start, i));
                }
                start = i + 1;
            }
        }
        return words;
    }

    private static List<String> split(String text, String separator, int limit) {
        if (separator.isEmpty()) {
            throw new TemplateException("split: expected a separator, found none");
        }
        List<String> parts = new ArrayList<>();
        int start = 0;
        int found = text.indexOf(separator);
        while (found >= 0 && parts.size() != limit) {
            parts.add(text.substring(start, found));
            start = found + separator.length();
            found = text.indexOf(separator, start);
        }
        parts.add(text.substring(start));
        return parts;
    }

    private static String capitalize(String text) {
        return text.isEmpty()
                ? text
                : text.substring(0, 1).toUpperCase(Locale.ROOT)
                        + text.substring(1).toLowerCase(Locale.ROOT);
    }

    private static String title(String text) {
        StringBuilder title = new StringBuilder();
        boolean inWord = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            title.append(inWord ? Character.toLowerCase(c) : Character.toUpperCase(c));
            inWord = Character.isLetter(c);
        }
        return title.toString();
    }

    private static boolean isSpace(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
    }
}
