/**
 * Learns the vocabulary of a new model from texts, and writes vocabularies into files: as {@code tokenizer.model} of
 * SentencePiece, and as the keys that GGUF files carry.
 *
 * <p>The same texts give the same vocabulary on every machine. Uses {@code tokenizer} for the vocabulary itself and {@code
 * model.save} for the keys. No state, any thread.
 */
package io.llamastreams.training.vocabulary;
