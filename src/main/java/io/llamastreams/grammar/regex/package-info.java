/**
 * Regular expressions, read into rules or into an automaton over code points; {@code schema} reads its patterns here too.
 *
 * <p>Uses {@code rule} and {@code automaton}. The thread that compiles.
 */
package io.llamastreams.grammar.regex;
