/**
 * The stream topology put together, and the service that runs it: client properties, records that cannot be read, failures of
 * stream threads, fenced clients, and other runs of the group.
 *
 * <p>The top of the stair: nothing else of the topology uses it.
 */
package io.llamastreams.topology.service;
