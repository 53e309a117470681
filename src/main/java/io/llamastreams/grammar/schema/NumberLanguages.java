package io.llamastreams.grammar.schema;

import io.llamastreams.grammar.automaton.CharacterClasses;
import io.llamastreams.grammar.automaton.CodePointSet;
import io.llamastreams.grammar.automaton.Dfa;
import io.llamastreams.grammar.automaton.LanguageTooLargeException;
import io.llamastreams.grammar.rule.CodePointAutomata;
import io.llamastreams.grammar.rule.Encoding;
import io.llamastreams.grammar.rule.Expression;
import io.llamastreams.grammar.rule.GrammarException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Numbers between bounds and multiples of divisors, as automata over their decimal digits. Integers are written without point
 * and exponent; other numbers with bounds without exponent and with at most 15 digits, so that no two of them become the same
 * double. No minus stands before zero.
 */
final class NumberLanguages {
    private static final int INTEGER_DIGITS = 18;
    private static final int EXACT_DIGITS = 15;
    private static final int MAX_DIVISOR = 2_000;

    private static final Expression DIGIT = new Expression.Characters(CharacterClasses.DIGITS);
    private static final Expression NO_ZERO = new Expression.Characters(CodePointSet.range('1', '9'));
    private static final Expression DIGITS = new Expression.Repeat(DIGIT, 0, Expression.UNBOUNDED);
    private static final Expression ZEROS = new Expression.Repeat(Expression.literal("0"), 0, Expression.UNBOUNDED);
    private static final Expression POINT = Expression.literal(".");
    private static final Expression SOME_FRACTION = Expression.sequence(POINT, DIGIT, DIGITS);
    private static final Expression ANY_FRACTION = Expression.optional(SOME_FRACTION);
    private static final Expression NEVER = Expression.choice();

    private NumberLanguages() {}

    /**
     * The texts of the numbers of an alternative.
     *
     * @param place what messages begin with
     */
    static Expression of(String place, ValueSet.Numbers numbers) {
        if (!numbers.isInteger() && numbers.isUnbounded()) {
            return JsonRules.NUMBER;
        }
        Dfa positive = numbers.isInteger() ? integers(numbers, false) : decimals(numbers, false);
        Dfa negative = numbers.isInteger() ? integers(numbers, true) : decimals(numbers, true);
        for (BigDecimal divisor : numbers.divisors()) {
            Dfa multiples = multiples(place, divisor);
            positive = positive.intersect(multiples, CodePointAutomata.MAX_STATES);
            negative = negative.intersect(multiples, CodePointAutomata.MAX_STATES);
        }
        return Expression.choice(
                new Expression.Language(positive, Encoding.PLAIN),
                Expression.sequence(Expression.literal("-"), new Expression.Language(negative, Encoding.PLAIN)));
    }

    // ------------------------------------------------------------------------------------------------ integers

    /** Unsigned texts of the integers from zero on, or of the absolute values of those below. */
    private static Dfa integers(ValueSet.Numbers numbers, boolean areNegative) {
        Optional<BigInteger> least = numbers.lower().map(bound -> rounded(bound, RoundingMode.FLOOR));
        Optional<BigInteger> most = numbers.upper().map(bound -> rounded(bound, RoundingMode.CEILING));
        BigInteger limit = BigInteger.TEN.pow(Math.max(INTEGER_DIGITS, digits(least, most) + 1));
        BigInteger low = areNegative
                ? most.map(BigInteger::negate).orElse(BigInteger.ONE).max(BigInteger.ONE)
                : least.orElse(BigInteger.ZERO).max(BigInteger.ZERO);
        BigInteger high = areNegative
                ? least.map(BigInteger::negate).orElse(limit.subtract(BigInteger.ONE))
                : most.orElse(limit.subtract(BigInteger.ONE));
        return CodePointAutomata.of(range(low, high));
    }

