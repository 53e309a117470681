/**
 * The operations of a forward pass, each with arithmetic defined to the last bit.
 *
 * <p>Every implementation computes exactly the same: an element of a matrix product is one sum over k in order, one fused
 * multiply-add for each k or, where weights are quantised, for each block of 32, whose sum is exact; sums across a row use 16 virtual lanes and one fixed tree; elementary functions are
 * {@link io.llamastreams.tensor.kernel.ExactMath}'s. So neither vector width, batch nor threads can change a bit.
 * {@link io.llamastreams.tensor.kernel.WorkerPool} shares the work of one operation between threads.
 */
package io.llamastreams.tensor.kernel;
