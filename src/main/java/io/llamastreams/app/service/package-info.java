/**
 * A worker's life in this process: engine and stream threads up, signals heard, everything down again in order.
 *
 * <p>May use topology, serving, the HTTP endpoint and Kafka's clients; prints nothing but log lines. Main thread, but for the
 * shutdown hook.
 */
package io.llamastreams.app.service;
