package io.llamastreams.grammar.gbnf;

import io.llamastreams.grammar.automaton.CodePointSet;
import io.llamastreams.grammar.rule.Expression;
import io.llamastreams.grammar.rule.GrammarException;
import io.llamastreams.grammar.rule.Rules;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads grammars in llama.cpp's notation. Source: the GBNF guide of llama.cpp (grammars/README.md). Not supported: matching of
 * tokens by {@code <name>} or number, since what is constrained is the text.
 */
public final class GbnfParser {
    private static final String PLACE = "grammar";
    private static final int MAX_LENGTH = 1_000_000;
    private static final int MAX_REPEAT = 2_000;
    private static final int MAX_NESTING = 64;

    private final String text;
    private int at;
    private int nesting;
    private final Rules rules = new Rules(PLACE);
    private final Map<String, Integer> numbers = new HashMap<>();

    /** Where each rule is first mentioned that is not defined yet; -1 for nowhere. */
    private final Map<String, Integer> missing = new LinkedHashMap<>();

    private GbnfParser(String text) {
        this.text = text;
    }

    /** @throws GrammarException naming the line that cannot be read, or the rule that is not there */
    public static Rules parse(String text) {
        if (text.length() > MAX_LENGTH) {
            throw GrammarException.expected(
                    PLACE, "at most " + MAX_LENGTH + " characters", Integer.toString(text.length()));
        }
        GbnfParser parser = new GbnfParser(text);
        parser.parseAll();
        return parser.rules;
    }

    private void parseAll() {
        numbers.put("root", rules.reserveInlined("root"));
        missing.put("root", -1);
        skipSpace(true);
        while (at < text.length()) {
            parseRule();
            skipSpace(true);
        }
        missing.forEach((name, mention) -> {
            throw GrammarException.expected(
                    mention < 0 ? PLACE : PLACE + ": line " + line(mention), "a rule " + name + " somewhere", "none");
        });
    }

    private void parseRule() {
        int start = at;
        String name = parseName();
        int number = numberOf(name);
        if (missing.remove(name) == null) {
            at = start;
            throw expected("one rule of that name");
        }
        skipSpace(false);
        if (!text.startsWith("::=", at)) {
            throw expected("::=");
        }
        at += 3;
        skipSpace(true);
        rules.define(number, parseChoice(false));
        if (at < text.length() && text.charAt(at) != '\n' && text.charAt(at) != '\r') {
            throw expected("the rule to go on or the line to end");
        }
    }

    private String parseName() {
        int start = at;
        while (at < text.length() && isNamePart(text.charAt(at))) {
            at++;
        }
        if (at == start) {
            throw expected("the name of a rule");
        }
        return text.substring(start, at);
    }

    private int numberOf(String name) {
        Integer known = numbers.get(name);
        if (known == null) {
            known = rules.reserveInlined(name);
            numbers.put(name, known);
            missing.put(name, at - name.length());
        }
        return known;
    }

    private Expression parseChoice(boolean isNested) {
        if (++nesting > MAX_NESTING) {
            throw expected("groups nested at most " + MAX_NESTING + " deep");
        }
        List<Expression> parts = new ArrayList<>();
        parts.add(parseSequence(isNested));
        while (at < text.length() && text.charAt(at) == '|') {
            at++;
            skipSpace(true);
            parts.add(parseSequence(isNested));
        }
        nesting--;
        return parts.size() == 1 ? parts.getFirst() : new Expression.Choice(parts);
    }

