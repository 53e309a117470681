/**
 * Number formats of weights: what each byte of a block means, in plain scalar code.
 *
 * <p>This is the truth that kernels are tested against, and what loading and test tools use; it is not fast. JDK only,
 * no state, any thread.
 */
package io.llamastreams.tensor.quant;
