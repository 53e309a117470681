/**
 * What lies on topics and in stores, as plain values: prompts that came in, completions, statistics, usage, batches, commands,
 * differences. Immutable; any thread.
 *
 * <p>Uses serving's values, Kafka's types and the name of the registry's header, and nothing else of the topology.
 */
package io.llamastreams.topology.record;
