/**
 * Writes models into GGUF files, of the kind that {@code model.load} and llama.cpp read.
 *
 * <p>A file is there as a whole or not at all: it is written beside its place and renamed. What else a file says, the vocabulary
 * above all, comes in as keys and values: this package knows no tokenizer. May use {@code tensor} and the configuration record of
 * {@code model}. Any thread; a list of keys has one owner.
 */
package io.llamastreams.model.save;
