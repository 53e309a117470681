package io.llamastreams.topology;

/** What comes to a task. */
sealed interface Arrival permits IncomingPrompt, ControlCommand {}
