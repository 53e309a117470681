package io.llamastreams.faults;

import io.llamastreams.app.jsonl.Json;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.PromptInput;
import io.llamastreams.serving.options.GenerationOptions;
import io.llamastreams.topology.config.TopicNames;
import io.llamastreams.topology.config.Topics;
import io.llamastreams.topology.serde.RecordMappings;
import io.llamastreams.topology.serde.RecordSerdes;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringSerializer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures what a crash costs: all prompts lie on one partition, whose worker is killed when about half of the tokens are made;
 * the other worker, idle until then, goes on. Prints a line of JSON for each length of text, with texts stored as they grow
 * and without.
 */
@Command(name = "recovery", description = "Kill a worker in the middle of its texts, and measure what that costs.")
final class RunRecovery implements Callable<Integer> {

    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final int PARTITION = 0;

    /** As good as never. */
    private static final String NEVER = "1000000000";

    @Option(names = "--model", required = true, description = "A Llama 2 model, as a GGUF file.")
    private Path model;

    @Option(names = "--prompts", defaultValue = "32", description = "Default: ${DEFAULT-VALUE}.")
    private int prompts;

    @Option(
            names = "--tokens",
            split = ",",
            defaultValue = "30,400",
            description = "Lengths of texts. Default: ${DEFAULT-VALUE}.")
    private List<Integer> lengths;

    @Option(
            names = "--set",
            description = "Further settings of the workers, such as llama.kernels=scalar for a slow engine.")
    private Map<String, String> settings = new TreeMap<>();

    @Option(names = "--folder", defaultValue = "target/recovery", description = "For logs and data.")
    private Path folder;

    private final HttpClient http = HttpClient.newHttpClient();

    private RunRecovery() {}

    public static void main(String[] args) {
        System.exit(new CommandLine(new RunRecovery()).execute(args));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        for (int length : lengths) {
            for (boolean stored : List.of(true, false)) {
                measure(length, stored);
            }
        }
        return 0;
    }

    /** A worker, and where it can be asked. */
    private record Worker(ChildJvm process, int port) {}

    private void measure(int length, boolean stored) throws IOException, InterruptedException {
        Path runFolder = Files.createTempDirectory(Files.createDirectories(folder), "run-");
        List<Worker> workers = new ArrayList<>();
        try (BrokerProcess broker = new BrokerProcess(runFolder, 2)) {
            broker.advertise(List.of(broker.workerPort(0), broker.workerPort(1)));
            broker.start();
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
                Topics.ensure(admin, TopicNames.DEFAULT, 2, (short) 1);
            }
            for (int i = 0; i < 2; i++) {
                workers.add(start(i, runFolder, broker.workerPort(i), stored));
            }
            Waiting.until(
                    "both workers to be ready",
                    LIMIT,
                    () -> workers.stream().allMatch(worker -> number(worker, "ready") == 1),
                    () -> workers.getFirst().process().tail());
            send(broker.bootstrap(), length);
            report(length, stored, crash(workers, length));
        } finally {
            workers.forEach(worker -> worker.process().close());
        }
    }

    /**
     * What a crash came to.
     *
     * @param resumedMillis from the kill to the first new token of the other worker
     * @param tokens that both made
     */
    private record Crash(long resumedMillis, long tokens) {}

    private Crash crash(List<Worker> workers, int length) throws InterruptedException {
        long all = (long) prompts * length;
        Waiting.until(
                "half of the tokens", LIMIT, () -> made(workers.get(0)) + made(workers.get(1)) >= all / 2, () -> "");
        Worker victim = made(workers.get(0)) > 0 ? workers.get(0) : workers.get(1);
        Worker heir = victim == workers.get(0) ? workers.get(1) : workers.get(0);
        long before = made(victim);
        victim.process().kill();
        long killedNanos = System.nanoTime();
        Waiting.until("a token of the other worker", LIMIT, () -> made(heir) > 0, heir.process()::tail);
        long resumedMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - killedNanos);
        Waiting.until("the last prompt's end", LIMIT, () -> number(heir, "pending_prompts") == 0, heir.process()::tail);
        return new Crash(resumedMillis, before + made(heir));
    }

    private void report(int length, boolean stored, Crash crash) {
        long needed = (long) prompts * length;
        System.out.println(Json.write(Json.object()
                .put("tokens_per_text", length)
                .put("texts", prompts)
                .put("stored_as_they_grow", stored)
                .put("session_timeout_ms", BrokerProcess.SESSION_TIMEOUT.toMillis())
                .put("kill_to_first_token_ms", crash.resumedMillis())
                .put("tokens_made", crash.tokens())
                .put("tokens_needed", needed)
                .put("made_twice", String.format(Locale.ROOT, "%.4f", (crash.tokens() - needed) / (double) needed))));
    }

    private Worker start(int index, Path runFolder, int brokerPort, boolean stored) throws IOException {
        int port = BrokerProcess.freePort();
        WorkerSettings drawn = new WorkerSettings("classic", model.toAbsolutePath(), WorkerSettings.REGISTRY_URL);
        Map<String, String> all = new TreeMap<>(
                drawn.draw(new Random(1), "127.0.0.1:" + brokerPort, runFolder.resolve("state-" + index)));
        for (String key : List.of(
                "llama.max.batch",
                "llama.max.step.tokens",
                "llama.prefix.cache",
                "llama.max.queued.requests",
                "llama.tick.ms",
                "llama.kv.cache.bytes")) {
            all.remove(key);
        }
        all.put("llama.kv.cache.bytes", "64000000");
        all.put("llama.http.listen", "127.0.0.1:" + port);
        if (!stored) {
            all.put("llama.resume.tokens", NEVER);
            all.put("llama.resume.ms", NEVER);
        }
        all.putAll(settings);
        Path file = runFolder.resolve("worker-" + index + ".properties");
        Files.write(
                file,
                all.entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                        .toList());
        return new Worker(
                ChildJvm.start(
                        "worker-" + index,
                        runFolder.resolve("worker-" + index + ".log"),
                        List.of("-Xmx512m"),
                        "io.llamastreams.app.Main",
                        List.of("run", "--config", file.toString())),
                port);
    }

    private void send(String bootstrap, int length) {
        Serializer<Prompt> serializer = RecordSerdes.serializer(
                RecordMappings.PROMPT, Map.of("schema.registry.url", WorkerSettings.REGISTRY_URL));
        try (KafkaProducer<String, Prompt> producer =
                new KafkaProducer<>(Map.of("bootstrap.servers", bootstrap), new StringSerializer(), serializer)) {
            GenerationOptions options = GenerationOptions.DEFAULT.withEnding(
                    GenerationOptions.DEFAULT.ending().withMaxNewTokens(length).ignoringEos());
            for (int i = 0; i < prompts; i++) {
                Prompt prompt = new Prompt(
                        "r-" + i,
                        new PromptInput.Text("Once upon a time there were " + i),
                        options,
                        0,
                        Optional.empty(),
                        "",
                        "",
                        Map.of());
                producer.send(new ProducerRecord<>(TopicNames.DEFAULT.prompts(), PARTITION, prompt.id(), prompt));
            }
            producer.flush();
        }
    }

    private long made(Worker worker) {
        return number(worker, "completion_tokens_total");
    }

    /** A number of the worker's; 0 if it does not answer. */
    private long number(Worker worker, String name) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + worker.port() + "/metrics"))
                .build();
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString())
                    .body()
                    .lines()
                    .filter(line -> line.startsWith("llama_" + name + " "))
                    .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(' ') + 1)))
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
