package io.llamastreams.topology;

/**
 * What all tasks of a service have in common.
 *
 * @param sessions the engine
 * @param shares who may use it how much
 * @param counters what was done
 * @param time for waiting
 * @param engineVersion for the lineage of completions
 */
record Surroundings(
        PromptSessions sessions, FairShare shares, PromptCounters counters, TimeSource time, String engineVersion) {

    Surroundings(PromptSessions sessions, PromptCounters counters, TimeSource time, String engineVersion) {
        this(sessions, new FairShare(), counters, time, engineVersion);
    }
}