    /**
     * The first integer inside of a bound.
     *
     * @param outward FLOOR for lower bounds, CEILING for upper ones
     */
    private static BigInteger rounded(ValueSet.Bound bound, RoundingMode outward) {
        BigInteger at = bound.value().setScale(0, outward).toBigIntegerExact();
        boolean isInside = new BigDecimal(at).compareTo(bound.value()) == 0 && !bound.isExclusive();
        if (isInside) {
            return at;
        }
        return outward == RoundingMode.FLOOR ? at.add(BigInteger.ONE) : at.subtract(BigInteger.ONE);
    }

    private static int digits(Optional<BigInteger> a, Optional<BigInteger> b) {
        return Math.max(
                a.map(NumberLanguages::digits).orElse(0),
                b.map(NumberLanguages::digits).orElse(0));
    }

    private static int digits(BigInteger number) {
        return number.abs().toString().length();
    }

    /** Integers from one to another, none below zero. */
    private static Expression range(BigInteger low, BigInteger high) {
        List<Expression> parts = new ArrayList<>();
        for (int length = digits(low); length <= digits(high); length++) {
            BigInteger least = length == 1 ? BigInteger.ZERO : BigInteger.TEN.pow(length - 1);
            BigInteger most = BigInteger.TEN.pow(length).subtract(BigInteger.ONE);
            BigInteger from = low.max(least);
            BigInteger to = high.min(most);
            if (from.compareTo(to) <= 0) {
                parts.add(sameLength(from.toString(), to.toString()));
            }
        }
        return new Expression.Choice(parts);
    }

    /** Digits from one row of them to another of the same length. */
    private static Expression sameLength(String from, String to) {
        if (from.chars().allMatch(c -> c == '0') && to.chars().allMatch(c -> c == '9')) {
            return new Expression.Repeat(DIGIT, from.length(), from.length());
        }
        int first = from.charAt(0);
        int last = to.charAt(0);
        String fromRest = from.substring(1);
        String toRest = to.substring(1);
        if (first == last) {
            return Expression.sequence(digitRange(first, last), sameLength(fromRest, toRest));
        }
        int length = fromRest.length();
        return Expression.choice(
                Expression.sequence(digitRange(first, first), sameLength(fromRest, "9".repeat(length))),
                Expression.sequence(digitRange(first + 1, last - 1), new Expression.Repeat(DIGIT, length, length)),
                Expression.sequence(digitRange(last, last), sameLength("0".repeat(length), toRest)));
    }

    private static Expression digitRange(int first, int last) {
        return first > last ? NEVER : new Expression.Characters(CodePointSet.range(first, last));
    }

    // ------------------------------------------------------------------------------------------------ decimals

    /** Unsigned texts of the numbers from zero on, or of the absolute values of those below. */
    private static Dfa decimals(ValueSet.Numbers numbers, boolean areNegative) {
        Optional<ValueSet.Bound> lower = numbers.lower().map(bound -> exact(bound, RoundingMode.CEILING));
        Optional<ValueSet.Bound> upper = numbers.upper().map(bound -> exact(bound, RoundingMode.FLOOR));
        Optional<ValueSet.Bound> nearer = areNegative ? upper.map(NumberLanguages::negated) : lower;
        Optional<ValueSet.Bound> farther = areNegative ? lower.map(NumberLanguages::negated) : upper;
        ValueSet.Bound zero = new ValueSet.Bound(BigDecimal.ZERO, areNegative);
        nearer = SchemaReader.tighter(nearer, Optional.of(zero), 1);
        Dfa found = CodePointAutomata.of(shape(Math.max(integerDigits(nearer), integerDigits(farther))))
                .intersect(CodePointAutomata.of(from(nearer.orElse(zero))), CodePointAutomata.MAX_STATES);
        if (farther.isPresent()) {
            if (farther.get().value().signum() < 0) {
                return CodePointAutomata.of(NEVER);
            }
            found = found.intersect(CodePointAutomata.of(upTo(farther.get())), CodePointAutomata.MAX_STATES);
        }
        return found;
    }

    /** A bound of digits so few that a double holds them apart, moved to the inside where it has more. */
    private static ValueSet.Bound exact(ValueSet.Bound bound, RoundingMode inward) {
        if (bound.value().precision() <= EXACT_DIGITS || bound.value().scale() <= 0) {
            return bound;
        }
        BigDecimal moved = bound.value().round(new MathContext(EXACT_DIGITS, inward));
        return new ValueSet.Bound(moved.stripTrailingZeros(), bound.isExclusive());
    }

