package io.llamastreams.app.command;

import io.llamastreams.app.client.BatchFollower;
import io.llamastreams.app.client.Cluster;
import io.llamastreams.app.client.CompletionCollector;
import io.llamastreams.app.client.TopicReader;
import io.llamastreams.app.service.ShutdownSignal;
import io.llamastreams.app.terminal.Console;
import io.llamastreams.app.terminal.Progress;
import io.llamastreams.app.terminal.QuietCommand;
import io.llamastreams.topology.config.Topics;
import io.llamastreams.topology.config.TopologyConfig;
import io.llamastreams.topology.record.BatchRecord;
import io.llamastreams.topology.record.CompletionRecord;
import io.llamastreams.topology.serde.RecordMappings;
import io.llamastreams.topology.serde.RecordSerdes;
import java.io.FilterWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.serialization.Deserializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Completions of the completions topic into a file. */
@Command(
        name = "collect",
        description = {
            "Write the completions topic as JSONL: id, status, ids, text, finish_reason, usage, and error where there is one.",
            "",
            "Only committed records are read, from the topic's beginning, or with --group from where the group stands. It"
                    + " ends after --count completions, with the --batch, or when none came for --timeout."
        },
        exitCodeList = {
            "0:--count completions were written, or those of the whole --batch, or all that came if neither was given",
            "1:fewer came in time, or it was interrupted",
            "2:used wrongly"
        },
        footer = {
            "",
            "Example:",
            "  llama-streams collect --out completions.jsonl --count 500 --timeout 60s --bootstrap 127.0.0.1:9092"
                    + " --registry mock://"
        })
public final class CollectCommand implements Callable<Integer>, QuietCommand {

    private static final Duration SHUTDOWN_GRACE = Duration.ofSeconds(30);

    @Option(
            names = "--out",
            paramLabel = "F.jsonl",
            defaultValue = "-",
            description =
                    "File to write, replaced if it is there; with --group it is appended to. \"-\", the default, for"
                            + " standard output.")
    private String out;

    @Option(names = "--count", paramLabel = "N", description = "How many completions to wait for.")
    private Optional<Long> count = Optional.empty();

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "60s",
            converter = DurationConverter.class,
            description =
                    "Give up when no completion came for so long: 500ms, 60s, 10m, 8h. Default: ${DEFAULT-VALUE}.")
    private Duration timeout;

    @Option(
            names = "--group",
            paramLabel = "NAME",
            description =
                    "Read as this consumer group: the next call goes on after the last completion that was written,"
                            + " and several calls at once share the topic.")
    private Optional<String> group = Optional.empty();

    @Option(
            names = "--batch",
            paramLabel = "ID",
            description =
                    "Only completions of this batch, until it is complete: every prompt that its sender has announced has"
                            + " ended. Without --count and --group.")
    private Optional<String> batch = Optional.empty();

    @Mixin
    private KafkaOptions kafka;

    @Spec
    private CommandSpec command;

    private final Console console;

    CollectCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (count.isPresent() && count.get() < 1) {
            throw new ParameterException(command.commandLine(), "--count: expected at least 1, found " + count.get());
        }
        if (batch.isPresent()) {
            BatchOutput.requireId(command.commandLine(), batch.get());
            if (count.isPresent() || group.isPresent()) {
                throw new ParameterException(
                        command.commandLine(), "--batch: expected neither --count nor --group besides");
            }
        }
        TopologyConfig config = kafka.loadForCluster(Map.of(), Map.of());
        try (Admin admin = Cluster.connect(config.adminConfig())) {
            if (config.createsTopics()) {
                Topics.ensure(admin, config.topics(), config.topicPartitions(), config.topicReplication());
            }
        }
        LimitedReports reports = new LimitedReports(console);
        Optional<BatchFollower> follower = batch.map(id -> BatchOutput.follow(config, id, reports));
        CompletionCollector.Result result;
        try (ShutdownSignal signal = ShutdownSignal.listen(SHUTDOWN_GRACE);
                TopicReader<CompletionRecord> reader = reader(config);
                Writer writer = writer();
                Progress progress = console.progress("collect", count.orElse(-1L), "completions")) {
            result = new CompletionCollector(
                            reader,
                            follower,
                            writer,
                            (where, reason) ->
                                    progress.aside(() -> reports.error(where + ": no completion: " + reason)),
                            progress)
                    .run(
                            count.map(OptionalLong::of).orElse(OptionalLong.empty()),
                            timeout,
                            System::nanoTime,
                            signal::isRaised,
                            group.isPresent() ? reader::commit : () -> {});
        } finally {
            follower.ifPresent(BatchFollower::close);
        }
        if (result.end() == CompletionCollector.End.NOTHING_CAME) {
            // Kafka's consumer keeps silent about a broker that has gone away.
            Cluster.connect(config.adminConfig()).close();
        }
        return report(result, follower.flatMap(BatchFollower::latest));
    }

    private TopicReader<CompletionRecord> reader(TopologyConfig config) {
        Deserializer<CompletionRecord> deserializer =
                RecordSerdes.deserializer(RecordMappings.COMPLETION, config.registryConfig());
        String topic = config.topics().completions();
        return group.map(name -> TopicReader.asGroup(config.consumerConfig(), topic, name, deserializer))
                .orElseGet(() -> TopicReader.fromBeginning(config.consumerConfig(), topic, deserializer));
    }

    private Writer writer() throws IOException {
        if (out.equals("-")) {
            return new FilterWriter(new OutputStreamWriter(console.out(), StandardCharsets.UTF_8)) {
                // Standard output stays open for others.
                @Override
                public void close() throws IOException {
                    flush();
                }
            };
        }
        OpenOption place = group.isPresent() ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING;
        return Files.newBufferedWriter(Path.of(out), StandardOpenOption.CREATE, StandardOpenOption.WRITE, place);
    }

    private int report(CompletionCollector.Result result, Optional<BatchRecord> found) {
        found.ifPresent(known -> console.info(BatchOutput.summary(known)));
        console.info("collected " + result.lines() + " completions"
                + (result.unreadable() > 0 ? ", skipped " + result.unreadable() + " unreadable records" : ""));
        return switch (result.end()) {
            case COUNT_REACHED, BATCH_COMPLETE -> 0;
            case NOTHING_CAME -> {
                if (batch.isPresent()) {
                    yield reportIncomplete(batch.get(), result.lines(), found);
                }
                if (count.isEmpty()) {
                    yield 0;
                }
                console.error("expected " + count.get() + " completions, found " + result.lines()
                        + ", and none came for " + DurationConverter.format(timeout));
                yield 1;
            }
            case INTERRUPTED -> {
                console.error("interrupted");
                yield 1;
            }
        };
    }

    /** All that can be had of a batch whose number of prompts nobody has announced is enough. */
    private int reportIncomplete(String id, long lines, Optional<BatchRecord> found) {
        if (found.isEmpty()) {
            console.error("batch " + id + ": nothing is known of it");
            return 1;
        }
        BatchRecord known = found.get();
        if (known.announced() == 0 && known.pending() == 0 && lines >= known.ended()) {
            console.warn("batch " + id + ": how many prompts it has was not announced; these are all that were seen");
            return 0;
        }
        console.error("batch " + id + ": expected " + known.total() + " completions, found " + lines
                + ", and nothing came for " + DurationConverter.format(timeout));
        return 1;
    }
}
