package io.llamastreams.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.llamastreams.app.broker.EmbeddedBroker;
import io.llamastreams.app.client.TopicReader;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.serving.Answer;
import io.llamastreams.serving.Choice;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.PromptInput;
import io.llamastreams.serving.Usage;
import io.llamastreams.topology.config.TopicNames;
import io.llamastreams.topology.config.Topics;
import io.llamastreams.topology.record.CompletionRecord;
import io.llamastreams.topology.record.Origin;
import io.llamastreams.topology.serde.TestSerdes;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Prompts in by {@code submit}, completions out by {@code collect}, no worker between. */
@Timeout(120)
class SubmitCollectIT {

    private static final String REGISTRY = "mock://submit-collect";
    private static final String COMPLETIONS = TopicNames.DEFAULT.completions();

    @TempDir
    private Path folder;

    private EmbeddedBroker broker;

    @BeforeEach
    void startBroker() {
        broker = EmbeddedBroker.startTemporary();
    }

    @AfterEach
    void stopBroker() {
        broker.close();
    }

    @Test
    void submitSendsWhatIsAPromptAndNamesTheLinesThatAreNot() throws Exception {
        Path file = write(
                "{\"id\":\"a\",\"prompt\":\"Once\",\"max_new_tokens\":7,\"tenant\":\"north\"}",
                "nonsense",
                "",
                "{\"id\":\"b\",\"prompt\":\"Twice\",\"max_new_tokens\":\"many\"}",
                "{\"id\":\"c\",\"prompt\":\"Thrice é\"}");
        CapturedConsole console = new CapturedConsole();

        assertThat(console.run(submit(file.toString()))).isEqualTo(1);

        assertThat(console.err())
                .contains(file + ": line 2: not JSON")
                .contains(file + ": line 4: max_new_tokens: expected an integer, found the string \"many\"")
                .contains("sent 2 prompts to llama.prompts")
                .contains("2 lines of " + file + " are no prompts and were not sent");
        assertThat(console.out()).isEmpty();
        List<Prompt> prompts = prompts(2);
        assertThat(prompts).extracting(Prompt::id).containsExactlyInAnyOrder("a", "c");
        Prompt first = prompts.stream()
                .filter(prompt -> prompt.id().equals("a"))
                .findFirst()
                .orElseThrow();
        assertThat(first.input()).isEqualTo(new PromptInput.Text("Once"));
        assertThat(first.options().maxNewTokens()).isEqualTo(7);
        assertThat(first.tenant()).isEqualTo("north");
    }

    @Test
    void submitReadsStandardInputAndSendsAllOfAnotherFile() throws Exception {
        Path file = write(IntStream.range(0, 3_000)
                .mapToObj(i -> "{\"id\":\"p" + i + "\",\"prompt\":\"Tell me of number " + i + "\"}")
                .toArray(String[]::new));
        assertThat(new CapturedConsole().run(submit(file.toString()))).isZero();
        InputStream original = System.in;
        System.setIn(new ByteArrayInputStream("{\"id\":\"in\",\"prompt\":\"x\"}".getBytes(StandardCharsets.UTF_8)));
        try {
            assertThat(new CapturedConsole().run(submit("-"))).isZero();
        } finally {
            System.setIn(original);
        }
        assertThat(prompts(3_001))
                .extracting(Prompt::id)
                .doesNotHaveDuplicates()
                .contains("p0", "p2999", "in");
    }

    @Test
    void submitSendsTheOthersWhenOnePromptIsTooLarge() throws Exception {
        Path file = write(
                "{\"id\":\"huge\",\"prompt\":\"" + "x".repeat(3 << 20) + "\"}", "{\"id\":\"small\",\"prompt\":\"x\"}");
        CapturedConsole console = new CapturedConsole();
        assertThat(console.run(submit(file.toString()))).isEqualTo(1);
        assertThat(console.err())
                .contains("prompt huge: ")
                .contains("sent 1 prompts")
                .contains("1 prompts could not be sent");
        assertThat(prompts(1)).extracting(Prompt::id).containsExactly("small");
    }

