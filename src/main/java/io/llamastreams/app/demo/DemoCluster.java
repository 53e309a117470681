package io.llamastreams.app.demo;

import io.llamastreams.app.broker.EmbeddedBroker;
import io.llamastreams.app.service.TemporaryFolder;
import io.llamastreams.app.service.Worker;
import io.llamastreams.serving.session.TextEngine;
import io.llamastreams.topology.config.TopologyConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A broker and a worker in this process, and the folder of their data.
 *
 * <pre>
 *   opened:  folder -> broker -> worker          closed: the other way round
 * </pre>
 *
 * Main thread.
 */
public final class DemoCluster implements AutoCloseable {

    private static final String REGISTRY = "mock://demo";

    private final TemporaryFolder folder;
    private Optional<EmbeddedBroker> broker = Optional.empty();
    private Optional<Worker> worker = Optional.empty();
    private Optional<TopologyConfig> config = Optional.empty();

    private DemoCluster(TemporaryFolder folder) {
        this.folder = folder;
    }

    /**
     * Starts broker, registry, topics and worker.
     *
     * @param settings keys of the service's configuration that win over those of the demonstration
     * @param facts hears what came up, a line each
     * @throws RuntimeException as {@link EmbeddedBroker#start}, {@link TopologyConfig#of} and {@link Worker#start}
     */
    public static DemoCluster start(Path model, Map<String, String> settings, Consumer<String> facts)
            throws InterruptedException {
        DemoCluster cluster = new DemoCluster(TemporaryFolder.create("llama-streams-demo-"));
        boolean complete = false;
        try {
            cluster.open(model, settings, facts);
            complete = true;
            return cluster;
        } finally {
            if (!complete) {
                cluster.close();
            }
        }
    }

    private void open(Path model, Map<String, String> settings, Consumer<String> facts) throws InterruptedException {
        broker = Optional.of(EmbeddedBroker.start(folder.path().resolve("broker"), 0));
        facts.accept("broker   Kafka at " + broker().bootstrap() + ", in this process, data temporary");
        Map<String, String> given = new LinkedHashMap<>();
        given.put("bootstrap.servers", broker().bootstrap());
        given.put("schema.registry.url", REGISTRY);
        given.put("state.dir", folder.path().resolve("streams").toString());
        given.put(TopologyConfig.MODEL, model.toString());
        // Somebody watches: texts are shown as soon as they are committed.
        given.put("commit.interval.ms", "100");
        given.putAll(settings);
        config = Optional.of(TopologyConfig.of(given));
        worker = Optional.of(Worker.start(config()));
        TextEngine engine = worker().engine();
        facts.accept("model    " + engine.modelName() + ", context "
                + engine.config().contextLength() + " tokens, " + engine.kernelName() + " kernels, KV pool of "
                + (engine.kvCacheBytes() >> 20) + " MiB in " + engine.kvType());
        facts.accept("topics   " + String.join(", ", config().topics().all()));
    }

    EmbeddedBroker broker() {
        return broker.orElseThrow();
    }

    Worker worker() {
        return worker.orElseThrow();
    }

    TopologyConfig config() {
        return config.orElseThrow();
    }

    @Override
    public void close() {
        try {
            worker.ifPresent(Worker::close);
        } finally {
            try {
                broker.ifPresent(EmbeddedBroker::close);
            } finally {
                folder.close();
            }
        }
    }
}
