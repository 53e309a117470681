/**
 * From a row of logits and a random number to a token id, with every bit defined: probabilities become whole numbers before
 * they are added, so no order of summation can change a choice. Uses tensor.kernel and engine.request. Engine thread, which
 * may share the rows of a step with its workers; allocates nothing per token.
 */
package io.llamastreams.engine.sampling;
