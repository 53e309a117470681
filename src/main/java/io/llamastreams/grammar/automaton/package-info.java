/**
 * Finite automata over ranges of numbers, which are code points here and bytes there, and sets of code points. Intersection and
 * difference of languages are what schemas are merged with.
 *
 * <p>Knows neither rules nor notations; uses the JDK only. {@link io.llamastreams.grammar.automaton.Nfa} is built by one
 * thread; everything else is immutable and for any thread. States are bounded by who asks: beyond that, {@link
 * io.llamastreams.grammar.automaton.LanguageTooLargeException}.
 */
package io.llamastreams.grammar.automaton;
