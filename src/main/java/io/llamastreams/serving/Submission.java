package io.llamastreams.serving;

/** What became of a prompt that was submitted. */
public sealed interface Submission {

    /**
     * The prompt is in the engine: its {@link Generation} will come out of {@code TextSession.poll}.
     *
     * @param promptTokens of all its requests together
     */
    record Accepted(int promptTokens) implements Submission {}

    /** There is no room now: submit the same prompt again after a {@code TextSession.poll}. */
    record Busy(String reason) implements Submission {}

    /**
     * The prompt has ended: its generation is REJECTED and says why it can never be served here, or EXPIRED.
     */
    record Refused(Generation generation) implements Submission {}
}
