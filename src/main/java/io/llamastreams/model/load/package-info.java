/**
 * Model files on disk, checked and mapped into memory: GGUF today.
 *
 * <p>A file is outside input: whatever is wrong with it ends in one {@link
 * io.llamastreams.model.load.ModelFormatException} that names file, thing, expected and found, before anything of a size
 * that the file claims is allocated. What leaves this package can be trusted. May use {@code tensor} and the
 * configuration record of {@code model}. Runs on the thread that opens a model; the values are immutable and any thread
 * may read them while the arena handed in is open.
 */
package io.llamastreams.model.load;
