package io.llamastreams.topology.config;

import java.time.Duration;

/**
 * How a task takes prompts in.
 *
 * @param sizes what is too much
 * @param times what is too long
 * @param resuming when running texts are stored
 * @param attempts at prompts whose workers die
 * @param duplicates how they are recognised
 */
public record IntakeLimits(Sizes sizes, Times times, Resuming resuming, Attempts attempts, DuplicateLimits duplicates) {

    /**
     * What is too much.
     *
     * @param maxPending pending prompts above which intake slows down
     * @param maxPromptBytes stored size above which a prompt is refused
     * @param maxAnswerBytes size of an answer above which a prompt fails
     */
    public record Sizes(int maxPending, int maxPromptBytes, int maxAnswerBytes) {}

    /**
     * What is too long.
     *
     * @param longestWait time that intake holds up the stream thread between two ticks
     * @param defaultDeadline from a prompt record's timestamp, for prompts that have none; zero for none
     * @param controlRetention how long a command holds
     * @param tick pause between two looks for generated texts
     */
    public record Times(Duration longestWait, Duration defaultDeadline, Duration controlRetention, Duration tick) {}

    /**
     * When running texts are stored.
     *
     * @param tokens new ones after which a text is stored
     * @param time after which it is stored if it has grown
     */
    public record Resuming(int tokens, Duration time) {}

    /**
     * Attempts at prompts whose workers die.
     *
     * @param max at a prompt whose worker dies each time
     * @param engineBatch texts that the engine makes at a time
     */
    public record Attempts(int max, int engineBatch) {}

    public static IntakeLimits of(TopologyConfig config) {
        return new IntakeLimits(
                new Sizes(config.maxPending(), config.maxPromptBytes(), config.maxAnswerBytes()),
                new Times(config.intakeWait(), config.defaultDeadline(), config.controlRetention(), config.tick()),
                new Resuming(config.resumeTokens(), config.resumeTime()),
                new Attempts(
                        config.maxAttempts(), config.engineSettings().limits().maxBatchSequences()),
                config.duplicates());
    }
}
