/**
 * The Llama 2 architecture: its shape, its weights, its KV memory and one forward pass over a batch of tokens.
 *
 * <p>Uses {@code tensor} and, as everybody may, {@code stats}. Models are read on any thread; {@link io.llamastreams.model.LlamaForward} belongs to the
 * engine thread and shares its loops with a worker pool. Scheduling, sampling and text are other people's work.
 */
package io.llamastreams.model;
