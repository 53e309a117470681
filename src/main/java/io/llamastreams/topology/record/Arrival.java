package io.llamastreams.topology.record;

/** What comes to a task. */
public sealed interface Arrival permits IncomingPrompt, ControlCommand {}