    private static ValueSet.Bound negated(ValueSet.Bound bound) {
        return new ValueSet.Bound(bound.value().negate(), bound.isExclusive());
    }

    private static int integerDigits(Optional<ValueSet.Bound> bound) {
        return bound.map(b -> b.value().precision() - b.value().scale()).orElse(1);
    }

    /** Decimals without needless zeros in front, of few enough digits. */
    private static Expression shape(int integerDigitsOfBounds) {
        List<Expression> parts = new ArrayList<>();
        for (int length = 1; length < EXACT_DIGITS; length++) {
            Expression rest = new Expression.Repeat(DIGIT, length - 1, length - 1);
            Expression places = new Expression.Repeat(DIGIT, 1, EXACT_DIGITS - length);
            parts.add(Expression.sequence(
                    length == 1 ? DIGIT : NO_ZERO, rest, Expression.optional(Expression.sequence(POINT, places))));
        }
        int longest = Math.max(EXACT_DIGITS, integerDigitsOfBounds + 1);
        parts.add(Expression.sequence(NO_ZERO, new Expression.Repeat(DIGIT, EXACT_DIGITS - 1, longest - 1)));
        return new Expression.Choice(parts);
    }

    /** Decimals from a bound on, which is not below zero. */
    private static Expression from(ValueSet.Bound bound) {
        String whole = whole(bound.value());
        Expression above = range(new BigInteger(whole).add(BigInteger.ONE), allNines(whole.length()));
        Expression longer =
                Expression.sequence(NO_ZERO, new Expression.Repeat(DIGIT, whole.length(), whole.length()), DIGITS);
        return Expression.choice(
                Expression.sequence(Expression.choice(above, longer), ANY_FRACTION),
                Expression.sequence(
                        Expression.literal(whole), fractionFrom(fraction(bound.value()), bound.isExclusive())));
    }

    /** What may stand behind the bound's whole part. */
    private static Expression fractionFrom(String fraction, boolean isExclusive) {
        if (fraction.isEmpty()) {
            return isExclusive ? Expression.sequence(POINT, aboveZero()) : ANY_FRACTION;
        }
        return Expression.sequence(POINT, digitsFrom(fraction, isExclusive));
    }

    private static Expression digitsFrom(String fraction, boolean isExclusive) {
        int first = fraction.charAt(0);
        String rest = fraction.substring(1);
        Expression behind = !rest.isEmpty() ? digitsFrom(rest, isExclusive) : isExclusive ? aboveZero() : DIGITS;
        return Expression.choice(
                Expression.sequence(digitRange(first + 1, '9'), DIGITS),
                Expression.sequence(digitRange(first, first), behind));
    }

    private static Expression aboveZero() {
        return Expression.sequence(ZEROS, NO_ZERO, DIGITS);
    }

    /** Decimals up to a bound, which is not below zero. */
    private static Expression upTo(ValueSet.Bound bound) {
        String whole = whole(bound.value());
        BigInteger last = new BigInteger(whole);
        Expression below = last.signum() == 0 ? NEVER : range(BigInteger.ZERO, last.subtract(BigInteger.ONE));
        return Expression.choice(
                Expression.sequence(below, ANY_FRACTION),
                Expression.sequence(
                        Expression.literal(whole), fractionUpTo(fraction(bound.value()), bound.isExclusive())));
    }

    private static Expression fractionUpTo(String fraction, boolean isExclusive) {
        if (fraction.isEmpty()) {
            Expression nothing = Expression.optional(Expression.sequence(POINT, Expression.literal("0"), ZEROS));
            return isExclusive ? NEVER : nothing;
        }
        return Expression.optional(Expression.sequence(POINT, digitsUpTo(fraction, isExclusive)));
    }

