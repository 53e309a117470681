/**
 * How far batches are: what was announced and seen of each, what has ended, and the table that instances are asked for.
 * StreamThread of its task; the table is for any thread.
 */
package io.llamastreams.topology.batch;
