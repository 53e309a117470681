package io.llamastreams.grammar.regex;

import io.llamastreams.grammar.automaton.CharacterClasses;
import io.llamastreams.grammar.automaton.CodePointSet;
import io.llamastreams.grammar.automaton.Dfa;
import io.llamastreams.grammar.automaton.LanguageTooLargeException;
import io.llamastreams.grammar.rule.CodePointAutomata;
import io.llamastreams.grammar.rule.Encoding;
import io.llamastreams.grammar.rule.Expression;
import io.llamastreams.grammar.rule.GrammarException;
import io.llamastreams.grammar.rule.Rules;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads regular expressions in the syntax that ECMAScript and Java share. Where the two differ in what a class holds, a class
 * is read so that fewer texts match: {@code \s} as ASCII white space, {@code \S} and {@code .} without any character that
 * either takes for white space or for the end of a line, and the other way round where a class is negated.
 */
public final class RegexParser {
    private static final int MAX_REPEAT = 1_000;
    private static final int MAX_NESTING = 200;
    private static final int MAX_LENGTH = 10_000;

    private final String place;
    private final String text;
    private final Map<String, CodePointSet> categories = new HashMap<>();
    private int at;
    private int nesting;
    private boolean hasAnchors;

    private RegexParser(String place, String text) {
        this.place = place;
        this.text = text;
        if (text.length() > MAX_LENGTH) {
            throw GrammarException.expected(
                    place, "at most " + MAX_LENGTH + " characters", Integer.toString(text.length()));
        }
    }

    /** Rules of the texts that an expression matches from begin to end. */
    public static Rules wholeText(String place, String regex) {
        Rules rules = new Rules(place);
        rules.add("root", new Expression.Language(whole(place, regex), Encoding.PLAIN));
        return rules;
    }

    /**
     * The texts that an expression matches from begin to end.
     *
     * @param place what messages begin with
     */
    public static Dfa whole(String place, String regex) {
        RegexParser parser = new RegexParser(place, regex);
        Expression expression = parser.parse();
        if (!parser.hasAnchors) {
            return parser.language(expression);
        }
        Expression begin = new Expression.Anchor(Expression.Anchor.BEGIN);
        Expression end = new Expression.Anchor(Expression.Anchor.END);
        return parser.withoutAnchors(expression, Expression.optional(begin), Expression.optional(end));
    }

    /**
     * The texts that have a match of an expression in them.
     *
     * @param around characters that may stand before and behind the match
     */
    public static Dfa search(String place, String regex, CodePointSet around) {
        RegexParser parser = new RegexParser(place, regex);
        Expression expression = parser.parse();
        Expression padding = new Expression.Repeat(new Expression.Characters(around), 0, Expression.UNBOUNDED);
        if (!parser.hasAnchors) {
            return parser.language(Expression.sequence(padding, expression, padding));
        }
        Expression begin = new Expression.Anchor(Expression.Anchor.BEGIN);
        Expression end = new Expression.Anchor(Expression.Anchor.END);
        Expression padded = Expression.sequence(
                Expression.optional(Expression.sequence(begin, padding)),
                expression,
                Expression.optional(Expression.sequence(padding, end)));
        return parser.withoutAnchors(padded, begin, end);
    }

    private Dfa language(Expression expression) {
        try {
            return CodePointAutomata.of(expression);
        } catch (LanguageTooLargeException e) {
            throw tooLarge(e);
        }
    }

    private Dfa withoutAnchors(Expression expression, Expression begin, Expression end) {
        Expression inside = new Expression.Repeat(new Expression.Characters(CodePointSet.ANY), 0, Expression.UNBOUNDED);
        try {
            return CodePointAutomata.of(expression)
                    .intersect(
                            CodePointAutomata.of(Expression.sequence(begin, inside, end)), CodePointAutomata.MAX_STATES)
                    .erase(Expression.Anchor.BEGIN, CodePointAutomata.MAX_STATES);
        } catch (LanguageTooLargeException e) {
            throw tooLarge(e);
        }
    }

    private GrammarException tooLarge(LanguageTooLargeException e) {
        return GrammarException.expected(
                place, "an expression of at most " + CodePointAutomata.MAX_STATES + " states", e.getMessage());
    }

    private Expression parse() {
        Expression expression = parseChoice();
        if (at < text.length()) {
            throw expected("the end");
        }
        return expression;
    }

    private Expression parseChoice() {
        if (++nesting > MAX_NESTING) {
            throw expected("groups nested at most " + MAX_NESTING + " deep");
        }
        List<Expression> parts = new ArrayList<>();
        parts.add(parseSequence());
        while (takes('|')) {
            parts.add(parseSequence());
        }
        nesting--;
        return parts.size() == 1 ? parts.getFirst() : new Expression.Choice(parts);
    }