    @Test
    void submitSaysInOneLineWhyItCannotStart() throws Exception {
        Path file = write("{\"id\":\"a\",\"prompt\":\"x\"}");
        int freePort;
        try (var socket = new ServerSocket(0)) {
            freePort = socket.getLocalPort();
        }
        String registry = "--registry=" + REGISTRY;
        String here = "--bootstrap=" + broker.bootstrap();
        fails(
                1,
                "broker 127.0.0.1:" + freePort + ": Connection refused",
                "submit",
                file.toString(),
                registry,
                "--bootstrap=127.0.0.1:" + freePort);
        fails(1, "broker nowhere: expected host:port", "submit", file.toString(), registry, "--bootstrap=nowhere");
        fails(2, "bootstrap.servers: expected a value, found none", "submit", file.toString(), registry);
        fails(2, "schema.registry.url: expected a value, found none", "submit", file.toString(), here);
        fails(1, "missing.jsonl: no such file or folder", "submit", "missing.jsonl", registry, here);
        fails(
                1,
                "missing.properties: no such file or folder",
                "submit",
                file.toString(),
                "--config=missing.properties");
        fails(
                1,
                "did you mean llama.topic.prompts?",
                "submit",
                file.toString(),
                registry,
                here,
                "--set=llama.topic.promts=x");
        fails(1, "stopped before the end", "submit", file.toString(), here, "--registry=http://127.0.0.1:" + freePort);
        fails(2, "F.jsonl", "submit", registry, here);
    }

