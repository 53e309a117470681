package io.llamastreams.topology.service;

import io.llamastreams.engine.request.EngineSettingsException;
import io.llamastreams.registry.RetryingSchemaRegistry;
import io.llamastreams.registry.SchemaRegistry;
import io.llamastreams.registry.SchemaRegistryException;
import io.llamastreams.serving.session.TextEngine;
import io.llamastreams.topology.batch.BatchTable;
import io.llamastreams.topology.batch.StreamsBatchTable;
import io.llamastreams.topology.config.TimeSource;
import io.llamastreams.topology.config.Topics;
import io.llamastreams.topology.config.TopologyConfig;
import io.llamastreams.topology.prompt.Drain;
import io.llamastreams.topology.prompt.EngineSessions;
import io.llamastreams.topology.prompt.Peers;
import io.llamastreams.topology.prompt.PromptCounters;
import io.llamastreams.topology.prompt.TaskContext;
import io.llamastreams.topology.record.PromptCounts;
import io.llamastreams.topology.serde.Registries;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One instance of the service: the stream topology with an engine behind it. Several may run in one process, each with a
 * {@code state.dir} of its own; they may share an engine. One thread opens, starts and closes; any thread may look.
 *
 * <pre>
 *   open ---> CREATED --- start ---> REBALANCING <---> RUNNING
 *                                         |               |
 *                                         '---------------+--- close --------------> NOT_RUNNING
 *                                                         '--- too many failures --> ERROR
 * </pre>
 */
