package io.llamastreams.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a small HTTP server that says what a registry would. */
class ConfluentSchemaRegistryTest {
    private static final String SCHEMA =
            "{\"type\":\"record\",\"name\":\"A\",\"namespace\":\"n\",\"fields\":[{\"name\":\"x\",\"type\":\"string\"}]}";
    private static final String SCHEMA_ANSWER = "{\"schema\":\"" + SCHEMA.replace("\"", "\\\"") + "\"}";

    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
    private final List<String> authorizations = Collections.synchronizedList(new ArrayList<>());
    private HttpServer server;
    private volatile int status = 200;
    private volatile String answer = "";

    /** How many requests are answered with a conflict before others are. */
    private volatile int conflicts;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
            String authorization = exchange.getRequestHeaders().getFirst("Authorization");
            authorizations.add(authorization == null ? "" : authorization);
            if (requests.size() <= conflicts) {
                exchange.sendResponseHeaders(409, -1);
                exchange.close();
                return;
            }
            byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/vnd.schemaregistry.v1+json");
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private String url() {
        return "http://localhost:" + server.getAddress().getPort();
    }

    private ConfluentSchemaRegistry registry() {
        return ConfluentSchemaRegistry.open(Map.of("schema.registry.url", url()));
    }

    private void says(int newStatus, String newAnswer) {
        status = newStatus;
        answer = newAnswer;
    }

    @Test
    void registersAndLooksUp() {
        says(200, "{\"id\":42}");
        assertThat(registry().register("t-value", SCHEMA)).isEqualTo(42);
        says(200, "{\"id\":43,\"version\":1,\"subject\":\"t-value\",\"schema\":\"\"}");
        assertThat(registry().lookUp("t-value", SCHEMA)).isEqualTo(43);
        assertThat(requests.get(0)).startsWith("POST /subjects/t-value/versions");
        assertThat(requests.get(1)).startsWith("POST /subjects/t-value?");
    }

    @Test
    void takesTheIdOfAnInstanceThatRegisteredAtTheSameMoment() {
        conflicts = 1;
        says(200, "{\"id\":44,\"version\":1,\"subject\":\"t-value\",\"schema\":\"\"}");
        assertThat(registry().register("t-value", SCHEMA)).isEqualTo(44);
        assertThat(requests.get(0)).startsWith("POST /subjects/t-value/versions");
        assertThat(requests.get(1)).startsWith("POST /subjects/t-value?");
    }

    @Test
    void findsSchemasByIdAndAsksOnce() {
        says(200, SCHEMA_ANSWER);
        ConfluentSchemaRegistry registry = registry();
        assertThat(registry.schemaById(7)).isEqualTo(SCHEMA);
        assertThat(registry.schemaById(7)).isEqualTo(SCHEMA);
        assertThat(requests).hasSize(1);
        assertThat(requests.getFirst()).startsWith("GET /schemas/ids/7");
    }

    @Test
    void findsSchemasByGuid() {
        says(200, SCHEMA_ANSWER);
        UUID guid = new UUID(0x0102030405060708L, 0x090a0b0c0d0e0f10L);
        assertThat(registry().schemaByGuid(guid)).isEqualTo(SCHEMA);
        assertThat(requests).containsExactly("GET /schemas/guids/01020304-0506-0708-090a-0b0c0d0e0f10");
    }

    @Test
    void unknownSchemasAreOneKind() {
        says(404, "{\"error_code\":40403,\"message\":\"Schema not found\"}");
        assertThatThrownBy(() -> registry().schemaById(7))
                .isInstanceOf(UnknownSchemaException.class)
                .hasMessage("schema registry " + url() + ": schema id 7: Schema not found; error code: 40403");
        assertThatThrownBy(() -> registry().schemaByGuid(new UUID(0, 1))).isInstanceOf(UnknownSchemaException.class);
        assertThatThrownBy(() -> registry().lookUp("t-value", SCHEMA)).isInstanceOf(UnknownSchemaException.class);
    }

    @Test
    void aWrongAddressIsNotAnUnknownSchema() {
        says(404, "<html>nothing here</html>");
        assertThatThrownBy(() -> registry().schemaById(7)).isInstanceOf(RegistryRefusedException.class);
    }

