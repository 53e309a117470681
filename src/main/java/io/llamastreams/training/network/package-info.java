/**
 * The network as training sees it: parameters in one array, the forward pass that keeps what the backward pass needs, and the
 * backward pass. The architecture is that of {@link io.llamastreams.model}: RMSNorm, RoPE, SwiGLU, grouped-query attention.
 *
 * <p>Work is cut by tokens, by columns and by heads, never along a sum, so no result depends on the number of threads. The
 * caller's thread and the threads of its {@link io.llamastreams.tensor.kernel.WorkerPool}.
 */
package io.llamastreams.training.network;
