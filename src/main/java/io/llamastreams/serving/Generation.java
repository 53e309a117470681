package io.llamastreams.serving;

import java.util.List;
import java.util.Optional;

/**
 * How a request ended. Every accepted or refused prompt has exactly one.
 *
 * @param id of the request
 * @param status how it ended
 * @param text the text that was made, cut before a stop string; empty when rejected or failed
 * @param tokenIds the tokens that were made, a closing stop token included
 * @param logprobs one for each of {@code tokenIds}, or empty when they were not asked for
 * @param finishReason present when the status is SUCCEEDED or CANCELLED
 * @param usage what it cost
 * @param seed that was used
 * @param error why it was rejected or failed; empty otherwise
 */
public record Generation(
        String id,
        Status status,
        String text,
        List<Integer> tokenIds,
        List<Float> logprobs,
        Optional<String> finishReason,
        Usage usage,
        long seed,
        String error) {

    /** How a request may end; the names are those of the completion records. */
    public enum Status {
        SUCCEEDED,
        REJECTED,
        FAILED,
        CANCELLED,
        EXPIRED
    }

    public Generation {
        tokenIds = List.copyOf(tokenIds);
        logprobs = List.copyOf(logprobs);
    }

    /** The end of a prompt that was never given to the engine. */
    public static Generation rejected(String id, String reason) {
        return new Generation(id, Status.REJECTED, "", List.of(), List.of(), Optional.empty(), Usage.NONE, 0, reason);
    }
}
