/**
 * What a service is told: its keys with their ranges, topics and their names, limits of the intake, and the clock that all of
 * it goes by. Immutable; any thread.
 *
 * <p>Knows no records, and no part of the topology that reads it.
 */
package io.llamastreams.topology.config;
