/**
 * The part of the topology that holds completions against those of another application over the same prompts. StreamThread of
 * its task.
 */
package io.llamastreams.topology.replay;
