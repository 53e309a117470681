/**
 * The operations as vector code: the only users of {@code jdk.incubator.vector}.
 *
 * <p>{@link io.llamastreams.tensor.vector.KernelProvider} chooses an implementation. The vector classes fix their width in
 * static finals, as the compiler needs it; a width other than the processor's own is had by loading them once more through a
 * loader that tells them theirs.
 */
package io.llamastreams.tensor.vector;
