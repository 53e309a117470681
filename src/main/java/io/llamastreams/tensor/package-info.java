/**
 * Memory and maths: block formats of weights, the operations of a forward pass in a scalar and a vector form, and the
 * threads that share their work. Knows numbers, not models; uses the JDK alone.
 */
package io.llamastreams.tensor;
