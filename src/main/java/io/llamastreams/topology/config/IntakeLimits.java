package io.llamastreams.topology.config;

import java.time.Duration;

/**
 * How a task takes prompts in.
 *
 * @param maxPending pending prompts above which intake slows down
 * @param maxPromptBytes stored size above which a prompt is refused
 * @param maxAnswerBytes size of an answer above which a prompt fails
 * @param longestWait time that intake holds up the stream thread between two ticks
 * @param resumeTokens new tokens of a running text after which it is stored
 * @param resumeTime time after which it is stored if it has grown
 * @param defaultDeadline from a prompt record's timestamp, for prompts that have none; zero for none
 * @param controlRetention how long a command holds
 * @param maxAttempts at a prompt whose worker dies each time
 * @param engineBatch texts that the engine makes at a time
 * @param duplicates how they are recognised
 * @param tick pause between two looks for generated texts
 */
public record IntakeLimits(
        int maxPending,
        int maxPromptBytes,
        int maxAnswerBytes,
        Duration longestWait,
        int resumeTokens,
        Duration resumeTime,
        Duration defaultDeadline,
        Duration controlRetention,
        int maxAttempts,
        int engineBatch,
        DuplicateLimits duplicates,
        Duration tick) {

    public static IntakeLimits of(TopologyConfig config) {
        return new IntakeLimits(
                config.maxPending(),
                config.maxPromptBytes(),
                config.maxAnswerBytes(),
                config.intakeWait(),
                config.resumeTokens(),
                config.resumeTime(),
                config.defaultDeadline(),
                config.controlRetention(),
                config.maxAttempts(),
                config.engineSettings().limits().maxBatchSequences(),
                config.duplicates(),
                config.tick());
    }
}
