package io.llamastreams.topology;

/** What a task sends out. */
sealed interface Departure permits Outcome, ControlAcknowledgement {}
