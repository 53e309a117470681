/**
 * A prompt's life, from the record that a task takes in to the outcome that it sends out: pending prompts and their store,
 * the hand-over to the engine, attempts, duplicates, commands, deadlines, and who may use the engine how much.
 *
 * <p>StreamThread of its task, but for what tasks of a service have in common, which says so. The engine has its own thread and is
 * met only through a task's own {@link io.llamastreams.topology.prompt.PromptSession}.
 */
package io.llamastreams.topology.prompt;
