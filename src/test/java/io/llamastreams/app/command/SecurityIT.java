package io.llamastreams.app.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.llamastreams.app.broker.EmbeddedBroker;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.app.service.Worker;
import io.llamastreams.model.load.TinyModel;
import io.llamastreams.testing.CapturedLog;
import io.llamastreams.testing.Certificates;
import io.llamastreams.topology.config.TopicNames;
import io.llamastreams.topology.config.Topics;
import io.llamastreams.topology.config.TopologyConfig;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import javax.management.MBeanAttributeInfo;
import javax.management.ObjectName;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A broker that asks for TLS, credentials and rights. All secrets begin alike, and so do all prompts, so that one can look for
 * them wherever something is said.
 */
@Timeout(400)
class SecurityIT {
    private static final String REGISTRY = "mock://security";
    private static final String SECRET = "geheim-";
    private static final String PROMPT_MARK = "zebrastreifen";
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @TempDir
    private static Path certificateFolder;

    private static Certificates certificates;
    private static EmbeddedBroker broker;
    private static int securePort;
    private static int expiredPort;
    private static Admin admin;

    @TempDir
    private Path folder;

    private CapturedLog log;
    private final StringBuilder said = new StringBuilder();

    @BeforeAll
    static void startBroker() throws Exception {
        certificates = Certificates.create(certificateFolder);
        securePort = freePort();
        expiredPort = freePort();
        String listeners = "SECURE://127.0.0.1:" + securePort + ",EXPIRED://127.0.0.1:" + expiredPort;
        String plain = "org.apache.kafka.common.security.plain.PlainLoginModule required user_client=\"" + SECRET
                + "client\" user_stranger=\"" + SECRET + "stranger\";";
        Map<String, String> settings = new HashMap<>();
        settings.put("listeners", listeners);
        settings.put("advertised.listeners", listeners);
        settings.put("listener.security.protocol.map", "SECURE:SASL_SSL,EXPIRED:SSL");
        settings.put("listener.name.secure.sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512");
        settings.put("listener.name.secure.plain.sasl.jaas.config", plain);
        for (String mechanism : List.of("scram-sha-256", "scram-sha-512")) {
            settings.put(
                    "listener.name.secure." + mechanism + ".sasl.jaas.config",
                    "org.apache.kafka.common.security.scram.ScramLoginModule required;");
        }
        keystore(settings, "secure", certificates.good());
        keystore(settings, "expired", certificates.expired());
        settings.put("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
        settings.put("super.users", "User:ANONYMOUS"); // the broker itself, and this test
        broker = EmbeddedBroker.startTemporary(0, settings);
        admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()));
        for (ScramMechanism mechanism : List.of(ScramMechanism.SCRAM_SHA_256, ScramMechanism.SCRAM_SHA_512)) {
            admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(
                            "worker", new ScramCredentialInfo(mechanism, 4096), SECRET + "worker")))
                    .all()
                    .get();
        }
        for (ResourceType type : List.of(ResourceType.TOPIC, ResourceType.GROUP, ResourceType.TRANSACTIONAL_ID)) {
            allow("worker", type, PatternType.PREFIXED, "llama-streams", AclOperation.ALL);
        }
        for (String topic : TopicNames.DEFAULT.all()) {
            boolean isRead = topic.equals("llama.prompts") || topic.equals("llama.control");
            allowTopic("worker", topic, isRead ? AclOperation.READ : AclOperation.WRITE);
        }
        allow("worker", ResourceType.CLUSTER, PatternType.LITERAL, "kafka-cluster", AclOperation.CREATE);
        allowTopic("client", "llama.prompts", AclOperation.WRITE);
        allowTopic("client", "llama.completions", AclOperation.READ);
        allowTopic("client", "llama.batches", AclOperation.READ);
        Topics.ensure(admin, TopicNames.DEFAULT, 2, (short) 1);
    }

    private static void keystore(Map<String, String> settings, String listener, Path file) {
        String prefix = "listener.name." + listener + ".ssl.keystore.";
        settings.put(prefix + "location", file.toString());
        settings.put(prefix + "password", Certificates.PASSWORD);
        settings.put(prefix + "type", "PKCS12");
        settings.put("listener.name." + listener + ".ssl.key.password", Certificates.PASSWORD);
    }

    /** Below those that systems give to outgoing connections, one of which might take the port before the broker does. */
    private static int freePort() {
        return new Random()
                .ints(200, 12_000, 30_000)
                .filter(port -> {
                    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
                        return socket.isBound();
                    } catch (IOException e) {
                        return false;
                    }
                })
                .findFirst()
                .orElseThrow();
    }

    private static AclBinding binding(
            String user,
            ResourceType type,
            PatternType pattern,
            String name,
            AclOperation operation,
            AclPermissionType permission) {
        return new AclBinding(
                new ResourcePattern(type, name, pattern),
                new AccessControlEntry("User:" + user, "*", operation, permission));
    }

    private static void allow(String user, ResourceType type, PatternType pattern, String name, AclOperation operation)
            throws ExecutionException, InterruptedException {
        admin.createAcls(List.of(binding(user, type, pattern, name, operation, AclPermissionType.ALLOW)))
                .all()
                .get();
    }

    private static void allowTopic(String user, String topic, AclOperation operation)
            throws ExecutionException, InterruptedException {
        allow(user, ResourceType.TOPIC, PatternType.LITERAL, topic, operation);
    }

    @AfterAll
    static void stopBroker() {
        admin.close();
        broker.close();
    }

    @BeforeEach
    void listen() {
        log = new CapturedLog();
    }

    /** Whatever a test does, nobody says a secret or a prompt. */
    @AfterEach
    void nothingIsGivenAway() {
        log.close();
        assertThat(log.text()).contains("INFO").doesNotContain(SECRET).doesNotContain(PROMPT_MARK);
        assertThat(said.toString()).doesNotContain(SECRET).doesNotContain(PROMPT_MARK);
    }

    private Map<String, String> secure(String mechanism, String user, String password) {
        String module = mechanism.equals("PLAIN") ? "plain.PlainLoginModule" : "scram.ScramLoginModule";
        return new HashMap<>(Map.of(
                "bootstrap.servers",
                "127.0.0.1:" + securePort,
                "schema.registry.url",
                REGISTRY,
                "security.protocol",
                "SASL_SSL",
                "sasl.mechanism",
                mechanism,
                "sasl.jaas.config",
                "org.apache.kafka.common.security." + module + " required username=\"" + user + "\" password=\""
                        + password + "\";",
                "ssl.truststore.location",
                certificates.trust().toString(),
                "ssl.truststore.password",
                Certificates.PASSWORD,
                "ssl.truststore.type",
                "PKCS12"));
    }

    private Map<String, String> client() {
        Map<String, String> config = secure("PLAIN", "client", SECRET + "client");
        config.put("llama.topics.create", "false");
        return config;
    }

    private Map<String, String> worker(String mechanism) {
        Map<String, String> config = secure(mechanism, "worker", SECRET + "worker");
        config.put("state.dir", folder.resolve("state").toString());
        config.put("llama.model", TinyModel.f32().toString());
        config.put("llama.threads", "1");
        config.put("llama.kv.cache.bytes", "8000000");
        config.put("llama.http.listen", "0");
        config.put("llama.http.token", SECRET + "token");
        // keys of other things in the same file
        config.put("schema.registry.basic.auth.user.info", "me:" + SECRET + "registry");
        config.put("basic.auth.user.info", "me:" + SECRET + "registry");
        return config;
    }

    private Path file(Map<String, String> config) throws IOException {
        Path file = Files.createTempFile(folder, "config", ".properties");
        Files.write(
                file,
                config.entrySet().stream()
                        .map(e -> e.getKey() + "=" + e.getValue())
                        .toList());
        return file;
    }

    private String fails(int exitCode, Map<String, String> config, String... arguments) throws IOException {
        CapturedConsole console = new CapturedConsole();
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--config", file(config).toString()));
        assertThat(console.run(all)).as(console.err()).isEqualTo(exitCode);
        said.append(console.err()).append(console.out());
        return console.err();
    }

    private Path prompts(String name, int count) throws IOException {
        return Files.write(
                folder.resolve(name + ".jsonl"),
                IntStream.range(0, count)
                        .mapToObj(i -> "{\"id\":\"" + name + i + "\",\"prompt\":\"" + PROMPT_MARK
                                + " once upon a time\",\"max_new_tokens\":5}")
                        .toList());
    }

    private void collectsEachOnce(String batch, int count) throws IOException {
        Path out = folder.resolve(batch + ".out.jsonl");
        fails(0, client(), "collect", "--batch", batch, "--out", out.toString(), "--timeout", "120s");
        List<String> ids = new ArrayList<>();
        for (String line : Files.readAllLines(out)) {
            ids.add(Json.read(line).get("id").asText());
        }
        assertThat(ids).hasSize(count).doesNotHaveDuplicates();
    }

    @Test
    void servesOverTlsWithScramAndPlainAndSaysNothingOfSecretsAndPrompts() throws Exception {
        for (String mechanism : List.of("SCRAM-SHA-256", "SCRAM-SHA-512")) {
            TopologyConfig config = TopologyConfig.of(worker(mechanism));
            try (Worker worker = Worker.start(config)) {
                String batch = mechanism.substring(6);
                fails(0, client(), "submit", prompts(batch, 20).toString(), "--batch", batch, "--wait");
                collectsEachOnce(batch, 20);
                sendWhatFails();
                await().atMost(PATIENCE).until(() -> log.text().contains("record cannot be read"));
                fails(1, client(), "submit", refused(mechanism).toString(), "--batch", batch + "-refused", "--wait");
                said.append(page(worker, "/metrics")).append(page(worker, "/batches"));
                said.append(page(worker, "/batches/" + batch)).append(page(worker, "/health/ready"));
                said.append(beans());
            }
            said.append(config).append(config.describe());
        }
        fails(0, worker("SCRAM-SHA-256"), "config", "--effective");
        assertThat(log.text()).contains("worker started: config={").contains("llama.http.token=[hidden]");
    }

    /** Bytes that are no prompt but speak like one. */
    @SuppressWarnings("FutureReturnValueIgnored") // they are waited for together
    private static void sendWhatFails() {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrap()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            for (String bad : List.of("", "\0\0\0\0\1", "\0\0\0\0\1\12", "\0\0\0\0\2")) {
                producer.send(new ProducerRecord<>(
                        "llama.prompts", (bad + PROMPT_MARK).getBytes(java.nio.charset.StandardCharsets.ISO_8859_1)));
            }
            producer.flush();
        }
    }

    /** Prompts that are refused or fail, each for another reason. */
    private Path refused(String name) throws IOException {
        String head = "{\"id\":\"" + name + "\",\"prompt\":\"" + PROMPT_MARK + "\",";
        return Files.write(
                folder.resolve(name + "-refused.jsonl"),
                List.of(
                        head + "\"temperature\":-1}",
                        head + "\"json_schema\":{\"type\":\"" + PROMPT_MARK + "\"}}",
                        head + "\"regex\":\"(" + PROMPT_MARK + "\"}",
                        head + "\"grammar\":\"root ::= " + PROMPT_MARK + "\"}",
                        head + "\"choice\":[\"" + PROMPT_MARK.repeat(500) + "\"],\"max_new_tokens\":3}",
                        head + "\"bad_words\":[\"" + PROMPT_MARK + "\"],\"stop\":[\"" + PROMPT_MARK
                                + "\"],\"n\":99999}",
                        "{\"id\":\"long\",\"prompt\":\"" + (PROMPT_MARK + " ").repeat(2_000) + "\"}",
                        "{\"id\":\"huge\",\"prompt\":\"" + (PROMPT_MARK + " ").repeat(40_000) + "\"}",
                        "{\"id\":\"roles\",\"messages\":[{\"role\":\"" + PROMPT_MARK + "\",\"content\":\"" + PROMPT_MARK
                                + "\"}]}",
                        "{\"id\":\"late\",\"prompt\":\"" + PROMPT_MARK + "\",\"deadline_ms\":1,\"max_new_tokens\":400}",
                        head + "\"max_new_tokens\":\"" + "x" + "\"}"));
    }

    private static String page(Worker worker, String path) throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            URI uri = URI.create(
                    "http://127.0.0.1:" + worker.httpAddress().orElseThrow().getPort() + path);
            return http.send(
                            HttpRequest.newBuilder(uri)
                                    .header("Authorization", "Bearer " + SECRET + "token")
                                    .build(),
                            BodyHandlers.ofString())
                    .body();
        }
    }

    /** All that JMX tells of us and of Kafka. */
    private static String beans() throws Exception {
        StringBuilder text = new StringBuilder();
        var server = ManagementFactory.getPlatformMBeanServer();
        for (ObjectName name : server.queryNames(new ObjectName("*:*"), null)) {
            if (name.getDomain().startsWith("io.llamastreams")
                    || name.getDomain().startsWith("kafka")) {
                text.append(name).append('\n');
                for (MBeanAttributeInfo attribute : server.getMBeanInfo(name).getAttributes()) {
                    text.append(server.getAttribute(name, attribute.getName())).append('\n');
                }
            }
        }
        assertThat(text.toString()).contains("io.llamastreams:type=Worker");
        return text.toString();
    }

    @Test
    void wrongCredentialsAreNamedByEveryCommand() throws Exception {
        String place = "broker 127.0.0.1:" + securePort + ": ";
        Map<String, String> plain = secure("PLAIN", "client", SECRET + "wrong");
        assertThat(fails(1, plain, "collect", "--timeout", "5s"))
                .contains(place + "Authentication failed: Invalid username or password");
        assertThat(fails(1, plain, "submit", prompts("never", 1).toString()))
                .contains(place + "Authentication failed: Invalid username or password");
        Map<String, String> scram = worker("SCRAM-SHA-256");
        scram.putAll(secure("SCRAM-SHA-256", "worker", SECRET + "wrong"));
        assertThat(fails(1, scram, "run"))
                .contains(place)
                .contains("invalid credentials with SASL mechanism SCRAM-SHA-256");
        assertThat(fails(1, secure("GSSAPI", "client", SECRET + "client"), "collect"))
                .contains(place);
    }

    @Test
    void whoHasNoRightToATopicIsToldWhich() throws Exception {
        Map<String, String> stranger = secure("PLAIN", "stranger", SECRET + "stranger");
        stranger.put("llama.topics.create", "false");
        assertThat(fails(1, stranger, "collect", "--timeout", "5s"))
                .contains("topic llama.completions: ")
                .contains("Not authorized to access topics: [llama.completions]");
        assertThat(fails(1, stranger, "submit", prompts("never", 3).toString()))
                .contains("Not authorized to access topics: [llama.prompts]")
                .contains("sent 0 prompts");
        stranger.put("llama.topics.create", "true");
        assertThat(fails(1, stranger, "collect", "--timeout", "5s")).contains("creating topic llama.");
    }

    @Test
    void aWorkerThatMayNotWriteCompletionsEndsAndTheNextOneLosesNothing() throws Exception {
        fails(0, client(), "submit", prompts("kept", 30).toString(), "--batch", "kept");
        AclBinding denial = binding(
                "worker",
                ResourceType.TOPIC,
                PatternType.LITERAL,
                "llama.completions",
                AclOperation.WRITE,
                AclPermissionType.DENY);
        admin.createAcls(List.of(denial)).all().get();
        assertThat(fails(1, worker("SCRAM-SHA-256"), "run"))
                .contains("the service has failed: ")
                .contains("Not authorized to access topics: [llama.completions]");
        admin.deleteAcls(List.of(denial.toFilter())).all().get();
        try (Worker worker = Worker.start(TopologyConfig.of(worker("SCRAM-SHA-256")))) {
            collectsEachOnce("kept", 30);
            assertThat(worker.failure()).isEmpty();
        }
    }

    @Test
    void certificatesThatCannotBeTrustedAreNamed() throws Exception {
        Map<String, String> expired = worker("SCRAM-SHA-256");
        expired.put("bootstrap.servers", "127.0.0.1:" + expiredPort);
        expired.put("security.protocol", "SSL");
        for (String command : List.of("run", "collect")) {
            assertThat(fails(1, expired, command))
                    .contains("broker 127.0.0.1:" + expiredPort + ": ")
                    .contains("certificate has expired: NotAfter: ");
        }
        Map<String, String> untrusted = client();
        List.of("ssl.truststore.location", "ssl.truststore.password", "ssl.truststore.type")
                .forEach(untrusted::remove);
        assertThat(fails(1, untrusted, "collect"))
                .contains("broker 127.0.0.1:" + securePort + ": ")
                .contains("certificate is not trusted");
        Map<String, String> missing = client();
        missing.put("ssl.truststore.location", folder.resolve("none.p12").toString());
        assertThat(fails(1, missing, "collect")).contains("none.p12");
    }
}
