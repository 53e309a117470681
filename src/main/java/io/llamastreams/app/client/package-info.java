/**
 * Kafka clients of the commands: is the broker there, prompts onto a topic, records of a topic out again.
 *
 * <p>May use Kafka's clients and the values and serdes of serving and topology; prints nothing. Each object belongs to
 * the thread that made it, unless it says otherwise.
 */
package io.llamastreams.app.client;