    @Test
    void settingsComeFromAFileAndOptionsWin() throws Exception {
        Path config = folder.resolve("llama.properties");
        Files.writeString(
                config,
                String.join(
                        "\n",
                        "bootstrap.servers = nowhere:1",
                        "schema.registry.url = " + REGISTRY + "  ",
                        "llama.topic.prompts = from.file",
                        "llama.topics.partitions = 2"));
        Path file = write("{\"id\":\"a\",\"prompt\":\"x\"}");
        CapturedConsole console = new CapturedConsole();
        assertThat(console.run(List.of(
                        "submit",
                        file.toString(),
                        "--config",
                        config.toString(),
                        "--bootstrap",
                        broker.bootstrap(),
                        "--set",
                        "llama.topic.prompts=from.option")))
                .as(console.err())
                .isZero();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
            assertThat(admin.listTopics().names().get()).contains("from.option").doesNotContain("from.file");
            assertThat(admin.describeTopics(List.of("from.option"))
                            .allTopicNames()
                            .get()
                            .get("from.option")
                            .partitions())
                    .hasSize(2);
        }
    }

    @Test
    void collectWritesCommittedCompletionsAndSkipsWhatItCannotRead() throws Exception {
        createTopics();
        produce(List.of(completion("a"), completion("b")), true);
        produce(List.of(completion("aborted")), false);
        try (KafkaProducer<byte[], byte[]> producer = producer(Map.of())) {
            producer.send(new ProducerRecord<>(COMPLETIONS, "garbage".getBytes(StandardCharsets.UTF_8)))
                    .get();
        }
        produce(List.of(rejected("c")), true);
        Path out = folder.resolve("out.jsonl");
        CapturedConsole console = new CapturedConsole();

        assertThat(console.run(collect("--out", out.toString(), "--count", "3", "--timeout", "30s")))
                .as(console.err())
                .isZero();

        List<JsonNode> lines = lines(out);
        assertThat(lines).extracting(line -> line.get("id").asText()).containsExactlyInAnyOrder("a", "b", "c");
        JsonNode good = find(lines, "a");
        assertThat(good.get("status").asText()).isEqualTo("SUCCEEDED");
        assertThat(good.get("text").asText()).isEqualTo(" upon é a");
        assertThat(good.get("finish_reason").asText()).isEqualTo("length");
        assertThat(good.get("ids").toString()).isEqualTo("[7,8,9]");
        assertThat(good.get("usage").get("prompt_tokens").asInt()).isEqualTo(4);
        assertThat(good.get("usage").get("completion_tokens").asInt()).isEqualTo(3);
        assertThat(find(lines, "c").get("status").asText()).isEqualTo("REJECTED");
        assertThat(find(lines, "c").get("error").asText()).isEqualTo("max_new_tokens: no");
    }

    @Test
    void collectEndsWithOneWhenTooFewComeInTime() throws Exception {
        createTopics();
        produce(List.of(completion("a")), true);
        CapturedConsole console = new CapturedConsole();
        assertThat(console.run(collect("--count", "2", "--timeout", "1500ms"))).isEqualTo(1);
        assertThat(console.err()).contains("expected 2 completions, found 1, and none came for 1500ms");
        assertThat(console.out()).startsWith("{\"id\":\"a\"").endsWith("}\n");
        // Without a count whatever came is enough; so is nothing, on topics that are not there yet.
        assertThat(new CapturedConsole().run(collect("--timeout", "1s"))).isZero();
        assertThat(new CapturedConsole().run(collect("--timeout", "1s", "--set", "llama.topic.completions=new")))
                .isZero();
        assertThat(new CapturedConsole().run(collect("--timeout", "soon"))).isEqualTo(2);
        assertThat(new CapturedConsole().run(collect("--count", "0"))).isEqualTo(2);
    }

    @Test
    void groupGoesOnBehindTheLastLineThatWasWritten() throws Exception {
        createTopics();
        produce(IntStream.range(0, 10).mapToObj(i -> completion("c" + i)).toList(), true);
        Path out = folder.resolve("out.jsonl");
        String[] options = {"--out", out.toString(), "--group", "g", "--timeout", "20s"};
        assertThat(new CapturedConsole().run(collect(with(options, "--count", "4"))))
                .isZero();
        assertThat(lines(out)).hasSize(4);
        assertThat(new CapturedConsole().run(collect(with(options, "--count", "6"))))
                .isZero();
        assertThat(lines(out))
                .extracting(line -> line.get("id").asText())
                .hasSize(10)
                .doesNotHaveDuplicates();
    }

    private void fails(int exitCode, String message, String... arguments) {
        CapturedConsole console = new CapturedConsole();
        assertThat(console.run(List.of(arguments))).as(console.err()).isEqualTo(exitCode);
        assertThat(console.err()).contains(message).doesNotContain("\tat ");
    }

    private List<String> submit(String file) {
        return List.of("submit", file, "--bootstrap", broker.bootstrap(), "--registry", REGISTRY);
    }

    private List<String> collect(String... options) {
        return Stream.concat(
                        Stream.of("collect", "--bootstrap", broker.bootstrap(), "--registry", REGISTRY),
                        Stream.of(options))
                .toList();
    }

    private static String[] with(String[] options, String... more) {
        return Stream.concat(Stream.of(options), Stream.of(more)).toArray(String[]::new);
    }

    private Path write(String... lines) throws Exception {
        return Files.write(folder.resolve("prompts.jsonl"), List.of(lines));
    }

    private static List<JsonNode> lines(Path file) throws Exception {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            lines.add(Json.read(line));
        }
        return lines;
    }

    private static JsonNode find(List<JsonNode> lines, String id) {
        return lines.stream()
                .filter(line -> line.get("id").asText().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private List<Prompt> prompts(int count) {
        List<Prompt> prompts = new ArrayList<>();
        try (TopicReader<Prompt> reader = TopicReader.fromBeginning(
                Map.of("bootstrap.servers", broker.bootstrap()),
                TopicNames.DEFAULT.prompts(),
                TestSerdes.prompts(REGISTRY))) {
            long deadlineNanos = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (prompts.size() < count && System.nanoTime() < deadlineNanos) {
                reader.poll(Duration.ofMillis(100), Integer.MAX_VALUE, new TopicReader.Listener<>() {
                    @Override
                    public void onValue(Prompt prompt) {
                        prompts.add(prompt);
                    }

                    @Override
                    public void onUnreadable(String where, String reason) {
                        throw new AssertionError(where + ": " + reason);
                    }
                });
            }
        }
        return prompts;
    }

    private void createTopics() {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
            Topics.ensure(admin, TopicNames.DEFAULT, 3, (short) 1);
        }
    }

    private KafkaProducer<byte[], byte[]> producer(Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(settings);
        all.put("bootstrap.servers", broker.bootstrap());
        return new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer());
    }

    @SuppressWarnings("FutureReturnValueIgnored") // flush waits, the commit fails if one did
    private void produce(List<CompletionRecord> completions, boolean commit) {
        try (KafkaProducer<byte[], byte[]> producer = producer(Map.of("transactional.id", "test"));
                Serializer<CompletionRecord> serializer = TestSerdes.completions(REGISTRY)) {
            producer.initTransactions();
            producer.beginTransaction();
            for (CompletionRecord completion : completions) {
                producer.send(new ProducerRecord<>(
                        COMPLETIONS,
                        completion.id().getBytes(StandardCharsets.UTF_8),
                        serializer.serialize(COMPLETIONS, completion)));
            }
            producer.flush();
            if (commit) {
                producer.commitTransaction();
            } else {
                producer.abortTransaction();
            }
        }
    }

    private static CompletionRecord completion(String id) {
        Answer answer =
                new Answer.Texts(Choice.only(" upon é " + id, List.of(7, 8, 9), Optional.of("length"), List.of()));
        return record(id, Generation.Status.SUCCEEDED, answer, new Usage(4, 1, 3, 10, 20, 30), "");
    }

    private static CompletionRecord rejected(String id) {
        return record(id, Generation.Status.REJECTED, new Answer.Nothing(), Usage.NONE, "max_new_tokens: no");
    }

    private static CompletionRecord record(
            String id, Generation.Status status, Answer answer, Usage usage, String error) {
        CompletionRecord.Lineage lineage = new CompletionRecord.Lineage(
                new Origin(TopicNames.DEFAULT.prompts(), 0, 0), Instant.EPOCH, "model", 0, "test", "f32");
        return new CompletionRecord(id, status, answer, usage, error, lineage, "", "", Map.of());
    }
}
