package io.llamastreams.topology.record;

import io.llamastreams.serving.Prompt;
import java.util.Optional;

/**
 * Cancels prompts: the value of a record on the control topic, of which each partition gets one.
 *
 * @param id a new one for each command
 * @param requestId only prompts of this id
 * @param batchId only prompts of this batch
 * @param tenant only prompts of this tenant
 * @param reason for the completions to tell; may be empty
 */
public record ControlCommand(
        String id, Optional<String> requestId, Optional<String> batchId, Optional<String> tenant, String reason)
        implements Arrival {

    /** @throws IllegalArgumentException if it is about neither a request nor a batch */
    public ControlCommand {
        if (requestId.isEmpty() && batchId.isEmpty()) {
            throw new IllegalArgumentException(
                    "command " + id + ": expected a request id or a batch id, found neither");
        }
    }

    /** Whether it is about a prompt. */
    public boolean covers(Prompt prompt) {
        return requestId.map(prompt.id()::equals).orElse(true)
                && batchId.map(prompt.batchId()::equals).orElse(true)
                && tenant.map(prompt.tenant()::equals).orElse(true);
    }

    /** What the completion of a prompt that it ended says. */
    public String message() {
        return "cancelled by command " + id + (reason.isEmpty() ? "" : ": " + reason);
    }
}
