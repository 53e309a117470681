package io.llamastreams.app.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The worker's HTTP endpoint.
 *
 * <pre>
 *   GET /health/live     200, or 503 once the worker has stopped by itself
 *   GET /health/ready    200 while it takes prompts, else 503
 *   GET /metrics         Prometheus' text format     } with the token,
 *   GET /batches         all batches                 } if there is one
 *   GET /batches/ID      one of them                 }
 * </pre>
 *
 * <p>It answers from its start on: a worker that still loads its model is live and not ready. Any thread opens, shows and
 * closes it; each request has a thread of its own.
 */
public final class HttpEndpoint implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HttpEndpoint.class);
    private static final String BATCH_PREFIX = BatchPages.PATH + "/";
    private static final int BACKLOG = 50;

    /** Requests that are being answered get so long when the endpoint is closed. */
    private static final int CLOSE_SECONDS = 1;

    /** Whoever is slower, or opens more connections, is cut off: the JDK's server knows these as properties alone. */
    private static final String MAX_CONNECTIONS = "200";

    private static final String MAX_REQUEST_SECONDS = "10";
    private static final String MAX_ANSWER_SECONDS = "30";

    private final HttpServer server;
    private final ExecutorService threads;
    private final BearerToken token;
    private final InstanceClient peers;
    private volatile Optional<WorkerView> worker = Optional.empty();

    private HttpEndpoint(HttpServer server, BearerToken token) {
        this.server = server;
        this.token = token;
        threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("http-", 0).factory());
        peers = new InstanceClient(token);
    }

    /**
     * Binds and begins to answer.
     *
     * @param address port 0 for any free one
     * @param token that requests for anything but health must bear; empty for none
     * @throws UncheckedIOException if the address cannot be bound; the message names it
     */
    public static HttpEndpoint open(InetSocketAddress address, Optional<String> token) {
        limitClients();
        HttpServer server;
        try {
            server = HttpServer.create(address, BACKLOG);
        } catch (IOException e) {
            String where = "HTTP endpoint " + address.getHostString() + ":" + address.getPort();
            throw new UncheckedIOException(new IOException(where + ": " + e.getMessage(), e));
        }
        HttpEndpoint endpoint = new HttpEndpoint(server, new BearerToken(token));
        server.setExecutor(endpoint.threads);
        server.createContext("/", endpoint::handle);
        server.start();
        log.info("http endpoint: address={} token={}", endpoint.address(), endpoint.token);
        if (token.isEmpty() && !server.getAddress().getAddress().isLoopbackAddress()) {
            log.warn("http endpoint: others than this machine can reach it, and no token is asked for");
        }
        return endpoint;
    }

    private static void limitClients() {
        setIfAbsent("jdk.httpserver.maxConnections", MAX_CONNECTIONS);
        setIfAbsent("sun.net.httpserver.maxReqTime", MAX_REQUEST_SECONDS);
        setIfAbsent("sun.net.httpserver.maxRspTime", MAX_ANSWER_SECONDS);
    }

    private static void setIfAbsent(String property, String value) {
        System.setProperty(property, System.getProperty(property, value));
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    /** From now on this worker is shown. */
    public void show(WorkerView view) {
        worker = Optional.of(view);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            HttpAnswer answer;
            try {
                answer = answer(exchange);
            } catch (RuntimeException e) {
                log.error(
                        "http request failed: path={}", exchange.getRequestURI().getPath(), e);
                answer = HttpAnswer.error(HttpAnswer.INTERNAL_ERROR, "internal error; the worker's log says more");
            }
            send(exchange, answer);
        }
    }

    private HttpAnswer answer(HttpExchange exchange) {
        String method = exchange.getRequestMethod();
        String path = exchange.getRequestURI().getPath();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            exchange.getResponseHeaders().set("Allow", "GET, HEAD");
            return HttpAnswer.error(HttpAnswer.METHOD_NOT_ALLOWED, "method: expected GET or HEAD, found " + method);
        }
        return switch (path) {
            case "/health/live" -> HealthPages.live(worker);
            case "/health/ready" -> HealthPages.ready(worker);
            default -> {
                if (!token.admits(
                        Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization")))) {
                    exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
                    yield HttpAnswer.error(
                            HttpAnswer.UNAUTHORIZED, "Authorization: expected the endpoint's bearer token");
                }
                yield guarded(path, exchange.getRequestURI().getRawQuery());
            }
        };
    }

    private HttpAnswer guarded(String path, String query) {
        boolean local = BatchPages.isLocal(query);
        if (path.equals("/metrics")) {
            return MetricsPage.of(worker);
        }
        if (path.equals(BatchPages.PATH)) {
            return batches().map(pages -> pages.all(local)).orElseGet(HttpEndpoint::starting);
        }
        if (path.startsWith(BATCH_PREFIX) && path.length() > BATCH_PREFIX.length()) {
            String id = path.substring(BATCH_PREFIX.length());
            return batches().map(pages -> pages.one(id, local)).orElseGet(HttpEndpoint::starting);
        }
        return HttpAnswer.error(
                HttpAnswer.NOT_FOUND,
                "path: expected /health/live, /health/ready, /metrics, /batches or /batches/ID, found " + path);
    }

    private Optional<BatchPages> batches() {
        return worker.map(view -> new BatchPages(view.batches(), peers));
    }

    private static HttpAnswer starting() {
        return HttpAnswer.error(HttpAnswer.UNAVAILABLE, "batches: the worker is starting");
    }

    private static void send(HttpExchange exchange, HttpAnswer answer) throws IOException {
        byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
        var headers = exchange.getResponseHeaders();
        headers.set("Content-Type", answer.type());
        headers.set("Cache-Control", "no-store");
        headers.set("X-Content-Type-Options", "nosniff");
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(answer.status(), -1);
        } else {
            exchange.sendResponseHeaders(answer.status(), body.length);
            exchange.getResponseBody().write(body);
        }
    }

    /** Lets requests that are being answered come to their end, for a moment. */
    @Override
    public void close() {
        server.stop(CLOSE_SECONDS);
        peers.close();
        threads.shutdownNow();
    }
}
