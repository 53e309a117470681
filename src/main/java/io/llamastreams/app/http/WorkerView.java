package io.llamastreams.app.http;

import io.llamastreams.engine.EngineStatus;
import io.llamastreams.topology.batch.BatchTable;
import io.llamastreams.topology.record.PromptCounts;
import java.util.Optional;

/** What the endpoint shows of a worker. Any thread. */
public interface WorkerView {

    /** Where the streams are, in Kafka's words. */
    String state();

    /** Whether it has its partitions and takes prompts. */
    boolean isReady();

    /** Why it stopped by itself; empty as long as it has not. */
    Optional<String> failure();

    PromptCounts counts();

    EngineStatus engine();

    String modelName();

    BatchTable batches();
}
