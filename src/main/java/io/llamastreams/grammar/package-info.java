/**
 * Structured output: a regular expression, a list of choices, a JSON Schema or a GBNF grammar, compiled to say at each step
 * which tokens may come next, so that the text is always a whole one of its language, however short it has to be.
 *
 * <p>{@link io.llamastreams.grammar.Grammar} and {@link io.llamastreams.grammar.GrammarState} are the door. Others see nothing
 * of the rooms but what the door's signatures name: {@link io.llamastreams.grammar.mask.TokenBytes}, and {@link
 * io.llamastreams.grammar.rule.GrammarException}, which all rooms above it throw.
 *
 * <pre>
 *   door --> schema --> regex --> rule --> automaton      a notation is read into rules
 *      +-----> gbnf ---------------^
 *      +-----> mask ---------------^                      rules become an automaton, stacks, masks
 * </pre>
 *
 * <p>What comes out never depends on what was remembered. Uses the JDK and Jackson. Any thread, except for {@link
 * io.llamastreams.grammar.GrammarState}, which has one owner.
 */
package io.llamastreams.grammar;
