package io.llamastreams.app.service;

/** A worker's numbers in JMX; what they are stands at {@link io.llamastreams.topology.record.PromptCounts} and the engine's status. */
public interface WorkerMetricsMXBean {

    boolean isReady();

    long getPendingPrompts();

    long getPendingTokens();

    int getRunningRequests();

    long getPromptsReceived();

    long getPromptsEnded();

    long getPromptTokens();

    long getCompletionTokens();

    int getKvBlocksUsed();

    int getKvBlocksTotal();
}
