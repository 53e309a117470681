/**
 * Text to token ids and back, as the SentencePiece library does it for Llama 2: byte-pair encoding with a dummy space in
 * front, spaces written as U+2581, and characters outside the vocabulary written as their UTF-8 bytes.
 *
 * <p>Text is data: nothing a text contains turns into a control token, and the names of byte tokens are not read as bytes.
 * Uses the JDK alone. Any thread, except for {@link io.llamastreams.tokenizer.TextDecoder}, which has one owner.
 */
package io.llamastreams.tokenizer;
