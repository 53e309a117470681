/**
 * Which tokens may come next. Rules become one automaton over bytes ({@link io.llamastreams.grammar.mask.RuleAutomaton}), whose
 * transitions are bytes or calls of other rules. A place in a text is a set of stacks of its nodes, kept as a tree with shared
 * parts ({@link io.llamastreams.grammar.mask.StackSet}); where a byte leads ({@link io.llamastreams.grammar.mask.StackMachine})
 * and which tokens fit ({@link io.llamastreams.grammar.mask.MaskMaker}) is computed when first asked for and remembered
 * ({@link io.llamastreams.grammar.mask.StateCache}).
 *
 * <p>Uses {@code rule} and {@code automaton}, knows no notation. Any thread: the threads of all texts share the cache.
 */
package io.llamastreams.grammar.mask;
