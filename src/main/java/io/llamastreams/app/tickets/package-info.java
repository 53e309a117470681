/**
 * Invented support tickets as request lines with their expected answers: the same ones for all commands. Uses
 * {@code training.tickets} and {@code app.jsonl}. One thread for a stream, any for the rest.
 */
package io.llamastreams.app.tickets;
