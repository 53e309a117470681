package io.llamastreams.topology.record;

/** What a task sends out. */
public sealed interface Departure permits Outcome, ControlAcknowledgement {}