    @Test
    void refusalsAreAnother() {
        for (int refusal : List.of(401, 403, 409, 422)) {
            says(refusal, "{\"error_code\":" + refusal + ",\"message\":\"no\"}");
            assertThatThrownBy(() -> registry().register("t-value", SCHEMA))
                    .isInstanceOf(RegistryRefusedException.class);
        }
    }

    @Test
    void whatMayPassIsAThird() {
        for (int trouble : List.of(408, 429, 500, 502, 503, 504)) {
            says(trouble, "{\"error_code\":" + trouble + "01,\"message\":\"later\"}");
            assertThatThrownBy(() -> registry().schemaById(7)).isInstanceOf(RegistryUnavailableException.class);
            says(trouble, "<html>proxy</html>");
            assertThatThrownBy(() -> registry().schemaById(7)).isInstanceOf(RegistryUnavailableException.class);
        }
    }

    @Test
    void noAnswerMayPass() throws IOException {
        int freePort;
        try (ServerSocket socket = new ServerSocket(0)) {
            freePort = socket.getLocalPort();
        }
        ConfluentSchemaRegistry registry =
                ConfluentSchemaRegistry.open(Map.of("schema.registry.url", "http://localhost:" + freePort));
        assertThatThrownBy(() -> registry.schemaById(7))
                .isInstanceOf(RegistryUnavailableException.class)
                .hasMessageContaining("no answer");
    }

    @Test
    void aSilentRegistryIsGivenUpAfterTheReadTimeout() throws IOException {
        try (ServerSocket silent = new ServerSocket(0)) {
            ConfluentSchemaRegistry registry = ConfluentSchemaRegistry.open(Map.of(
                    "schema.registry.url",
                    "http://localhost:" + silent.getLocalPort(),
                    "schema.registry.http.read.timeout.ms",
                    "100"));
            assertThatThrownBy(() -> registry.schemaById(7)).isInstanceOf(RegistryUnavailableException.class);
        }
    }

    @Test
    void triesTheNextOfSeveralUrls() throws IOException {
        int freePort;
        try (ServerSocket socket = new ServerSocket(0)) {
            freePort = socket.getLocalPort();
        }
        says(200, SCHEMA_ANSWER);
        ConfluentSchemaRegistry registry = ConfluentSchemaRegistry.open(
                Map.of("schema.registry.url", "http://localhost:" + freePort + ", " + url()));
        assertThat(registry.schemaById(7)).isEqualTo(SCHEMA);
    }

    @Test
    void passesBasicAuthenticationOnInEveryCustomaryForm() {
        says(200, SCHEMA_ANSWER);
        List<Map<String, String>> forms = List.of(
                Map.of("basic.auth.credentials.source", "USER_INFO", "basic.auth.user.info", "me:secret"),
                Map.of(
                        "schema.registry.basic.auth.credentials.source",
                        "USER_INFO",
                        "schema.registry.basic.auth.user.info",
                        "me:secret"));
        for (Map<String, String> form : forms) {
            Map<String, String> config = new HashMap<>(form);
            config.put("schema.registry.url", url());
            ConfluentSchemaRegistry registry = ConfluentSchemaRegistry.open(config);
            registry.schemaById(7);
            registry.schemaByGuid(new UUID(0, 1));
        }
        assertThat(authorizations).hasSize(4).containsOnly("Basic bWU6c2VjcmV0");
    }

    @Test
    void saysNoSecretsInErrors() {
        says(500, "{\"error_code\":50001,\"message\":\"later\"}");
        String withUser = url().replace("://", "://me:secret@");
        assertThatThrownBy(() -> ConfluentSchemaRegistry.open(Map.of("schema.registry.url", withUser))
                        .schemaById(7))
                .isInstanceOf(RegistryUnavailableException.class)
                .message()
                .doesNotContain("secret");
    }

    @Test
    void refusesConfigurationsWithoutAUsableUrl() {
        for (String bad : List.of("", " , ", "localhost:8081", "ftp://localhost")) {
            assertThatThrownBy(() -> ConfluentSchemaRegistry.open(Map.of("schema.registry.url", bad)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("schema.registry.url: expected");
        }
        assertThatThrownBy(() -> ConfluentSchemaRegistry.open(Map.of())).isInstanceOf(IllegalArgumentException.class);
    }
}
