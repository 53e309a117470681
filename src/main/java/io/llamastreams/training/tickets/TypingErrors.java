package io.llamastreams.training.tickets;

import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Slips of the fingers, in words of the language only: what stands between {@link #VALUE_START} and {@link #VALUE_END}
 * is never touched, nor is the word that says that an order number follows. Any thread.
 */
final class TypingErrors {

    static final char VALUE_START = '\uE000';
    static final char VALUE_END = '\uE001';

    private static final String VALUE = VALUE_START + "[^" + VALUE_END + "]*" + VALUE_END;
    /** Long enough that it is still known after a slip. */
    private static final Pattern WORD = Pattern.compile(VALUE + "|(?<word>[A-Za-z]{5,})");

    private static final Pattern ANY_WORD = Pattern.compile(VALUE + "|(?<word>[A-Za-z]+)");
    private static final Pattern SENTENCE_START = Pattern.compile(VALUE + "|(?<word>(?<=[.?!] )[A-Z](?=[a-z ]))");
    private static final Pattern PUNCTUATION = Pattern.compile(VALUE + "|(?<word>(?<=[a-z])[.,](?= ))");

    private TypingErrors() {}

    /** Puts the name or number where no slip reaches it. */
    static String protect(String value) {
        return VALUE_START + value + VALUE_END;
    }

    static String unprotect(String text) {
        return text.replace("" + VALUE_START, "").replace("" + VALUE_END, "");
    }

    /** One slip; the text as it is where it offers no place for one. */
    static String slip(String text, CounterRandom random) {
        return switch (random.below(6)) {
            case 0 -> slip(text, SENTENCE_START, random, letter -> letter.toLowerCase(Locale.ROOT));
            case 1 -> slip(text, PUNCTUATION, random, mark -> "");
            case 2, 3 -> slip(text, WORD, random, word -> swapped(word, random));
            case 4 -> slip(text, WORD, random, word -> dropped(word, random));
            default -> slip(text, WORD, random, word -> doubled(word, random));
        };
    }

    /** As some write: everything small but names and numbers. */
    static String withoutCapitals(String text) {
        return ANY_WORD.matcher(text)
                .replaceAll(result -> result.group("word") == null
                        ? Matcher.quoteReplacement(result.group())
                        : result.group().toLowerCase(Locale.ROOT));
    }

    private static String slip(String text, Pattern place, CounterRandom random, UnaryOperator<String> change) {
        List<MatchResult> places = place.matcher(text)
                .results()
                .filter(result -> result.group("word") != null
                        && !result.group("word").toLowerCase(Locale.ROOT).startsWith("order"))
                .toList();
        if (places.isEmpty()) {
            return text;
        }
        MatchResult chosen = random.oneOf(places);
        return text.substring(0, chosen.start()) + change.apply(chosen.group()) + text.substring(chosen.end());
    }

    /** The first letter stays: readers lean on it. */
    private static String swapped(String word, CounterRandom random) {
        int at = random.between(1, word.length() - 2);
        return word.substring(0, at) + word.charAt(at + 1) + word.charAt(at) + word.substring(at + 2);
    }

    private static String dropped(String word, CounterRandom random) {
        int at = random.between(1, word.length() - 1);
        return word.substring(0, at) + word.substring(at + 1);
    }

    private static String doubled(String word, CounterRandom random) {
        int at = random.between(1, word.length() - 1);
        return word.substring(0, at) + word.charAt(at) + word.substring(at);
    }
}
