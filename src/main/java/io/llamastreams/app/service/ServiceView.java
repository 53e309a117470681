package io.llamastreams.app.service;

import io.llamastreams.app.http.WorkerView;
import io.llamastreams.engine.EngineStatus;
import io.llamastreams.topology.batch.BatchTable;
import io.llamastreams.topology.record.PromptCounts;
import io.llamastreams.topology.service.LlamaService;
import java.util.Optional;
import org.apache.kafka.streams.KafkaStreams;

/**
 * What others may see of a running service. Any thread.
 *
 * @param ending whether the service is being put down
 */
record ServiceView(LlamaService service, Ending ending) implements WorkerView {

    /** Whether it is. Any thread. */
    interface Ending {
        boolean hasBegun();
    }

    @Override
    public String state() {
        return ending.hasBegun() ? "ENDING" : service.state().name();
    }

    @Override
    public boolean isReady() {
        return !ending.hasBegun() && service.state() == KafkaStreams.State.RUNNING;
    }

    @Override
    public Optional<String> failure() {
        return service.failure();
    }

    @Override
    public PromptCounts counts() {
        return service.counts();
    }

    @Override
    public EngineStatus engine() {
        return service.engine().status();
    }

    @Override
    public String modelName() {
        return service.engine().modelName();
    }

    @Override
    public BatchTable batches() {
        return service.batches();
    }
}
