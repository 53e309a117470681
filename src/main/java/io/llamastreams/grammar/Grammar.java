package io.llamastreams.grammar;

import io.llamastreams.grammar.gbnf.GbnfParser;
import io.llamastreams.grammar.mask.MaskMaker;
import io.llamastreams.grammar.mask.RuleAutomaton;
import io.llamastreams.grammar.mask.RuleAutomatonBuilder;
import io.llamastreams.grammar.mask.StackMachine;
import io.llamastreams.grammar.mask.StateCache;
import io.llamastreams.grammar.mask.TokenBytes;
import io.llamastreams.grammar.regex.RegexParser;
import io.llamastreams.grammar.rule.Expression;
import io.llamastreams.grammar.rule.GrammarException;
import io.llamastreams.grammar.rule.Rules;
import io.llamastreams.grammar.schema.JsonRules;
import io.llamastreams.grammar.schema.SchemaCompiler;
import java.util.List;

/**
 * A constraint on texts, compiled for a vocabulary: an endless source of {@link GrammarState}s, one for each text. Immutable
 * but for what it remembers, on which nothing depends but speed. Any thread.
 */
public final class Grammar {
    private final TokenBytes tokens;
    private final StackMachine machine;
    private final MaskMaker masks;

    /** Least bytes behind the first token of a text that loses one leading space. */
    private final int leastBehindFirst;

    private Grammar(TokenBytes tokens, StackMachine machine) {
        this.tokens = tokens;
        this.machine = machine;
        masks = new MaskMaker(machine, tokens);
        leastBehindFirst = masks.leastBehind(machine.start(), tokens.first());
    }

    private static Grammar of(Rules rules, TokenBytes tokens) {
        RuleAutomaton automaton = RuleAutomatonBuilder.build(rules, tokens.writable());
        return new Grammar(tokens, new StackMachine(automaton, new StateCache(automaton.classCount())));
    }

    /**
     * Texts that a regular expression matches from begin to end.
     *
     * @param regex classes, groups, alternatives, repetition, the escapes of ECMAScript and Java that they share; {@code ^}
     *     and {@code $} at the ends mean nothing. No look-around, no references back
     * @throws GrammarException naming the character at which it cannot be read
     */
    public static Grammar ofRegex(String regex, TokenBytes tokens) {
        return of(RegexParser.wholeText("regex", regex), tokens);
    }

    /**
     * One of several texts.
     *
     * @throws GrammarException if there is none
     */
    public static Grammar ofChoice(List<String> choices, TokenBytes tokens) {
        if (choices.isEmpty()) {
            throw GrammarException.expected("choice", "at least one text", "none");
        }
        Rules rules = new Rules("choice");
        rules.add(
                "root",
                new Expression.Choice(choices.stream().map(Expression::literal).toList()));
        return of(rules, tokens);
    }

    /**
     * JSON that is valid under a schema, written compactly, with at most one space behind a colon or a comma.
     *
     * @param schemaJson vocabulary of drafts 7 and 2020-12; see {@link SchemaCompiler} for what of it
     * @throws GrammarException naming the place in the schema that cannot be used
     */
    public static Grammar ofJsonSchema(String schemaJson, TokenBytes tokens) {
        return of(SchemaCompiler.compile(schemaJson), tokens);
    }

    /** Any JSON object. */
    public static Grammar ofJson(TokenBytes tokens) {
        Rules rules = new Rules("json");
        int root = rules.reserve("root");
        JsonRules json = new JsonRules(rules);
        rules.define(root, new Expression.Call(json.object()));
        return of(rules, tokens);
    }

    /**
     * The texts of a grammar in llama.cpp's notation.
     *
     * @param gbnf rule {@code root} is the whole text
     * @throws GrammarException naming the line that cannot be read, or the rule that is not there or left-recursive
     */
    public static Grammar ofGbnf(String gbnf, TokenBytes tokens) {
        return of(GbnfParser.parse(gbnf), tokens);
    }

    /** Least tokens of a complete text, with one for each byte; what a request must leave room for. */
    public int fewestTokens() {
        int fewest = machine.start().fewest();
        if (fewest == 0 || leastBehindFirst >= RuleAutomaton.INFINITE) {
            return fewest;
        }
        return Math.max(fewest, 1 + leastBehindFirst);
    }

    /**
     * The begin of a text.
     *
     * @param dropsLeadingSpace whether the first token loses one leading space, as behind a chat prompt
     * @throws GrammarException if it does and all texts begin with a space that no token can then write
     */
    public GrammarState start(boolean dropsLeadingSpace) {
        if (dropsLeadingSpace
                && leastBehindFirst >= RuleAutomaton.INFINITE
                && !machine.start().isWhole()) {
            throw new GrammarException(
                    "grammar: expected texts that begin with a character other than a space, which is"
                            + " lost there, found none");
        }
        return new GrammarState(this, dropsLeadingSpace);
    }

    TokenBytes tokens() {
        return tokens;
    }

    StackMachine machine() {
        return machine;
    }

    MaskMaker masks() {
        return masks;
    }

    int leastBehindFirst() {
        return leastBehindFirst;
    }
}