    private Expression parseSequence() {
        List<Expression> parts = new ArrayList<>();
        while (at < text.length() && text.charAt(at) != '|' && text.charAt(at) != ')') {
            parts.add(parseRepeated());
        }
        return parts.size() == 1 ? parts.getFirst() : new Expression.Sequence(parts);
    }

    private Expression parseRepeated() {
        int start = at;
        Expression item = parseAtom();
        if (at == text.length()) {
            return item;
        }
        int min;
        int max;
        switch (text.charAt(at)) {
            case '*' -> {
                min = 0;
                max = Expression.UNBOUNDED;
            }
            case '+' -> {
                min = 1;
                max = Expression.UNBOUNDED;
            }
            case '?' -> {
                min = 0;
                max = 1;
            }
            case '{' -> {
                return parseCounted(item, start);
            }
            default -> {
                return item;
            }
        }
        at++;
        return repeated(item, min, max, start);
    }

    private Expression parseCounted(Expression item, int start) {
        at++;
        int min = parseNumber();
        int max = min;
        if (takes(',')) {
            max = at < text.length() && text.charAt(at) != '}' ? parseNumber() : Expression.UNBOUNDED;
        }
        if (!takes('}')) {
            throw expected("}");
        }
        if (max < min) {
            throw expected("a second number that is not below the first, before this");
        }
        return repeated(item, min, max, start);
    }

    private Expression repeated(Expression item, int min, int max, int start) {
        if (item instanceof Expression.Anchor) {
            at = start;
            throw expected("something to repeat");
        }
        if (at < text.length()) {
            char next = text.charAt(at);
            if (next == '?') {
                // lazy: the same texts
                at++;
            } else if (next == '+' || next == '*' || next == '{') {
                throw expected("no second repetition");
            }
        }
        return new Expression.Repeat(item, min, max);
    }

    private int parseNumber() {
        int start = at;
        int number = 0;
        while (at < text.length() && isDigit(text.charAt(at))) {
            number = 10 * number + text.charAt(at++) - '0';
            if (number > MAX_REPEAT) {
                at = start;
                throw expected("a number up to " + MAX_REPEAT);
            }
        }
        if (at == start) {
            throw expected("a number");
        }
        return number;
    }

    private Expression parseAtom() {
        char c = text.charAt(at);
        return switch (c) {
            case '(' -> parseGroup();
            case '[' -> new Expression.Characters(new ClassParser().parse());
            case '\\' -> new Expression.Characters(parseEscape(false));
            case '.' -> {
                at++;
                yield new Expression.Characters(CharacterClasses.NO_LINE_END);
            }
            case '^', '$' -> {
                at++;
                hasAnchors = true;
                yield new Expression.Anchor(c == '^' ? Expression.Anchor.BEGIN : Expression.Anchor.END);
            }
            case '*', '+', '?', '{' -> throw expected("something to repeat");
            case ']', '}' -> throw expected("\\" + c + " for the character itself");
            default -> {
                int codePoint = text.codePointAt(at);
                at += Character.charCount(codePoint);
                yield new Expression.Characters(CodePointSet.of(codePoint));
            }
        };
    }

    private Expression parseGroup() {
        int start = at++;
        if (takes('?')) {
            boolean named = text.startsWith("<", at) || text.startsWith("P<", at);
            boolean looksBehind = text.startsWith("<=", at) || text.startsWith("<!", at);
            if (named && !looksBehind) {
                int end = text.indexOf('>', at);
                if (end < 0) {
                    throw expected("a group's name and >");
                }
                at = end + 1;
            } else if (!takes(':')) {
                at = start;
                throw expected("a plain group, a named one or (?:");
            }
        }
        Expression inside = parseChoice();
        if (!takes(')')) {
            throw expected(")");
        }
        return inside;
    }

    /** What is between brackets. */
    private final class ClassParser {
        private boolean negated;

        CodePointSet parse() {
            int start = at++;
            negated = takes('^');
            CodePointSet set = CodePointSet.NONE;
            if (at < text.length() && text.charAt(at) == ']') {
                throw expected("a character of the class, or \\]");
            }
            while (!takes(']')) {
                if (at >= text.length()) {
                    at = start;
                    throw expected("a class that ends with ]");
                }
                set = set.union(parseItem());
            }
            return negated ? set.complement() : set;
        }

        private CodePointSet parseItem() {
            int start = at;
            CodePointSet first = parseMember();
            boolean isRange = text.startsWith("-", at) && !text.startsWith("-]", at) && isSingle(first);
            if (!isRange) {
                return first;
            }
            at++;
            CodePointSet last = parseMember();
            if (!isSingle(last) || last.first(0) < first.first(0)) {
                at = start;
                throw expected("a range from a lower to a higher character");
            }
            return CodePointSet.range(first.first(0), last.first(0));
        }

