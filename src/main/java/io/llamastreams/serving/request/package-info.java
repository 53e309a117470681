/**
 * From a prompt to requests of the engine: {@link io.llamastreams.serving.request.PromptReader} checks it, counts its tokens and
 * has it turned into one request for texts or several for scores, with the constraint that holds a text to its structure.
 *
 * <p>Uses {@code chat}, {@code options}, {@code result} for who gathers the answers, and grammar. Any thread.
 */
package io.llamastreams.serving.request;
