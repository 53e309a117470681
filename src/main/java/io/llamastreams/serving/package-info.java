/**
 * Text in, text out: checks prompts, turns them into tokens, gives them to the engine and turns its tokens back into text,
 * cut at stop strings. Shared by the topology and the command line.
 *
 * <p>{@link io.llamastreams.serving.TextEngine} is one model with its engine; each thread that wants texts opens a
 * {@link io.llamastreams.serving.TextSession} of its own. Uses tokenizer, engine and model. A prompt that cannot be served
 * is a value with the reason; a model that cannot be opened is an exception with one line.
 */
package io.llamastreams.serving;
