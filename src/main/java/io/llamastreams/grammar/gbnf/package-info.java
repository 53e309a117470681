/**
 * Grammars in llama.cpp's notation, read into rules.
 *
 * <p>Uses {@code rule} and {@code automaton}. The thread that compiles.
 */
package io.llamastreams.grammar.gbnf;
