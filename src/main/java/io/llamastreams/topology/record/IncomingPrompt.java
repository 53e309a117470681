package io.llamastreams.topology.record;

import io.llamastreams.serving.Prompt;
import java.util.Optional;

/**
 * A prompt record that could be read. What its schema cannot forbid but no {@link Prompt} can express is a fault: such a
 * record is refused, not dead, since its sender can be told.
 *
 * @param prompt what is asked for; an empty text where there is a fault
 * @param fault why it must be refused; empty if there is nothing to say against it
 * @param moved the record that the user sent, where this one is a copy of it on another partition
 */
public record IncomingPrompt(Prompt prompt, String fault, Optional<PendingPrompt> moved) implements Arrival {

    /** On the record that the user sent. */
    public IncomingPrompt(Prompt prompt, String fault) {
        this(prompt, fault, Optional.empty());
    }
}
