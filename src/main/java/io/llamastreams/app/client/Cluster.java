package io.llamastreams.app.client;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.utils.Utils;

/**
 * Connects to a Kafka cluster and says clearly why that is not possible, which Kafka's own clients do only by going on
 * trying. Stateless.
 */
public final class Cluster {

    private static final String BOOTSTRAP = "bootstrap.servers";
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(20);

    private Cluster() {}

    /**
     * Opens an admin client on a cluster that has answered.
     *
     * @param settings of Kafka's clients, {@code bootstrap.servers} among them
     * @return to be closed by the caller
     * @throws ClusterException if no broker can be reached or none answers
     */
    public static Admin connect(Map<String, Object> settings) throws InterruptedException {
        String servers = servers(settings);
        requireOneListening(servers);
        Admin admin = admin(settings, servers);
        try {
            admin.describeCluster().nodes().get(ANSWER_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            return admin;
        } catch (ExecutionException | TimeoutException e) {
            admin.close(Duration.ZERO);
            String reason = e instanceof TimeoutException
                    ? "no answer within " + ANSWER_TIMEOUT.toSeconds()
                            + " s; is it Kafka, and is security.protocol right?"
                    : ClusterException.reason(e);
            throw new ClusterException("broker " + servers + ": " + reason, e);
        } catch (InterruptedException e) {
            admin.close(Duration.ZERO);
            throw e;
        }
    }

    /** Kafka takes a list, or a text with commas. */
    private static String servers(Map<String, Object> settings) {
        Object servers = settings.get(BOOTSTRAP);
        if (servers instanceof List<?> list) {
            return String.join(",", list.stream().map(String::valueOf).toList());
        }
        if (servers == null || servers.toString().isBlank()) {
            throw new ClusterException(BOOTSTRAP + ": expected host:port of a broker, found nothing", null);
        }
        return servers.toString();
    }

    private static Admin admin(Map<String, Object> settings, String servers) {
        try {
            return Admin.create(settings);
        } catch (KafkaException e) {
            throw new ClusterException("broker " + servers + ": " + ClusterException.reason(e), e);
        }
    }

    /** One of the servers must take a connection; Kafka finds the others through it. */
    private static void requireOneListening(String servers) {
        List<String> reasons = new ArrayList<>();
        for (String server : servers.split(",", -1)) {
            try {
                connect(server.strip());
                return;
            } catch (UnknownHostException e) {
                reasons.add(server.strip() + ": unknown host");
            } catch (SocketTimeoutException e) {
                reasons.add(server.strip() + ": no connection within " + CONNECT_TIMEOUT.toSeconds() + " s");
            } catch (IOException e) {
                reasons.add(server.strip() + ": " + ClusterException.reason(e));
            }
        }
        throw new ClusterException("broker " + String.join("; ", reasons), null);
    }

    private static void connect(String server) throws IOException {
        String host = Utils.getHost(server);
        Integer port = Utils.getPort(server);
        if (host == null || port == null || port < 1 || port > 65535) {
            throw new IOException("expected host:port");
        }
        InetSocketAddress address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            throw new UnknownHostException(host);
        }
        try (Socket socket = new Socket()) {
            socket.connect(address, Math.toIntExact(CONNECT_TIMEOUT.toMillis()));
        }
    }
}
