package io.llamastreams.topology.prompt;

import io.llamastreams.topology.config.TimeSource;

/**
 * What all tasks of a service have in common.
 *
 * @param sessions the engine
 * @param fairness who may use it how much
 * @param quarantine who has it alone
 * @param drain how far stopping has come
 * @param peers this run of the service and others
 * @param counters what was done
 * @param time for waiting
 * @param engineVersion for the lineage of completions
 */
public record TaskContext(
        PromptSessions sessions,
        TaskFairness fairness,
        Quarantine quarantine,
        Drain drain,
        Peers peers,
        PromptCounters counters,
        TimeSource time,
        String engineVersion) {

    public TaskContext(
            PromptSessions sessions, Peers peers, PromptCounters counters, TimeSource time, String engineVersion) {
        this(sessions, new TaskFairness(), new Quarantine(), new Drain(), peers, counters, time, engineVersion);
    }
}
