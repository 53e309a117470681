package io.llamastreams.app.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.topology.batch.BatchTable.Place;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HttpEndpointTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private static final String TOKEN = "s3cret-t0ken";

    private final List<AutoCloseable> open = new ArrayList<>();
    private final HttpClient client = HttpClient.newHttpClient();
    private final FakeWorker worker = new FakeWorker();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable closeable : open) {
            closeable.close();
        }
        client.close();
    }

    private HttpEndpoint endpoint(Optional<String> token) {
        HttpEndpoint endpoint = HttpEndpoint.open(ANY_PORT, token);
        open.add(endpoint);
        return endpoint;
    }

    private HttpEndpoint shown() {
        HttpEndpoint endpoint = endpoint(Optional.empty());
        endpoint.show(worker);
        return endpoint;
    }

    private static String address(HttpEndpoint endpoint) {
        return ListenAddress.advertised(endpoint.address());
    }

    private HttpResponse<String> get(HttpEndpoint endpoint, String path, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://" + address(endpoint) + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private JsonNode json(HttpEndpoint endpoint, int status, String path) throws Exception {
        HttpResponse<String> response = get(endpoint, path);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.headers().firstValue("content-type")).contains("application/json");
        return Json.read(response.body());
    }

    @Test
    void aWorkerThatStartsIsLiveAndNotReady() throws Exception {
        HttpEndpoint endpoint = endpoint(Optional.empty());
        assertThat(json(endpoint, 200, "/health/live").toString()).isEqualTo("{\"live\":true,\"state\":\"STARTING\"}");
        assertThat(json(endpoint, 503, "/health/ready").toString())
                .isEqualTo("{\"ready\":false,\"state\":\"STARTING\"}");
        assertThat(json(endpoint, 503, "/batches/b").get("error").asText()).contains("starting");
        assertThat(get(endpoint, "/metrics").body()).contains("llama_ready 0\n").doesNotContain("pending");
    }

    @Test
    void readinessSaysWhatThereIsToDo() throws Exception {
        HttpEndpoint endpoint = shown();
        assertThat(json(endpoint, 200, "/health/ready").toString())
                .isEqualTo("{\"ready\":true,\"state\":\"RUNNING\",\"pending_prompts\":7,\"pending_tokens\":4321,"
                        + "\"running_requests\":6}");
        worker.ready = false;
        assertThat(json(endpoint, 503, "/health/ready").get("state").asText()).isEqualTo("REBALANCING");
        assertThat(json(endpoint, 200, "/health/live").get("live").asBoolean()).isTrue();
        worker.failure = Optional.of("the engine has ended: out of order");
        assertThat(json(endpoint, 503, "/health/live").get("error").asText())
                .isEqualTo("the engine has ended: out of order");
    }

    @Test
    void metricsAreInPrometheusForm() throws Exception {
        HttpResponse<String> response = get(shown(), "/metrics");
        assertThat(response.headers().firstValue("content-type")).contains("text/plain; version=0.0.4; charset=utf-8");
        String text = response.body();
        assertThat(text)
                .contains("llama_ready 1\n")
                .contains("llama_info{model=\"a \\\"quoted\\\" \\\\ model\"} 1\n")
                .contains("llama_pending_prompts 7\n")
                .contains("llama_pending_tokens 4321\n")
                .contains("llama_running_requests 6\n")
                .contains("llama_kv_blocks_used 40\n")
                .contains("llama_kv_blocks_free 88\n")
                .contains("llama_prompts_ended_total{status=\"succeeded\"} 80\n")
                .contains("llama_prompts_ended_total{status=\"expired\"} 1\n")
                .contains("llama_completion_tokens_total 14\n")
                .contains("llama_prompt_tokens_total 13\n");
        // https://prometheus.io/docs/instrumenting/exposition_formats/
        for (String line : text.split("\n", -1)) {
            assertThat(line)
                    .matches("|# HELP [a-z_]+ .+|# TYPE [a-z_]+ (gauge|counter)|"
                            + "[a-z_]+(\\{[a-z]+=\"([^\"\\\\]|\\\\.)*\"})? [0-9]+");
        }
        assertThat(text).endsWith("\n");
        text.lines()
                .filter(line -> line.startsWith("# TYPE") && line.endsWith(" counter"))
                .forEach(line -> assertThat(line).contains("_total "));
        assertThat(text.lines().filter(line -> line.startsWith("# TYPE"))).doesNotHaveDuplicates();
    }

    @Test
    void tellsHowFarABatchIs() throws Exception {
        worker.batches.put("b", FakeWorker.batch("b", 0, Optional.empty()));
        worker.batches.put("a/b c+ü%?", FakeWorker.batch("a/b c+ü%?", 3, Optional.of(Instant.EPOCH)));
        HttpEndpoint endpoint = shown();
        assertThat(json(endpoint, 200, "/batches/b").toString())
                .isEqualTo(
                        "{\"batch_id\":\"b\",\"announced\":null,\"seen\":3,\"pending\":1,\"succeeded\":1,\"rejected\":1,"
                                + "\"failed\":0,\"cancelled\":0,\"expired\":0,\"usage\":{\"prompt_tokens\":30,\"cached_tokens\":10,"
                                + "\"completion_tokens\":20},\"first_at\":\"2026-01-01T00:00:00Z\","
                                + "\"last_at\":\"2026-01-01T00:00:01Z\",\"completed\":false,\"completed_at\":null}");
        JsonNode strange = json(endpoint, 200, "/batches/a%2Fb%20c+%C3%BC%25%3F");
        assertThat(strange.get("batch_id").asText()).isEqualTo("a/b c+ü%?");
        assertThat(strange.get("announced").asInt()).isEqualTo(3);
        assertThat(strange.get("completed_at").asText()).isEqualTo("1970-01-01T00:00:00Z");
        assertThat(json(endpoint, 404, "/batches/none").get("error").asText())
                .isEqualTo("batch none: there is none of this id");
        JsonNode all = json(endpoint, 200, "/batches");
        assertThat(all.get("batches"))
                .extracting(batch -> batch.get("batch_id").asText())
                .containsExactly("a/b c+ü%?", "b");
        assertThat(all.get("unreachable")).isEmpty();
    }

    @Test
    void asksTheInstanceThatHasTheBatch() throws Exception {
        FakeWorker owner = new FakeWorker();
        owner.batches.put("a b/ü", FakeWorker.batch("a b/ü", 3, Optional.empty()));
        HttpEndpoint other = endpoint(Optional.of(TOKEN));
        other.show(owner);
        HttpEndpoint asked = endpoint(Optional.of(TOKEN));
        asked.show(worker);
        worker.batches.put("here", FakeWorker.batch("here", 0, Optional.empty()));
        worker.places.put("a b/ü", new Place.Elsewhere(address(other)));
        worker.places.put("none", new Place.Elsewhere(address(other)));
        // one that thinks of the other as the owner must not be asked in a circle
        owner.places.put("none", new Place.Elsewhere(address(asked)));
        worker.others = Set.of(address(other));

        String bearer = "Bearer " + TOKEN;
        HttpResponse<String> found = get(asked, "/batches/a%20b%2F%C3%BC", "Authorization", bearer);
        assertThat(found.statusCode()).isEqualTo(200);
        assertThat(Json.read(found.body()).get("batch_id").asText()).isEqualTo("a b/ü");
        assertThat(get(asked, "/batches/none", "Authorization", bearer).statusCode())
                .isEqualTo(404);
        JsonNode all = Json.read(get(asked, "/batches", "Authorization", bearer).body());
        assertThat(all.get("batches")).hasSize(2);
        assertThat(Json.read(get(asked, "/batches?local=true", "Authorization", bearer)
                                .body())
                        .get("batches"))
                .hasSize(1);

        String gone = address(other);
        other.close();
        HttpResponse<String> unreachable = get(asked, "/batches/none", "Authorization", bearer);
        assertThat(unreachable.statusCode()).isEqualTo(503);
        assertThat(unreachable.body()).contains("batch none: its owner " + gone + " cannot be asked");
        JsonNode rest =
                Json.read(get(asked, "/batches", "Authorization", bearer).body());
        assertThat(rest.get("batches")).hasSize(1);
        assertThat(rest.get("unreachable").has(gone)).isTrue();
        worker.places.put("none", new Place.Unknown("partitions are being handed out"));
        assertThat(get(asked, "/batches/none", "Authorization", bearer).body())
                .isEqualTo("{\"error\":\"batch none: partitions are being handed out\"}\n");
    }

    @Test
    void withATokenOnlyHealthIsOpenToAll() throws Exception {
        HttpEndpoint endpoint = endpoint(Optional.of(TOKEN));
        endpoint.show(worker);
        assertThat(get(endpoint, "/health/live").statusCode()).isEqualTo(200);
        assertThat(get(endpoint, "/health/ready").statusCode()).isEqualTo(200);
        for (String path : List.of("/metrics", "/batches", "/batches/b", "/nothing")) {
            for (String bad : List.of("Bearer wrong", "Bearer", "Bearer " + TOKEN + "x", "Basic " + TOKEN, TOKEN)) {
                HttpResponse<String> response = get(endpoint, path, "Authorization", bad);
                assertThat(response.statusCode()).as("%s with %s", path, bad).isEqualTo(401);
                assertThat(response.headers().firstValue("www-authenticate")).contains("Bearer");
                assertThat(response.body()).doesNotContain(TOKEN);
            }
            assertThat(get(endpoint, path).statusCode()).isEqualTo(401);
            assertThat(get(endpoint, path, "Authorization", "bearer " + TOKEN).statusCode())
                    .isNotEqualTo(401);
        }
        assertThat(new BearerToken(Optional.of(TOKEN))).hasToString("[hidden]");
    }

    @Test
    void othersPathsAndMethodsAreErrorsThatSayWhatIsExpected() throws Exception {
        HttpEndpoint endpoint = shown();
        for (String path : List.of("/", "/health", "/batches/", "/metrics/x", "/../etc/passwd")) {
            assertThat(json(endpoint, 404, path).get("error").asText()).startsWith("path: expected /health/live");
        }
        HttpResponse<String> post = client.send(
                HttpRequest.newBuilder(URI.create("http://" + address(endpoint) + "/batches"))
                        .POST(BodyPublishers.ofString("x".repeat(1_000)))
                        .build(),
                BodyHandlers.ofString());
        assertThat(post.statusCode()).isEqualTo(405);
        assertThat(post.headers().firstValue("allow")).contains("GET, HEAD");
        HttpResponse<String> head = client.send(
                HttpRequest.newBuilder(URI.create("http://" + address(endpoint) + "/metrics"))
                        .HEAD()
                        .build(),
                BodyHandlers.ofString());
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
    }

    @Test
    void slowClientsKeepNobodyWaiting() throws Exception {
        HttpEndpoint endpoint = shown();
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 50; i++) {
                Socket socket = new Socket(
                        endpoint.address().getAddress(), endpoint.address().getPort());
                slow.add(socket);
                OutputStream out = socket.getOutputStream();
                out.write("GET /metrics HTTP/1.1\r\nHost".getBytes(StandardCharsets.US_ASCII));
                out.flush();
            }
            assertThat(get(endpoint, "/health/live").statusCode()).isEqualTo(200);
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    @Test
    void addressesAreReadWithTheirMistakesNamed() throws Exception {
        assertThat(ListenAddress.parse("k", "8080").getAddress().isLoopbackAddress())
                .isTrue();
        assertThat(ListenAddress.parse("k", "8080").getPort()).isEqualTo(8080);
        assertThat(ListenAddress.parse("k", "[::1]:80").getAddress().isLoopbackAddress())
                .isTrue();
        assertThat(ListenAddress.advertised(ListenAddress.parse("k", "[::1]:80")))
                .endsWith(":1]:80");
        assertThat(ListenAddress.parse("k", "0.0.0.0:80").getAddress().isAnyLocalAddress())
                .isTrue();
        assertThat(ListenAddress.advertised(ListenAddress.parse("k", "0.0.0.0:80")))
                .isEqualTo(InetAddress.getLocalHost().getHostAddress() + ":80");
        for (String bad : List.of("x", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "-1", ":80")) {
            assertThatThrownBy(() -> ListenAddress.parse("llama.http.listen", bad))
                    .isInstanceOf(ConfigException.class)
                    .hasMessage("llama.http.listen: expected host:port or a port, found " + bad);
        }
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            InetSocketAddress address = (InetSocketAddress) taken.getLocalSocketAddress();
            assertThatThrownBy(() -> HttpEndpoint.open(address, Optional.empty()))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining(":" + address.getPort() + ": Address already in use");
        }
    }
}
