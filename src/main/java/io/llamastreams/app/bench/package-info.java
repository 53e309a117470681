/**
 * Measures the speed of a model's forward pass, without scheduler and Kafka. Runs on the command's thread.
 */
package io.llamastreams.app.bench;