public final class LlamaService implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LlamaService.class);
    private static final Duration DEFAULT_CLOSE_TIMEOUT = Duration.ofSeconds(30);

    /** A step of the engine may take long. */
    private static final Duration RECALL_TIMEOUT = Duration.ofSeconds(10);

    /** At the start half a minute is waited for a registry that starts too: 0.25 s, 0.5 s and so on. */
    private static final int REGISTRY_ATTEMPTS_AT_START = 8;

    /** A stream thread waits some seconds at most, since its transaction may last only ten. */
    private static final int REGISTRY_ATTEMPTS = 4;

    private static final Duration REGISTRY_FIRST_PAUSE = Duration.ofMillis(250);

    private final TopologyConfig config;
    private final SchemaRegistry registry;
    private final TextEngine engine;
    private final boolean ownsEngine;
    private final PromptCounters counters = new PromptCounters();
    private final FailurePolicy failures;
    private final TaskContext taskContext;
    private final KafkaStreams streams;
    private final BatchTable batches;
    private boolean closed;

    private LlamaService(
            TopologyConfig config, SchemaRegistry registry, TextEngine engine, boolean ownsEngine, TimeSource time) {
        this.config = config;
        this.registry = registry;
        this.engine = engine;
        this.ownsEngine = ownsEngine;
        failures = new FailurePolicy(time::nanoTime);
        SchemaRegistry patient = new RetryingSchemaRegistry(registry, REGISTRY_ATTEMPTS, REGISTRY_FIRST_PAUSE, time);
        Properties properties = LlamaTopology.properties(config);
        Peers peers = peers(config, properties, time, failures);
        taskContext = new TaskContext(new EngineSessions(engine, time), peers, counters, time, TextEngine.version());
        streams = new KafkaStreams(
                LlamaTopology.build(config, patient, taskContext),
                properties,
                FencedClients.of(properties.getProperty(StreamsConfig.APPLICATION_ID_CONFIG)));
        streams.setUncaughtExceptionHandler(failures);
        batches = new StreamsBatchTable(
                streams, Optional.ofNullable(properties.getProperty(StreamsConfig.APPLICATION_SERVER_CONFIG)));
    }

    /** Kafka's own client ids are as good, but nobody can ask for them before the streams are there. */
    private static Peers peers(TopologyConfig config, Properties properties, TimeSource time, FailurePolicy failures) {
        String application = properties.getProperty(StreamsConfig.APPLICATION_ID_CONFIG);
        long startMillis = time.millis();
        properties.putIfAbsent(
                StreamsConfig.CLIENT_ID_CONFIG,
                application + "-" + Long.toString(startMillis, Character.MAX_RADIX) + "-"
                        + Long.toString(time.nanoTime() & Long.MAX_VALUE, Character.MAX_RADIX));
        return new GroupPeers(
                config.adminConfig(),
                application,
                properties.getProperty(StreamsConfig.CLIENT_ID_CONFIG),
                startMillis,
                failures.failedThreads(),
                time::nanoTime);
    }

    /**
     * Makes an instance with an engine of its own, which is closed with it. Waits for the schema registry for some time and
     * registers the schemas of the topics there; loads the model.
     *
     * @throws ConfigException if there is no model or another key is not right
     * @throws SchemaRegistryException if the registry is not there or refuses
     * @throws RuntimeException as {@link TextEngine#open}
     */
    public static LlamaService open(TopologyConfig config, TimeSource time) {
        SchemaRegistry registry = openRegistry(config, time);
        TextEngine engine = null;
        boolean complete = false;
        try {
            engine = TextEngine.open(
                    config.model()
                            .orElseThrow(
                                    () -> new ConfigException(TopologyConfig.MODEL + ": expected a model, found none")),
                    config.engineSettings(),
                    time::nanoTime);
            LlamaService service = new LlamaService(config, registry, engine, true, time);
            complete = true;
            return service;
        } catch (EngineSettingsException e) {
            throw TopologyConfig.refusal(e);
        } finally {
            if (!complete) {
                if (engine != null) {
                    engine.close();
                }
                registry.close();
            }
        }
    }

    /**
     * Makes an instance with somebody else's engine, which stays open when the instance is closed. Otherwise as {@link
     * #open(TopologyConfig, TimeSource)}; the configuration's keys of the engine are not looked at.
     */
    public static LlamaService open(TopologyConfig config, TextEngine engine, TimeSource time) {
        SchemaRegistry registry = openRegistry(config, time);
        boolean complete = false;
        try {
            LlamaService service = new LlamaService(config, registry, engine, false, time);
            complete = true;
            return service;
        } finally {
            if (!complete) {
                registry.close();
            }
        }
    }

    private static SchemaRegistry openRegistry(TopologyConfig config, TimeSource time) {
        SchemaRegistry registry = Registries.open(config.registryConfig());
        boolean complete = false;
        try {
            // A registry that was never reached would show only when records fail, one after the other.
            SchemaRegistry patient =
                    new RetryingSchemaRegistry(registry, REGISTRY_ATTEMPTS_AT_START, REGISTRY_FIRST_PAUSE, time);
            if (config.usesBuiltInSerdes()) {
                Registries.prepare(patient, config);
            }
            complete = true;
            return registry;
        } finally {
            if (!complete) {
                registry.close();
            }
        }
    }

    /**
     * Creates the topics that are missing, if the configuration says so, and joins the group. Returns before the first
     * prompt is taken.
     *
     * @throws KafkaException if the brokers cannot be reached
     */
    public void start() {
        if (config.createsTopics()) {
            try (Admin admin = Admin.create(config.adminConfig())) {
                Set<String> created =
                        Topics.ensure(admin, config.topics(), config.topicPartitions(), config.topicReplication());
                if (config.prefixAffinity().isOn()) {
                    // prompts are on as many partitions then, and each needs the commands
                    Topics.grow(
                            admin,
                            config.topics().control(),
                            config.prefixAffinity().partitions());
                }
                if (config.replayOf().isPresent()) {
                    Topics.ensure(
                            admin, config.differencesTopic(), config.topicPartitions(), config.topicReplication());
                }
                if (!created.isEmpty()) {
                    log.info("topics created: {}", created);
                }
            }
        }
        streams.start();
    }

    public KafkaStreams.State state() {
        return streams.state();
    }

    /** Why the instance stopped by itself; empty as long as it has not. */
    public Optional<String> failure() {
        return failures.reason();
    }

    public PromptCounts counts() {
        return counters.counts();
    }

    /** How far batches are. */
    public BatchTable batches() {
        return batches;
    }

    /** The engine behind this instance, to look at. */
    public TextEngine engine() {
        return engine;
    }

    /** Kafka's own counters and gauges of this instance. */
    public KafkaStreams streams() {
        return streams;
    }

    /**
     * Makes ready to stop: no more prompts go to the engine, and what it has may end for some time; what is left then comes back
     * with the tokens that were made. Nothing of this needs to succeed: whatever happens, nothing is lost.
     *
     * @param timeout for texts to end; recalling them takes as long as a step of the engine besides
     * @return whether the engine is empty
     */
    public boolean drain(Duration timeout) {
        Drain drain = taskContext.drain();
        drain.finish();
        awaitEmptyEngine(timeout, Duration.ZERO);
        drain.recall();
        // some ticks, in which tasks see it
        return awaitEmptyEngine(RECALL_TIMEOUT, config.tick().multipliedBy(3));
    }

    private boolean awaitEmptyEngine(Duration timeout, Duration atLeast) {
        TimeSource time = taskContext.time();
        long startNanos = time.nanoTime();
        while (true) {
            long nanos = time.nanoTime() - startNanos;
            boolean isEmpty = taskContext.fairness().running() == 0;
            if (isEmpty && nanos >= atLeast.toNanos()) {
                return true;
            }
            if (nanos >= timeout.toNanos() || !streams.state().isRunningOrRebalancing()) {
                return isEmpty;
            }
            time.await(config.tick());
        }
    }

    /**
     * Stops: no more prompts are taken, what has ended is committed, what is in the engine comes back with its tokens, and the
     * instance leaves the group, so that others take its partitions over at once. Prompts that are still pending stay in the
     * changelog and are served by whoever has their partition next. Closing again does nothing.
     *
     * @return false if the stream threads did not end in time: the engine then stays open, since they may be using it, and
     *     closing may be tried again
     */
    public boolean close(Duration timeout) {
        if (closed) {
            return true;
        }
        boolean wasDrained = taskContext.drain().stage() == Drain.Stage.RECALLING;
        if (!wasDrained) { // once: without brokers it ends when its time is over
            drain(Duration.ZERO);
        }
        boolean ended = streams.close(
                CloseOptions.timeout(timeout).withGroupMembershipOperation(GroupMembershipOperation.LEAVE_GROUP));
        if (!ended) {
            log.warn("stream threads did not end in {}", timeout);
            return false;
        }
        closed = true;
        if (ownsEngine) {
            engine.close();
        }
        registry.close();
        return true;
    }

    /** As {@link #close(Duration)} with half a minute. */
    @Override
    public void close() {
        close(DEFAULT_CLOSE_TIMEOUT);
    }
}
