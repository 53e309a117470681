package io.llamastreams.grammar.rule;

import java.util.ArrayList;
import java.util.List;

/** The rules of a grammar under construction; rule 0 is the whole text. */
public final class Rules {
    public static final int ROOT = 0;

    /** Rules and their size are bounded so that a hostile constraint costs seconds at most. */
    static final int MAX_RULES = 10_000;

    private final String place;
    private final List<Rule> rules = new ArrayList<>();

    /** @param isInlined whether calls may be replaced by the rule's expression, which makes tables larger and steps faster */
    private record Rule(String name, boolean isInlined, Expression expression) {}

    /** @param place what messages begin with, for example {@code "regex"} */
    public Rules(String place) {
        this.place = place;
    }

    /** A rule to be defined later, whose calls stay calls: for what is called from many places. */
    public int reserve(String name) {
        return add(new Rule(name, false, Expression.EMPTY));
    }

    /** A rule to be defined later, whose calls may be replaced. */
    public int reserveInlined(String name) {
        return add(new Rule(name, true, Expression.EMPTY));
    }

    private int add(Rule rule) {
        if (rules.size() == MAX_RULES) {
            throw new GrammarException(place + ": expected at most " + MAX_RULES + " rules, found more");
        }
        rules.add(rule);
        return rules.size() - 1;
    }

    public void define(int rule, Expression expression) {
        Rule reserved = rules.get(rule);
        rules.set(rule, new Rule(reserved.name(), reserved.isInlined(), expression));
    }

    public int add(String name, Expression expression) {
        int rule = reserve(name);
        define(rule, expression);
        return rule;
    }

    public String place() {
        return place;
    }

    public int size() {
        return rules.size();
    }

    public String name(int rule) {
        return rules.get(rule).name();
    }

    public boolean isInlined(int rule) {
        return rules.get(rule).isInlined();
    }

    public Expression expression(int rule) {
        return rules.get(rule).expression();
    }
}
