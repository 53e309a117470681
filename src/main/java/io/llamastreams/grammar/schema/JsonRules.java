package io.llamastreams.grammar.schema;

import io.llamastreams.grammar.automaton.CharacterClasses;
import io.llamastreams.grammar.automaton.CodePointSet;
import io.llamastreams.grammar.automaton.Dfa;
import io.llamastreams.grammar.rule.Encoding;
import io.llamastreams.grammar.rule.Expression;
import io.llamastreams.grammar.rule.Rules;
import java.util.HashMap;
import java.util.Map;

/**
 * Rules of JSON itself, each added when first asked for. Source: RFC 8259; written compactly, with at most one space behind a
 * colon or a comma; numbers short enough to be finite doubles.
 */
public final class JsonRules {
    private static final int MAX_COUNTED = 100_000;
    private static final int NONE = -1;

    private static final Expression HEXADECIMAL = characters("0123456789abcdefABCDEF");
    private static final Expression SPACE = Expression.optional(Expression.literal(" "));

    static final Expression COLON = Expression.sequence(Expression.literal(":"), SPACE);
    static final Expression COMMA = Expression.sequence(Expression.literal(","), SPACE);

    /** Any number, written with at most 16 digits before and behind the point and two of an exponent. */
    static final Expression NUMBER = number();

    private final Rules rules;
    private int character = NONE;
    private int string = NONE;
    private int value = NONE;
    private int object = NONE;
    private int array = NONE;
    private final Map<Long, Integer> countedStrings = new HashMap<>();

    public JsonRules(Rules rules) {
        this.rules = rules;
    }

    /** Any string. */
    int string() {
        if (string == NONE) {
            Expression characters = new Expression.Repeat(characterExpression(), 0, Expression.UNBOUNDED);
            string = rules.add(
                    "string", Expression.sequence(Expression.literal("\""), characters, Expression.literal("\"")));
        }
        return string;
    }

    /**
     * Strings of so many characters; an escape is one, as is a pair of surrogates.
     *
     * @param max {@link Expression#UNBOUNDED} for any number
     */
    int string(int min, int max) {
        if (min == 0 && max == Expression.UNBOUNDED) {
            return string();
        }
        int bounded = max == Expression.UNBOUNDED ? max : Math.max(min, Math.min(max, MAX_COUNTED));
        return countedStrings.computeIfAbsent((long) min << 32 | bounded, key -> {
            if (character == NONE) {
                character = rules.add("character", characterExpression());
            }
            return rules.add("string", new Expression.CountedString(character, min, bounded));
        });
    }

    /** Any value. */
    int value() {
        if (value == NONE) {
            value = rules.reserve("value");
            rules.define(
                    value,
                    Expression.choice(
                            Expression.literal("null"),
                            Expression.literal("true"),
                            Expression.literal("false"),
                            NUMBER,
                            new Expression.Call(string()),
                            new Expression.Call(array()),
                            new Expression.Call(object())));
        }
        return value;
    }

    /** Any object. */
    public int object() {
        if (object == NONE) {
            object = rules.reserve("object");
            Expression pair = Expression.sequence(new Expression.Call(string()), COLON, new Expression.Call(value()));
            rules.define(object, Expression.sequence(Expression.literal("{"), list(pair), Expression.literal("}")));
        }
        return object;
    }

    /** Any array. */
    int array() {
        if (array == NONE) {
            array = rules.reserve("array");
            Expression item = new Expression.Call(value());
            rules.define(array, Expression.sequence(Expression.literal("["), list(item), Expression.literal("]")));
        }
        return array;
    }

    /** Any number of items with commas between. */
    static Expression list(Expression item) {
        Expression more = new Expression.Repeat(Expression.sequence(COMMA, item), 0, Expression.UNBOUNDED);
        return Expression.optional(Expression.sequence(item, more));
    }

    /** A string of this text, written in one way. */
    static Expression quoted(String text) {
        StringBuilder escaped = new StringBuilder("\"");
        text.codePoints().forEach(c -> escaped.append(Encoding.JSON_STRING.text(c)));
        return Expression.literal(escaped.append('"').toString());
    }

    /** Strings of a language, each written in one way. */
    static Expression quoted(Dfa words) {
        return Expression.sequence(
                Expression.literal("\""),
                new Expression.Language(words, Encoding.JSON_STRING),
                Expression.literal("\""));
    }

    /** One character of a string in any of the ways to write it. */
    private static Expression characterExpression() {
        CodePointSet plain = CodePointSet.range(0x20, CodePointSet.MAX).minus(CodePointSet.of("\"\\"));
        Expression escapedAlone = Expression.choice(
                Expression.sequence(characters("0123456789abcefABCEF"), digits(3)),
                Expression.sequence(characters("dD"), characters("01234567"), digits(2)));
        Expression escapedPair = Expression.sequence(
                characters("dD"),
                characters("89abAB"),
                digits(2),
                Expression.literal("\\u"),
                characters("dD"),
                characters("cdefCDEF"),
                digits(2));
        return Expression.choice(
                new Expression.Characters(plain),
                Expression.sequence(Expression.literal("\\"), characters("\"\\/bfnrt")),
                Expression.sequence(Expression.literal("\\u"), Expression.choice(escapedAlone, escapedPair)));
    }

    private static Expression number() {
        Expression digit = new Expression.Characters(CharacterClasses.DIGITS);
        Expression whole = Expression.choice(
                Expression.literal("0"),
                Expression.sequence(characters("123456789"), new Expression.Repeat(digit, 0, 15)));
        Expression fraction = Expression.sequence(Expression.literal("."), new Expression.Repeat(digit, 1, 16));
        Expression exponent = Expression.sequence(
                characters("eE"), Expression.optional(characters("+-")), new Expression.Repeat(digit, 1, 2));
        return Expression.sequence(
                Expression.optional(Expression.literal("-")),
                whole,
                Expression.optional(fraction),
                Expression.optional(exponent));
    }

    private static Expression digits(int count) {
        return new Expression.Repeat(HEXADECIMAL, count, count);
    }

    private static Expression characters(String members) {
        return new Expression.Characters(CodePointSet.of(members));
    }
}
