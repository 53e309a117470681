/**
 * The worker's HTTP endpoint: is it well, how much has it to do, how far are batches. For probes, monitoring and autoscaling;
 * it changes nothing and tells neither prompts nor texts nor the configuration.
 *
 * <p>May use topology's values and the JDK's HTTP server, which nobody else knows; knows no commands. Each request has a
 * thread of its own; what they look at is safe for any thread.
 */
package io.llamastreams.app.http;
