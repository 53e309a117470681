/**
 * What a model thinks of given tokens: logits and likelihoods, by forward passes without an engine. Uses model and tensor. Main
 * thread.
 */
package io.llamastreams.app.scoring;
