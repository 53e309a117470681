/**
 * How weights follow their gradients: AdamW with clipping and decay, and the rate over the steps. All parameters of a model
 * lie in one array, and so do gradients and moments; {@link io.llamastreams.training.optimiser.ParameterTensor} says what
 * lies where. Training thread only, which may have its loops done by a worker pool: results are the same to the bit for
 * any number of threads. Uses the JDK and the pool alone. Source: Touvron et al. 2023 (Llama 2), section 2.2.
 */
package io.llamastreams.training.optimiser;
