package io.llamastreams.topology.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** A schema registry over HTTP that can be told to be out of order. Knows registration and schemas by id. Any thread. */
public final class FakeRegistryServer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpServer server;
    private final List<String> schemas = new ArrayList<>();
    final AtomicInteger failedRequests = new AtomicInteger();
    private volatile boolean down;

    /** Starts it on a port of its own. */
    public FakeRegistryServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/subjects/",
                exchange -> answer(exchange, () -> {
                    JsonNode request = JSON.readTree(exchange.getRequestBody());
                    return Map.of("id", idOf(request.get("schema").asText()));
                }));
        server.createContext(
                "/schemas/ids/",
                exchange -> answer(exchange, () -> {
                    int id = Integer.parseInt(exchange.getRequestURI().getPath().substring("/schemas/ids/".length()));
                    return Map.of("schema", schema(id));
                }));
        server.start();
    }

    private interface Reply {
        Map<String, ?> get() throws IOException;
    }

    private void answer(HttpExchange exchange, Reply answer) throws IOException {
        int status = 200;
        Map<String, ?> body;
        if (down) {
            failedRequests.incrementAndGet();
            status = 503;
            body = Map.of("error_code", 50301, "message", "out of order");
        } else {
            body = answer.get();
        }
        byte[] bytes = JSON.writeValueAsString(body).getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    /** Id of a schema, a new one if it is new. */
    synchronized int idOf(String schema) {
        int index = schemas.indexOf(schema);
        if (index < 0) {
            schemas.add(schema);
            index = schemas.size() - 1;
        }
        return index + 1;
    }

    private synchronized String schema(int id) {
        return schemas.get(id - 1);
    }

    /** Whether it answers each request with an error from now on. */
    public void setDown(boolean isDown) {
        down = isDown;
    }

    public String url() {
        return "http://localhost:" + server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
