package io.llamastreams.faults;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;

/**
 * The program's command {@code broker} as a process, on data that outlives it. One thread.
 *
 * <p>Each worker has a listener of its own, which is advertised with the port of that worker's proxy: Kafka's clients would
 * otherwise learn the broker's own port and go past the proxy.
 */
final class BrokerProcess implements AutoCloseable {

    static final Duration SESSION_TIMEOUT = Duration.ofSeconds(6);
    static final Duration HEARTBEAT = Duration.ofMillis(1500);

    private static final String HOST = "127.0.0.1";
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral(HOST);
    private static final Duration START_LIMIT = Duration.ofSeconds(120);
    private static final Duration END_LIMIT = Duration.ofSeconds(60);

    /** Below those that systems give to outgoing connections, one of which might take the port of a broker that is down. */
    private static final int FIRST_PORT = 12_000;

    private static final int LAST_PORT = 30_000;

    private final Path folder;
    private final int clientPort;
    private final List<Integer> workerPorts = new ArrayList<>();
    private final Map<String, String> settings = new TreeMap<>();
    private ChildJvm process;
    private int starts;

    /**
     * Chooses ports; nothing runs yet.
     *
     * @param folder for log and data
     * @param workers how many of them have a listener
     */
    BrokerProcess(Path folder, int workers) {
        this.folder = folder;
        clientPort = freePort();
        for (int i = 0; i < workers; i++) {
            workerPorts.add(freePort());
        }
    }

    /** For clients that no fault shall hit but those of the broker. */
    String bootstrap() {
        return HOST + ":" + clientPort;
    }

    /** Where a worker's proxy leads. */
    int workerPort(int worker) {
        return workerPorts.get(worker);
    }

    /**
     * Says where workers are led.
     *
     * @param proxyPorts of each worker's proxy
     */
    void advertise(List<Integer> proxyPorts) {
        settings.putAll(settings(proxyPorts));
    }

    private Map<String, String> settings(List<Integer> proxyPorts) {
        return Map.of(
                "listeners",
                listeners(i -> "://" + HOST + ":" + workerPorts.get(i)),
                "advertised.listeners",
                listeners(i -> "://" + HOST + ":" + proxyPorts.get(i)),
                "listener.security.protocol.map",
                listeners(i -> ":PLAINTEXT"),
                "num.network.threads",
                "1",
                // A worker that was killed leaves its transaction open; those who wait for its end shall not wait long.
                "transaction.abort.timed.out.transaction.cleanup.interval.ms",
                "500",
                // With the streams protocol the session is the broker's to say.
                "group.streams.min.session.timeout.ms",
                "" + SESSION_TIMEOUT.toMillis(),
                "group.streams.session.timeout.ms",
                "" + SESSION_TIMEOUT.toMillis(),
                "group.streams.min.heartbeat.interval.ms",
                "" + HEARTBEAT.toMillis(),
                "group.streams.heartbeat.interval.ms",
                "" + HEARTBEAT.toMillis());
    }

    private String listeners(IntFunction<String> value) {
        return IntStream.range(0, workerPorts.size())
                .mapToObj(i -> "WORKER" + i + value.apply(i))
                .collect(Collectors.joining(","));
    }

    /** Starts it and waits until it answers. */
    void start() throws InterruptedException {
        String name = "broker-" + ++starts;
        process = ChildJvm.start(
                name,
                folder.resolve(name + ".log"),
                List.of("-Xmx384m", "-XX:+UseSerialGC"),
                "io.llamastreams.app.Main",
                arguments());
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap()))) {
            Waiting.until("an answer of the broker", START_LIMIT, () -> answers(admin), process::tail);
        }
    }

    private List<String> arguments() {
        List<String> arguments = new ArrayList<>(List.of(
                "broker",
                "--port",
                "" + clientPort,
                "--data",
                folder.resolve("data").toString()));
        settings.forEach((key, value) -> arguments.addAll(List.of("--set", key + "=" + value)));
        return arguments;
    }

    private boolean answers(Admin admin) {
        if (!process.isAlive()) {
            throw new AssertionError("the broker has ended: " + process.tail());
        }
        try {
            return !admin.describeCluster().nodes().get(1, TimeUnit.SECONDS).isEmpty();
        } catch (ExecutionException | TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * SIGTERM, and waits for the end.
     *
     * @return false if it had to be killed, since it did not end in time
     */
    boolean terminate() throws InterruptedException {
        process.terminate();
        if (process.awaitEnd(END_LIMIT)) {
            return true;
        }
        kill();
        return false;
    }

    /** SIGKILL, and waits for the end. */
    void kill() throws InterruptedException {
        process.kill();
        process.awaitEnd(END_LIMIT);
    }

    String tail() {
        return process.tail();
    }

    static int freePort() {
        int port = 0;
        while (port == 0) {
            int candidate = ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT);
            try (ServerSocket socket = new ServerSocket(candidate, 1, LOOPBACK)) {
                port = socket.getLocalPort();
            } catch (IOException e) {
                port = 0; // taken
            }
        }
        return port;
    }

    @Override
    public void close() {
        if (process != null) {
            process.close();
        }
    }
}
