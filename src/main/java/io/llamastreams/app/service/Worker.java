package io.llamastreams.app.service;

import io.llamastreams.app.client.Cluster;
import io.llamastreams.serving.TextEngine;
import io.llamastreams.topology.LlamaService;
import io.llamastreams.topology.TopologyConfig;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.streams.KafkaStreams;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The service in this process, from its first sign of life to its last. Main thread.
 *
 * <pre>
 *   start:   cluster answers -> registry answers -> model loaded, engine runs -> topics there -> streams run
 *   close:   engine drained (texts may end for llama.drain.ms; the others come back with their tokens)
 *            -> streams (what has ended is committed; what has not stays pending for other workers; the group is left)
 *            -> engine, after the step it is in -> its memory -> registry client
 * </pre>
 */
public final class Worker implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);

    private final LlamaService service;
    private final Duration drainTime;
    private final long startNanos;

    private Worker(LlamaService service, Duration drainTime, long startNanos) {
        this.service = service;
        this.drainTime = drainTime;
        this.startNanos = startNanos;
    }

    /**
     * Starts the service; returns before its first prompt.
     *
     * @throws io.llamastreams.app.client.ClusterException if no broker answers
     * @throws RuntimeException as {@link LlamaService#open(TopologyConfig, io.llamastreams.topology.TimeSource)}
     */
    public static Worker start(TopologyConfig config) throws InterruptedException {
        long startNanos = System.nanoTime();
        // Kafka Streams would go on trying for ever; and a model is loaded for nothing where no broker is.
        Cluster.connect(config.adminConfig()).close();
        LlamaService service = LlamaService.open(config, new SystemTime());
        boolean complete = false;
        try {
            service.start();
            complete = true;
            LOG.info("worker started: config={}", config);
            return new Worker(service, config.drainTime(), startNanos);
        } finally {
            if (!complete) {
                service.close(CLOSE_TIMEOUT);
            }
        }
    }

    public TextEngine engine() {
        return service.engine();
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
        long closeNanos = System.nanoTime();
        boolean drained = service.drain(drainTime);
        boolean ended = service.close(CLOSE_TIMEOUT);
        LOG.info(
                "worker stopped: in_time={} drained={} close_ms={} uptime_s={} counts={}",
                ended,
                drained,
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - closeNanos),
                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNanos),
                service.counts());
    }
}
