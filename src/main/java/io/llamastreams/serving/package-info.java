/**
 * Text in, text out. Here stand the words that callers speak: what they ask ({@link io.llamastreams.serving.Prompt}), what they
 * are told ({@link io.llamastreams.serving.Generation}), and the digests of both. Shared by the topology and the command line.
 *
 * <p>The work is done in rooms above these words; who wants texts opens a {@code session.TextEngine}, which is one model with its
 * engine, and on it a {@code session.TextSession} for each thread.
 *
 * <pre>
 *   session --> request --> chat, result --> serving's own --> options
 *                           chat --> template
 * </pre>
 *
 * <p>Uses tokenizer, grammar, engine and model. A prompt that cannot be served is a value with the reason; a model that cannot be
 * opened is an exception with one line. Values are immutable and for any thread.
 */
package io.llamastreams.serving;
