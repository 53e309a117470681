/**
 * Dialogues as the token ids of a prompt: Llama 2's own form, or a chat template's. What people say is data and never becomes a
 * control token.
 *
 * <p>Uses serving's own values, {@code template}, the tokenizer and what a model's file says. Everything here is immutable; any thread.
 */
package io.llamastreams.serving.chat;