    private Expression parseSequence(boolean isNested) {
        List<Expression> parts = new ArrayList<>();
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '"') {
                parts.add(parseLiteral());
            } else if (c == '[') {
                parts.add(parseClass());
            } else if (c == '.') {
                at++;
                parts.add(new Expression.Characters(CodePointSet.ANY));
            } else if (c == '(') {
                parts.add(parseGroup());
            } else if (isNamePart(c)) {
                parts.add(new Expression.Call(numberOf(parseName())));
            } else if (c == '*' || c == '+' || c == '?' || c == '{') {
                if (parts.isEmpty()) {
                    throw expected("something to repeat");
                }
                parts.set(parts.size() - 1, parseRepeat(parts.getLast()));
            } else if (c == '<' || c == '!') {
                throw expected("characters or rules, no tokens");
            } else {
                break;
            }
            skipSpace(isNested);
        }
        return parts.size() == 1 ? parts.getFirst() : new Expression.Sequence(parts);
    }

    private Expression parseLiteral() {
        int start = at++;
        List<Expression> characters = new ArrayList<>();
        while (at < text.length() && text.charAt(at) != '"') {
            characters.add(new Expression.Characters(CodePointSet.of(parseCharacter())));
        }
        if (at >= text.length()) {
            at = start;
            throw expected("a text that ends with \"");
        }
        at++;
        return new Expression.Sequence(characters);
    }

    private Expression parseClass() {
        int start = at++;
        boolean negated = at < text.length() && text.charAt(at) == '^';
        at += negated ? 1 : 0;
        CodePointSet set = CodePointSet.NONE;
        while (at < text.length() && text.charAt(at) != ']') {
            int first = parseCharacter();
            int last = first;
            if (text.startsWith("-", at) && !text.startsWith("-]", at)) {
                at++;
                last = at < text.length() ? parseCharacter() : -1;
            }
            if (last < first) {
                at = start;
                throw expected("a range from a lower to a higher character");
            }
            set = set.union(CodePointSet.range(first, last));
        }
        if (at >= text.length()) {
            at = start;
            throw expected("a class that ends with ]");
        }
        at++;
        return new Expression.Characters(negated ? set.complement() : set);
    }

    private Expression parseGroup() {
        at++;
        skipSpace(true);
        Expression inside = parseChoice(true);
        if (at >= text.length() || text.charAt(at) != ')') {
            throw expected(")");
        }
        at++;
        return inside;
    }

    private Expression parseRepeat(Expression item) {
        char c = text.charAt(at++);
        if (c != '{') {
            return new Expression.Repeat(item, c == '+' ? 1 : 0, c == '?' ? 1 : Expression.UNBOUNDED);
        }
        skipSpace(false);
        int min = parseNumber();
        int max = min;
        skipSpace(false);
        if (at < text.length() && text.charAt(at) == ',') {
            at++;
            skipSpace(false);
            boolean isOpen = at < text.length() && text.charAt(at) == '}';
            max = isOpen ? Expression.UNBOUNDED : parseNumber();
            skipSpace(false);
        }
        if (at >= text.length() || text.charAt(at) != '}') {
            throw expected("}");
        }
        if (max < min) {
            throw expected("a second number that is not below the first, before this");
        }
        at++;
        return new Expression.Repeat(item, min, max);
    }

    private int parseNumber() {
        int start = at;
        int number = 0;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
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

    private int parseCharacter() {
        int c = text.codePointAt(at);
        if (c != '\\') {
            at += Character.charCount(c);
            return c;
        }
        if (at + 1 >= text.length()) {
            throw expected("a character behind \\");
        }
        char kind = text.charAt(at + 1);
        int digits = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
        if (digits > 0) {
            return parseHexadecimal(digits);
        }
        int index = "tnr\\\"[]-".indexOf(kind);
        if (index < 0) {
            throw expected("an escape that is known");
        }
        at += 2;
        return "\t\n\r\\\"[]-".charAt(index);
    }

    private int parseHexadecimal(int digits) {
        long value = 0;
        for (int i = at + 2; i < at + 2 + digits; i++) {
            char c = i < text.length() ? text.charAt(i) : ' ';
            int digit = c < 0x80 ? Character.digit(c, 16) : -1;
            value = digit < 0 || value < 0 ? -1 : 16 * value + digit;
        }
        if (value < 0 || value > CodePointSet.MAX) {
            throw expected("the hexadecimal number of a character");
        }
        at += 2 + digits;
        return (int) value;
    }

    private void skipSpace(boolean withLineEnds) {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '#') {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end;
            } else if (c == ' ' || c == '\t' || withLineEnds && (c == '\n' || c == '\r')) {
                at++;
            } else {
                return;
            }
        }
    }

    private static boolean isNamePart(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_';
    }

    private int line(int place) {
        return 1
                + (int) text.substring(0, Math.min(place, text.length()))
                        .chars()
                        .filter(c -> c == '\n')
                        .count();
    }

    private GrammarException expected(String what) {
        int end = at >= text.length() ? -1 : text.indexOf('\n', at);
        String found = at >= text.length()
                ? "the end"
                : GrammarException.quote(text.substring(at, end < 0 ? text.length() : end));
        return GrammarException.expected(PLACE + ": line " + line(at), what, found);
    }
}
