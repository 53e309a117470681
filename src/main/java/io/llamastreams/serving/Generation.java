package io.llamastreams.serving;

import java.util.List;
import java.util.Optional;

/**
 * How a request ended. Every accepted or refused prompt has exactly one.
 *
 * @param id of the request
 * @param status how it ended
 * @param answer what came of it; nothing when rejected or failed, what there was when cancelled or expired
 * @param usage what it cost
 * @param seed that was used
 * @param error why it was rejected, failed, expired or cancelled; empty otherwise
 */
public record Generation(String id, Status status, Answer answer, Usage usage, long seed, String error) {

    private static final String EXPIRED = "deadline_ms: the deadline has passed";

    /** How a request may end; the names are those of the completion records. */
    public enum Status {
        SUCCEEDED,
        REJECTED,
        FAILED,
        CANCELLED,
        EXPIRED
    }

    /** The end of a prompt that was never given to the engine. */
    public static Generation rejected(String id, String reason) {
        return new Generation(id, Status.REJECTED, new Answer.Nothing(), Usage.NONE, 0, reason);
    }

    /** The end of a prompt by an error before the engine had it. */
    public static Generation failed(String id, String error) {
        return failed(id, Usage.NONE, 0, error);
    }

    public static Generation failed(String id, Usage usage, long seed, String error) {
        return new Generation(id, Status.FAILED, new Answer.Nothing(), usage, seed, error);
    }

    /** The end of a prompt by the engine's will or the caller's. */
    public static Generation ended(String id, Status status, Answer answer, Usage usage, long seed) {
        return new Generation(id, status, answer, usage, seed, status == Status.EXPIRED ? EXPIRED : "");
    }

    /** The end of a prompt whose deadline passed before the engine had it. */
    public static Generation expired(String id, long seed) {
        return ended(id, Status.EXPIRED, new Answer.Nothing(), Usage.NONE, seed);
    }

    /** The end of a prompt that was cancelled before the engine had it. */
    public static Generation cancelled(String id, long seed, String reason) {
        return expired(id, seed).cancelled(reason);
    }

    /** The same, as cancelled for this reason. */
    public Generation cancelled(String reason) {
        return new Generation(id, Status.CANCELLED, answer, usage, seed, reason);
    }

    /** The texts; none if something else was asked for, or nothing came of it. */
    public List<Choice> choices() {
        return answer.choices();
    }

    /** The first text; empty if there is none. */
    public String text() {
        return first().map(Choice::text).orElse("");
    }

    /** Tokens of the first text. */
    public List<Integer> tokenIds() {
        return first().map(Choice::tokenIds).orElse(List.of());
    }

    /** Log-probabilities of the first text's tokens. */
    public List<Float> logprobs() {
        return first().map(Choice::logprobs).orElse(List.of());
    }

    /** Why the first text ended. */
    public Optional<String> finishReason() {
        return first().flatMap(Choice::finishReason);
    }

    private Optional<Choice> first() {
        return choices().stream().findFirst();
    }
}