    private static Expression digitsUpTo(String fraction, boolean isExclusive) {
        int first = fraction.charAt(0);
        String rest = fraction.substring(1);
        Expression behind =
                !rest.isEmpty() ? Expression.optional(digitsUpTo(rest, isExclusive)) : isExclusive ? NEVER : ZEROS;
        return Expression.choice(
                Expression.sequence(digitRange('0', first - 1), DIGITS),
                Expression.sequence(digitRange(first, first), behind));
    }

    private static String whole(BigDecimal value) {
        return value.toBigInteger().toString();
    }

    private static String fraction(BigDecimal value) {
        BigDecimal rest = value.remainder(BigDecimal.ONE).stripTrailingZeros();
        return rest.signum() == 0 ? "" : rest.toPlainString().substring(2);
    }

    private static BigInteger allNines(int length) {
        return BigInteger.TEN.pow(length).subtract(BigInteger.ONE);
    }

    // ----------------------------------------------------------------------------------------------- multiples

    /** Unsigned decimals that are multiples of a divisor, which is taken apart into part * 10^zeros / 10^places. */
    private static Dfa multiples(String place, BigDecimal divisor) {
        int places = Math.max(0, divisor.scale());
        int zeros = Math.max(0, -divisor.scale());
        BigInteger part = divisor.unscaledValue();
        if (part.compareTo(BigInteger.valueOf(MAX_DIVISOR)) > 0) {
            throw GrammarException.expected(
                    place + ".multipleOf",
                    "a divisor whose digits are a number up to " + MAX_DIVISOR,
                    divisor.toPlainString());
        }
        if (zeros == 0) {
            return remainders(part.intValueExact(), places);
        }
        return CodePointAutomata.of(Expression.choice(
                Expression.literal("0"),
                Expression.sequence(
                        withoutZeroInFront(remainders(part.intValueExact(), 0)),
                        Expression.literal("0".repeat(zeros)))));
    }

    private static Expression withoutZeroInFront(Dfa digits) {
        return new Expression.Language(
                digits.intersect(
                        CodePointAutomata.of(Expression.sequence(NO_ZERO, DIGITS)), CodePointAutomata.MAX_STATES),
                Encoding.PLAIN);
    }

    /**
     * States are the remainder of the digits so far, for each number of digits behind the point; before the first of them
     * there is one that does not accept.
     *
     * <pre>
     * state = 1 + (places behind the point + 1) * divisor + remainder; in front of the point the former is -1
     * </pre>
     */
    private static Dfa remainders(int divisor, int places) {
        int stateCount = 1 + (places + 2) * divisor;
        if (stateCount > CodePointAutomata.MAX_STATES) {
            throw new LanguageTooLargeException(CodePointAutomata.MAX_STATES);
        }
        int[][] edges = new int[stateCount][];
        boolean[] accepting = new boolean[stateCount];
        edges[0] = digitEdges(0, 1, divisor, new int[0]);
        for (int behind = -1; behind <= places; behind++) {
            int base = 1 + (behind + 1) * divisor;
            int scale = scale(places - Math.max(0, behind), divisor);
            for (int remainder = 0; remainder < divisor; remainder++) {
                int state = base + remainder;
                accepting[state] = behind != 0 && remainder * (long) scale % divisor == 0;
                int[] point = behind == -1 && places > 0 ? new int[] {'.', '.', 1 + divisor + remainder} : new int[0];
                int next = behind == -1 ? base : base + divisor;
                boolean isFull = behind == places && behind >= 0;
                edges[state] = isFull ? point : digitEdges(remainder, next, divisor, point);
            }
        }
        return new Dfa(edges, accepting).trim().minimise();
    }

    private static int[] digitEdges(int remainder, int base, int divisor, int[] before) {
        int[] edges = Arrays.copyOf(before, before.length + 30);
        for (int digit = 0; digit < 10; digit++) {
            int at = before.length + 3 * digit;
            edges[at] = '0' + digit;
            edges[at + 1] = '0' + digit;
            edges[at + 2] = base + (10 * remainder + digit) % divisor;
        }
        return edges;
    }

    /** 10^exponent by the divisor. */
    private static int scale(int exponent, int divisor) {
        return BigInteger.TEN
                .modPow(BigInteger.valueOf(exponent), BigInteger.valueOf(divisor))
                .intValue();
    }
}
