/**
 * Invented customer-support tickets with their truth, and plain text from the same world: what a small Llama 2 learns
 * from and is then measured on. Everything is a function of (split, seed, index). What customers say stands in the
 * resource folder of the same name, each line marked for the training split or for the held-out one; names and numbers
 * are composed here, and a hash of the whole value decides its split. JDK only; no thread, no clock. Any thread.
 */
package io.llamastreams.training.tickets;
