/**
 * What every notation is brought to: {@link io.llamastreams.grammar.rule.Rules}, each an {@link
 * io.llamastreams.grammar.rule.Expression} over characters that may call other rules, with the encoding that its characters are
 * written in; and the way from an expression to an automaton. Holds the exception by which a constraint is refused.
 *
 * <p>Uses {@code automaton} only. Expressions are immutable; rules and builders belong to the thread that compiles.
 */
package io.llamastreams.grammar.rule;
