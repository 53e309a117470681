/**
 * Structured output: a regular expression, a list of choices, a JSON Schema or a GBNF grammar, compiled to say at each step
 * which tokens may come next, so that the text is always a whole one of its language, however short it has to be.
 *
 * <p>Everything becomes rules over bytes: each rule a deterministic automaton whose transitions are bytes or calls of other
 * rules ({@code RuleAutomaton}). A place in a text is a set of stacks of such nodes, kept as a tree with shared parts ({@code
 * StackSet}); where a byte leads and which tokens fit is computed when first asked for and remembered ({@code StateCache}).
 * Character sets and strings are worked out as automata over code points before ({@code Dfa}): intersection and difference
 * of languages are what schemas are merged with.
 *
 * <p>What comes out never depends on what was remembered. Uses the JDK and Jackson. Any thread, except for {@link
 * io.llamastreams.grammar.GrammarState}, which has one owner.
 */
package io.llamastreams.grammar;
