package io.llamastreams.deploy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.testcontainers.containers.BindMode;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.ImageFromDockerfile;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * A broker, a schema registry and workers from the service's own image, in containers on one network. The image is built
 * from {@code deploy/Dockerfile} and the packaged jar, so the jar must be there.
 */
final class ContainerCluster implements AutoCloseable {

    private static final DockerImageName KAFKA = DockerImageName.parse("apache/kafka:4.3.1");
    private static final DockerImageName REGISTRY =
            DockerImageName.parse("apicurio/apicurio-registry-mem:2.6.13.Final");
    private static final String REGISTRY_PATH = "/apis/ccompat/v7";
    private static final int REGISTRY_PORT = 8080;

    private final Network network = Network.newNetwork();
    private final KafkaContainer broker =
            new KafkaContainer(KAFKA).withNetwork(network).withListener("broker:19092");
    private final GenericContainer<?> registry = new GenericContainer<>(REGISTRY)
            .withNetwork(network)
            .withNetworkAliases("registry")
            .withExposedPorts(REGISTRY_PORT)
            .waitingFor(Wait.forHttp(REGISTRY_PATH + "/subjects").withStartupTimeout(Duration.ofMinutes(3)));
    private final ImageFromDockerfile image = new ImageFromDockerfile()
            .withFileFromPath("Dockerfile", Path.of("deploy/Dockerfile"))
            .withFileFromPath("target/llama-streams.jar", Path.of("target/llama-streams.jar"))
            .withFileFromPath("target/lib", Path.of("target/lib"));
    private final List<WorkerContainer> workers = new ArrayList<>();

    ContainerCluster() {
        try {
            broker.start();
            registry.start();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** For clients in this process. */
    String bootstrapServers() {
        return broker.getBootstrapServers();
    }

    /** For clients in this process. */
    String registryUrl() {
        return "http://" + registry.getHost() + ":" + registry.getMappedPort(REGISTRY_PORT) + REGISTRY_PATH;
    }

    /**
     * Starts one more worker and waits until it serves.
     *
     * @param model file on this machine
     * @param configuration keys besides those that say where broker, registry and model are
     */
    WorkerContainer startWorker(Path model, Map<String, String> configuration) {
        Map<String, String> all = new LinkedHashMap<>(Map.of(
                "bootstrap.servers", "broker:19092",
                "schema.registry.url", "http://registry:" + REGISTRY_PORT + REGISTRY_PATH,
                "llama.model", "/models"));
        all.putAll(configuration);
        String properties = all.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining("\n"));
        GenericContainer<?> container = new GenericContainer<>(image)
                .withNetwork(network)
                .withFileSystemBind(model.toString(), "/models/model.gguf", BindMode.READ_ONLY)
                .withCopyToContainer(Transferable.of(properties), "/etc/llama-streams/worker.properties")
                .waitingFor(Wait.forHealthcheck().withStartupTimeout(Duration.ofMinutes(2)));
        WorkerContainer worker = new WorkerContainer(container);
        workers.add(worker);
        container.start();
        return worker;
    }

    @Override
    public void close() {
        workers.forEach(worker -> worker.container().stop());
        registry.stop();
        broker.stop();
        network.close();
    }
}
