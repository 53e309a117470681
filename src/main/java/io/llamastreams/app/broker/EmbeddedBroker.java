package io.llamastreams.app.broker;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import kafka.server.BrokerServer;
import kafka.server.ControllerServer;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.server.SharedServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.controller.metrics.ControllerMetadataMetrics;
import org.apache.kafka.metadata.bootstrap.BootstrapMetadata;
import org.apache.kafka.metadata.properties.MetaPropertiesEnsemble;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.fault.FaultHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/**
 * A real Kafka of one node in this JVM: KRaft controller and broker, transactions included, on 127.0.0.1 only.
 *
 * <p>It is put together from the same three servers as Kafka's own {@code KafkaRaftServer}, for two differences: the
 * sockets are bound beforehand, so that any free port can be used without a race, and a fatal fault is reported by
 * {@link #awaitFault} instead of ending the whole process. Topics are not created by their first use.
 *
 * <p>A data directory keeps topics and offsets for the next start, also with another port. Any thread.
 */
public final class EmbeddedBroker implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(EmbeddedBroker.class);

    private static final int NODE_ID = 1;
    private static final String HOST = "127.0.0.1";
    private static final String CLIENT_LISTENER = "PLAINTEXT";
    private static final String CONTROLLER_LISTENER = "CONTROLLER";
    /** Leaders are handed over in milliseconds on one node; this bounds a shutdown that hangs. */
    private static final Duration SHUTDOWN_TIMEOUT = Duration.ofSeconds(10);
    /** After so long without a heartbeat the controller gives a broker up; Kafka's own default. */
    private static final Duration SESSION_TIMEOUT = Duration.ofSeconds(9);

    private static final Duration SESSION_POLL = Duration.ofMillis(50);

    /** Settings that are lists: what is given comes behind what is needed here. */
    private static final Set<String> LISTS =
            Set.of("listeners", "advertised.listeners", "listener.security.protocol.map");

    private final DataDirectory data;
    private final int port;
    private final LoopbackSockets sockets;
    private final SharedServer shared;
    private final boolean hadFormer;
    private final ControllerServer controller;
    private final BrokerServer broker;
    private final CompletableFuture<String> fault = new CompletableFuture<>();
    private boolean closed;

    private EmbeddedBroker(
            DataDirectory data, LoopbackSockets sockets, int port, int controllerPort, Map<String, String> more)
            throws Exception {
        this.data = data;
        this.sockets = sockets;
        this.port = port;
        hadFormer = !formatIfNew(data.path());
        Properties settings = settings(data.path(), port, controllerPort);
        more.forEach((key, value) ->
                settings.merge(key, value, (own, given) -> LISTS.contains(key) ? own + "," + given : given));
        KafkaConfig config = KafkaConfig.fromProps(settings, false);
        Tuple2<MetaPropertiesEnsemble, BootstrapMetadata> stored =
                KafkaRaftServer.initializeLogDirs(config, log, "broker: ");
        shared = new SharedServer(
                config,
                stored._1(),
                Time.SYSTEM,
                new Metrics(),
                CompletableFuture.completedFuture(
                        Map.of(NODE_ID, new InetSocketAddress(LoopbackSockets.ADDRESS, controllerPort))),
                List.of(),
                this::faultHandler,
                sockets);
        controller = new ControllerServer(shared, KafkaRaftServer.configSchema(), stored._2());
        broker = new BrokerServer(shared);
    }

    /**
     * Starts a broker on any free port with an empty directory that {@link #close} deletes.
     *
     * @throws EmbeddedBrokerException if it does not come up
     */
    public static EmbeddedBroker startTemporary() {
        return startTemporary(0);
    }

    /**
     * Starts a broker with an empty directory that {@link #close} deletes.
     *
     * @param port 0 for any free one
     * @throws EmbeddedBrokerException if it does not come up
     */
    public static EmbeddedBroker startTemporary(int port) {
        return startTemporary(port, Map.of());
    }

    /**
     * Starts a broker with an empty directory that {@link #close} deletes.
     *
     * @param port 0 for any free one
     * @param more settings of Kafka's broker; listeners and their protocols are added, others replace what is set here
     * @throws EmbeddedBrokerException if it does not come up
     */
    public static EmbeddedBroker startTemporary(int port, Map<String, String> more) {
        DataDirectory data;
        try {
            data = DataDirectory.temporary();
        } catch (IOException e) {
            throw new EmbeddedBrokerException("temporary directory for the broker: " + reason(e), e);
        }
        return start(data, port, more);
    }

    /**
     * Starts a broker on a data directory, which is made and formatted where it is new and kept at the end.
     *
     * @param port 0 for any free one
     * @throws EmbeddedBrokerException if it does not come up: port taken, directory in use by another broker or not readable
     */
    public static EmbeddedBroker start(Path dataDirectory, int port) {
        return start(dataDirectory, port, Map.of());
    }

    /**
     * As {@link #start(Path, int)}.
     *
     * @param more settings of Kafka's broker; listeners and their protocols are added, others replace what is set here
     */
    public static EmbeddedBroker start(Path dataDirectory, int port, Map<String, String> more) {
        DataDirectory data;
        try {
            data = DataDirectory.of(dataDirectory.toAbsolutePath().normalize());
        } catch (IOException e) {
            throw new EmbeddedBrokerException("data directory " + dataDirectory + ": " + reason(e), e);
        }
        return start(data, port, more);
    }

    private static EmbeddedBroker start(DataDirectory data, int port, Map<String, String> more) {
        long startNanos = Time.SYSTEM.nanoseconds();
        LoopbackSockets sockets = new LoopbackSockets();
        EmbeddedBroker embedded = null;
        try {
            int clientPort = sockets.bind(CLIENT_LISTENER, port);
            int controllerPort = sockets.bind(CONTROLLER_LISTENER, 0);
            embedded = new EmbeddedBroker(data, sockets, clientPort, controllerPort, more);
            embedded.controller.startup();
            embedded.awaitEndOfFormer();
            embedded.broker.startup();
            log.info(
                    "broker started: bootstrap={} data={} millis={}",
                    embedded.bootstrap(),
                    data.path(),
                    TimeUnit.NANOSECONDS.toMillis(Time.SYSTEM.nanoseconds() - startNanos));
            return embedded;
        } catch (Exception e) {
            if (embedded != null) {
                embedded.close();
            } else {
                sockets.close();
                data.close();
            }
            throw e instanceof EmbeddedBrokerException known
                    ? known
                    : new EmbeddedBrokerException("broker on " + data.path() + ": " + reason(e), e);
        }
    }

    /** What {@code bootstrap.servers} of clients must be: host and port. */
    public String bootstrap() {
        return HOST + ":" + port;
    }

    public int port() {
        return port;
    }

    public Path dataDirectory() {
        return data.path();
    }

    /**
     * Waits until a fault makes the broker useless.
     *
     * @return what happened, or empty when the time was up and all is well
     */
    public Optional<String> awaitFault(Duration timeout) throws InterruptedException {
        try {
            return Optional.of(fault.get(timeout.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Stops broker, then controller; deletes a temporary directory. Takes about a second; a second call does nothing. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            // The broker says good-bye to the controller, which therefore goes last.
            broker.shutdown(SHUTDOWN_TIMEOUT);
        } finally {
            try {
                controller.shutdown();
            } finally {
                sockets.close();
                data.close();
            }
        }
        log.info("broker stopped: bootstrap={}", bootstrap());
    }

    /**
     * Waits until the controller has given up the broker that ran on this directory before, which it does at once if that one
     * said good-bye. One that was killed seems to be alive until its session is over, and a new one is not let in before
     * either, so nothing is lost by waiting. If it started nevertheless, its transaction coordinator would begin at once to end
     * transactions on partitions whose leader is that dead broker; when the controller gives it up, they have no leader for a
     * moment, which the coordinator (Kafka 4.3.1, {@code TransactionMarkerChannelManager}) takes for deleted: it calls the
     * transactions ended without a word to their partitions, and nobody who reads committed records ever gets past them.
     */
    private void awaitEndOfFormer() throws InterruptedException {
        if (!hadFormer) {
            return;
        }
        ControllerMetadataMetrics brokers = shared.controllerServerMetrics();
        // Where the former broker never got as far as to be known, there is nobody to wait for.
        long deadlineNanos =
                Time.SYSTEM.nanoseconds() + SESSION_TIMEOUT.multipliedBy(2).toNanos();
        while (brokers.fencedBrokerCount() == 0 && Time.SYSTEM.nanoseconds() - deadlineNanos < 0) {
            TimeUnit.MILLISECONDS.sleep(SESSION_POLL.toMillis());
        }
    }

    private FaultHandler faultHandler(String name, boolean fatal, Runnable action) {
        return (message, cause) -> {
            action.run();
            String what = name + ": " + message;
            if (fatal) {
                log.error("broker fault: {}", what, cause);
                fault.complete(cause == null ? what : what + ": " + cause);
            } else {
                log.warn("broker fault, going on: {}", what, cause);
            }
            return new IllegalStateException(what, cause);
        };
    }

    /** Writes Kafka's identity into a directory that has none; false if it has one. */
    private static boolean formatIfNew(Path dataDirectory) throws Exception {
        if (Files.exists(dataDirectory.resolve(MetaPropertiesEnsemble.META_PROPERTIES_NAME))) {
            return false;
        }
        new Formatter()
                .setNodeId(NODE_ID)
                .setClusterId(Uuid.randomUuid().toString())
                .setDirectories(List.of(dataDirectory.toString()))
                .setMetadataLogDirectory(dataDirectory.toString())
                .setControllerListenerName(CONTROLLER_LISTENER)
                .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
                .run();
        return true;
    }

    private static Properties settings(Path dataDirectory, int port, int controllerPort) {
        Properties settings = new Properties();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", Integer.toString(NODE_ID));
        settings.put("controller.quorum.voters", NODE_ID + "@" + HOST + ":" + controllerPort);
        settings.put("controller.listener.names", CONTROLLER_LISTENER);
        settings.put("listener.security.protocol.map", "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT");
        settings.put("listeners", "PLAINTEXT://" + HOST + ":" + port + ",CONTROLLER://" + HOST + ":" + controllerPort);
        settings.put("advertised.listeners", "PLAINTEXT://" + HOST + ":" + port);
        settings.put("inter.broker.listener.name", CLIENT_LISTENER);
        settings.put("log.dirs", dataDirectory.toString());
        // One node holds the only copy of everything.
        settings.put("default.replication.factor", "1");
        settings.put("min.insync.replicas", "1");
        settings.put("offsets.topic.replication.factor", "1");
        settings.put("transaction.state.log.replication.factor", "1");
        settings.put("transaction.state.log.min.isr", "1");
        settings.put("share.coordinator.state.topic.replication.factor", "1");
        settings.put("share.coordinator.state.topic.min.isr", "1");
        // Few clients: few coordinator partitions and threads make start and stop quick.
        settings.put("offsets.topic.num.partitions", "4");
        settings.put("transaction.state.log.num.partitions", "4");
        settings.put("share.coordinator.state.topic.num.partitions", "1");
        settings.put("num.network.threads", "2");
        settings.put("num.io.threads", "4");
        settings.put("background.threads", "2");
        settings.put("log.cleaner.dedupe.buffer.size", Integer.toString(16 << 20));
        settings.put("broker.session.timeout.ms", Long.toString(SESSION_TIMEOUT.toMillis()));
        // Nobody else is coming to a group that starts.
        settings.put("group.initial.rebalance.delay.ms", "0");
        // A mistyped topic is an error, not a new topic.
        settings.put("auto.create.topics.enable", "false");
        return settings;
    }

    private static String reason(Throwable error) {
        Throwable root = error;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.toString() : root.getMessage();
    }
}
