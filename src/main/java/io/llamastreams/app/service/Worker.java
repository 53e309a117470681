package io.llamastreams.app.service;

import io.llamastreams.app.client.Cluster;
import io.llamastreams.app.http.HttpEndpoint;
import io.llamastreams.app.http.ListenAddress;
import io.llamastreams.serving.session.TextEngine;
import io.llamastreams.topology.config.TopologyConfig;
import io.llamastreams.topology.service.LlamaService;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The service in this process, from its first sign of life to its last. Main thread.
 *
 * <pre>
 *   start:   cluster answers -> HTTP endpoint answers -> registry answers -> model loaded, engine runs -> topics there
 *            -> streams run
 *   close:   engine drained (texts may end for llama.drain.ms; the others come back with their tokens)
 *            -> streams (what has ended is committed; what has not stays pending for other workers; the group is left)
 *            -> engine, after the step it is in -> its memory -> registry client -> HTTP endpoint
 * </pre>
 */
public final class Worker implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Worker.class);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);

    private final LlamaService service;
    private final Duration drainTime;
    private final Optional<HttpEndpoint> endpoint;
    private final WorkerMetrics metrics;
    private final long startNanos;
    private volatile boolean ending;

    private Worker(LlamaService service, Optional<HttpEndpoint> endpoint, Duration drainTime, long startNanos) {
        this.service = service;
        this.endpoint = endpoint;
        this.drainTime = drainTime;
        this.startNanos = startNanos;
        ServiceView view = new ServiceView(service, () -> ending);
        endpoint.ifPresent(open -> open.show(view));
        metrics = WorkerMetrics.register(view);
    }

    /**
     * Starts the service; returns before its first prompt. The HTTP endpoint, if there is one, answers meanwhile.
     *
     * @throws io.llamastreams.app.client.ClusterException if no broker answers
     * @throws java.io.UncheckedIOException if the HTTP endpoint cannot listen
     * @throws RuntimeException as {@link LlamaService#open(TopologyConfig, io.llamastreams.topology.config.TimeSource)}
     */
    public static Worker start(TopologyConfig config) throws InterruptedException {
        long startNanos = System.nanoTime();
        // Kafka Streams would go on trying for ever; and a model is loaded for nothing where no broker is.
        Cluster.connect(config.adminConfig()).close();
        Optional<HttpEndpoint> endpoint = openEndpoint(config);
        LlamaService service = null;
        Worker worker = null;
        boolean complete = false;
        try {
            service = LlamaService.open(reachable(config, endpoint), new SystemTime());
            worker = new Worker(service, endpoint, config.drainTime(), startNanos);
            service.start();
            complete = true;
            log.info("worker started: config={}", config);
            return worker;
        } finally {
            if (!complete) {
                if (worker != null) {
                    worker.metrics.close();
                }
                if (service != null) {
                    service.close(CLOSE_TIMEOUT);
                }
                endpoint.ifPresent(HttpEndpoint::close);
            }
        }
    }

    private static Optional<HttpEndpoint> openEndpoint(TopologyConfig config) {
        Optional<String> listen = config.httpListen();
        return listen.isEmpty()
                ? Optional.empty()
                : Optional.of(HttpEndpoint.open(
                        ListenAddress.parse(TopologyConfig.HTTP_LISTEN, listen.get()), config.httpToken()));
    }

    /** Tells the group where this instance's endpoint is. */
    private static TopologyConfig reachable(TopologyConfig config, Optional<HttpEndpoint> endpoint) {
        return endpoint.map(open -> config.withDefault(
                        StreamsConfig.APPLICATION_SERVER_CONFIG, ListenAddress.advertised(open.address())))
                .orElse(config);
    }

    public TextEngine engine() {
        return service.engine();
    }

    /** Where the HTTP endpoint listens; empty if there is none. */
    public Optional<InetSocketAddress> httpAddress() {
        return endpoint.map(HttpEndpoint::address);
    }

    /** Whether the streams have their partitions and take prompts. */
    public boolean isRunning() {
        return service.state() == KafkaStreams.State.RUNNING;
    }

    /** Why the service stopped by itself; empty as long as it has not. */
    public Optional<String> failure() {
        return service.failure();
    }

    @Override
    public void close() {
        ending = true;
        long closeNanos = System.nanoTime();
        boolean drained = service.drain(drainTime);
        boolean ended = service.close(CLOSE_TIMEOUT);
        log.info(
                "worker stopped: in_time={} drained={} close_ms={} uptime_s={} counts={}",
                ended,
                drained,
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - closeNanos),
                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNanos),
                service.counts());
        metrics.close();
        endpoint.ifPresent(HttpEndpoint::close);
    }
}
