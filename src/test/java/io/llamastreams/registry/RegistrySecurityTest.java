package io.llamastreams.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.llamastreams.testing.Certificates;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against registries that speak TLS and ask for a user and a password. */
class RegistrySecurityTest {
    private static final String SECRET = "geheim-registry";
    private static final String SCHEMA =
            "{\"type\":\"record\",\"name\":\"A\",\"fields\":[{\"name\":\"x\",\"type\":\"string\"}]}";

    @TempDir
    private static Path folder;

    private static Certificates certificates;
    private static final List<HttpsServer> SERVERS = new ArrayList<>();
    private static String good;
    private static String expired;

    @BeforeAll
    static void start() throws Exception {
        certificates = Certificates.create(folder);
        good = server(certificates.good());
        expired = server(certificates.expired());
    }

    @AfterAll
    static void stop() {
        SERVERS.forEach(server -> server.stop(0));
    }

    /** Gives every schema the id 7, to those that know the password. */
    private static String server(Path keystore) throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keystore)) {
            keys.load(in, Certificates.PASSWORD.toCharArray());
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, Certificates.PASSWORD.toCharArray());
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(managers.getKeyManagers(), null, null);
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        String expected =
                "Basic " + Base64.getEncoder().encodeToString(("me:" + SECRET).getBytes(StandardCharsets.UTF_8));
        server.createContext("/", exchange -> {
            boolean knows = expected.equals(exchange.getRequestHeaders().getFirst("Authorization"));
            String body = knows ? "{\"id\":7}" : "{\"error_code\":401,\"message\":\"Unauthorized\"}";
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(knows ? 200 : 401, body.length());
            exchange.getResponseBody().write(body.getBytes(StandardCharsets.US_ASCII));
            exchange.close();
        });
        server.start();
        SERVERS.add(server);
        return "https://127.0.0.1:" + server.getAddress().getPort();
    }

    private static Map<String, String> trusting(String url) {
        return new HashMap<>(Map.of(
                "schema.registry.url",
                url,
                "schema.registry.ssl.truststore.location",
                certificates.trust().toString(),
                "schema.registry.ssl.truststore.password",
                Certificates.PASSWORD,
                "schema.registry.ssl.truststore.type",
                "PKCS12"));
    }

    private static Map<String, String> withPassword(String url, String prefix, String password) {
        Map<String, String> config = trusting(url);
        config.put(prefix + "basic.auth.credentials.source", "USER_INFO");
        config.put(prefix + "basic.auth.user.info", "me:" + password);
        return config;
    }

    private static int register(Map<String, String> config) {
        try (SchemaRegistry registry = ConfluentSchemaRegistry.open(config)) {
            return registry.register("topic-value", SCHEMA);
        }
    }

    @Test
    void registersOverTlsWithUserAndPassword() {
        assertThat(register(withPassword(good, "", SECRET))).isEqualTo(7);
        assertThat(register(withPassword(good, "schema.registry.", SECRET))).isEqualTo(7);
        Map<String, String> inUrl = trusting(good.replace("https://", "https://me:" + SECRET + "@"));
        inUrl.put("basic.auth.credentials.source", "URL");
        assertThat(register(inUrl)).isEqualTo(7);
    }

    @Test
    void wrongCredentialsAreARefusalThatNamesTheRegistryAndNoSecret() {
        for (Map<String, String> config :
                List.of(withPassword(good, "schema.registry.", SECRET + "x"), trusting(good))) {
            saysNoSecret(() -> register(config));
            assertThatThrownBy(() -> register(config))
                    .isInstanceOf(RegistryRefusedException.class)
                    .hasMessageContaining(
                            "schema registry " + good + ": registering subject topic-value: Unauthorized");
        }
        Map<String, String> inUrl = trusting(good.replace("https://", "https://me:" + SECRET + "x@"));
        inUrl.put("basic.auth.credentials.source", "URL");
        saysNoSecret(() -> register(inUrl));
    }

    @Test
    void certificatesThatCannotBeTrustedAreNamed() {
        assertThatThrownBy(() -> register(withPassword(expired, "", SECRET)))
                .isInstanceOf(RegistryUnavailableException.class)
                .hasMessageContaining("schema registry " + expired + ": ")
                .hasMessageContaining("CertificateExpiredException: NotAfter: ");
        Map<String, String> untrusting = new HashMap<>(withPassword(good, "", SECRET));
        untrusting.keySet().removeIf(key -> key.contains("truststore"));
        saysNoSecret(() -> register(untrusting));
        assertThatThrownBy(() -> register(untrusting))
                .isInstanceOf(RegistryUnavailableException.class)
                .hasMessageContaining("schema registry " + good + ": ")
                .hasMessageContaining("unable to find valid certification path");
    }

    private static void saysNoSecret(ThrowingCallable call) {
        assertThatThrownBy(call).satisfies(error -> {
            for (Throwable cause = error; cause != null; cause = cause.getCause()) {
                assertThat(cause.toString()).doesNotContain(SECRET);
            }
        });
    }
}