        private CodePointSet parseMember() {
            if (at >= text.length()) {
                throw expected("]");
            }
            if (text.startsWith("&&", at) || text.startsWith("[:", at)) {
                throw expected("plain members of a class");
            }
            if (text.charAt(at) == '\\') {
                return parseEscape(negated);
            }
            int codePoint = text.codePointAt(at);
            at += Character.charCount(codePoint);
            return CodePointSet.of(codePoint);
        }

        private static boolean isSingle(CodePointSet set) {
            return set.rangeCount() == 1 && set.first(0) == set.last(0);
        }
    }

    /**
     * Behind a backslash: one character or a class.
     *
     * @param negated whether what is found is taken away from all characters
     */
    private CodePointSet parseEscape(boolean negated) {
        int start = at++;
        if (at == text.length()) {
            at = start;
            throw expected("a character behind \\");
        }
        char c = text.charAt(at++);
        return switch (c) {
            case 'd' -> CharacterClasses.DIGITS;
            case 'D' -> CharacterClasses.DIGITS.complement();
            case 'w' -> CharacterClasses.WORD;
            case 'W' -> CharacterClasses.WORD.complement();
            case 's' -> negated ? CharacterClasses.WIDE_SPACE : CharacterClasses.SPACE;
            case 'S' -> (negated ? CharacterClasses.SPACE : CharacterClasses.WIDE_SPACE).complement();
            case 'n' -> CodePointSet.of('\n');
            case 'r' -> CodePointSet.of('\r');
            case 't' -> CodePointSet.of('\t');
            case 'f' -> CodePointSet.of('\f');
            case 'x' -> hexadecimal(start, 2);
            case 'u' -> hexadecimal(start, 4);
            case 'p' -> category(start);
            case 'P' -> category(start).complement();
            default -> {
                if (c < 0x80 && Character.isLetterOrDigit(c)) {
                    at = start;
                    throw expected("an escape that is known");
                }
                at--;
                int codePoint = text.codePointAt(at);
                at += Character.charCount(codePoint);
                yield CodePointSet.of(codePoint);
            }
        };
    }

    private CodePointSet hexadecimal(int start, int digits) {
        int value;
        if (takes('{')) {
            int end = text.indexOf('}', at);
            value = end < 0 || end - at > 6 ? -1 : hexValue(at, end);
            at = end + 1;
        } else {
            value = hexValue(at, at + digits);
            at += digits;
            boolean isHigh =
                    digits == 4 && value >= Character.MIN_HIGH_SURROGATE && value <= Character.MAX_HIGH_SURROGATE;
            if (isHigh && text.startsWith("\\u", at)) {
                int low = hexValue(at + 2, at + 6);
                if (low >= Character.MIN_LOW_SURROGATE && low <= Character.MAX_LOW_SURROGATE) {
                    value = Character.toCodePoint((char) value, (char) low);
                    at += 6;
                }
            }
        }
        if (value < 0
                || value > CodePointSet.MAX
                || value >= Character.MIN_SURROGATE && value <= Character.MAX_SURROGATE) {
            at = start;
            throw expected("the hexadecimal number of a character");
        }
        return CodePointSet.of(value);
    }

    /** The number between two places, or -1. */
    private int hexValue(int from, int to) {
        if (from >= to || to > text.length()) {
            return -1;
        }
        int value = 0;
        for (int i = from; i < to; i++) {
            int digit = text.charAt(i) < 0x80 ? Character.digit(text.charAt(i), 16) : -1;
            if (digit < 0) {
                return -1;
            }
            value = 16 * value + digit;
        }
        return value;
    }

    private CodePointSet category(int start) {
        String name = "";
        if (takes('{')) {
            int end = text.indexOf('}', at);
            name = end < 0 ? "" : text.substring(at, end);
            at = end + 1;
        } else if (at < text.length()) {
            name = text.substring(at, at + 1);
            at++;
        }
        CodePointSet found = categories.computeIfAbsent(name, CharacterClasses::category);
        if (found.isEmpty()) {
            at = start;
            throw expected("a general category such as \\p{L} or \\p{Lu}");
        }
        return found;
    }

    private boolean takes(char c) {
        boolean there = at < text.length() && text.charAt(at) == c;
        at += there ? 1 : 0;
        return there;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private GrammarException expected(String what) {
        String found = at >= text.length() ? "the end" : GrammarException.quote(text.substring(at));
        return GrammarException.expected(place + ": at " + at, what, found);
    }
}
