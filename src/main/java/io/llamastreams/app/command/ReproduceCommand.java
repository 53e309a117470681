package io.llamastreams.app.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.llamastreams.app.batch.BatchRun;
import io.llamastreams.app.batch.BatchSummary;
import io.llamastreams.app.client.Cluster;
import io.llamastreams.app.client.TopicReader;
import io.llamastreams.app.jsonl.CompletionReader;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.app.reproduce.CompletionSource;
import io.llamastreams.app.reproduce.FilePrompts;
import io.llamastreams.app.reproduce.PromptSource;
import io.llamastreams.app.reproduce.Reproduction;
import io.llamastreams.app.reproduce.TopicCompletions;
import io.llamastreams.app.reproduce.TopicPrompts;
import io.llamastreams.app.service.ShutdownSignal;
import io.llamastreams.app.terminal.Console;
import io.llamastreams.app.terminal.Progress;
import io.llamastreams.app.terminal.QuietCommand;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.session.EngineSettings;
import io.llamastreams.serving.session.TextEngine;
import io.llamastreams.topology.config.TopologyConfig;
import io.llamastreams.topology.record.CompletionRecord;
import io.llamastreams.topology.serde.RecordMappings;
import io.llamastreams.topology.serde.RecordSerdes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.kafka.common.serialization.Deserializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Completions made a second time. */
@Command(
        name = "reproduce",
        description = {
            "Make completions again and show that they come out bit for bit, or where each first differs.",
            "",
            "Completions are the lines that collect and batch write, or lie on their topic (--from-topic). Their prompts are"
                    + " read from the topic, partition and offset that the lineage says, or found by their ids in --prompts."
                    + " Token ids, log-probabilities, texts and everything else that was asked for must be equal; a text that"
                    + " was cancelled or expired must be how the whole one begins.",
            "",
            "A completion of another model, vocabulary or number format is named and not made again, unless --any-model is"
                    + " given."
        },
        exitCodeList = {
            "0:there were completions to make again, and all came out equal",
            "1:one did not, or its prompt or model is not there; or it was interrupted",
            "2:used wrongly"
        },
        footer = {
            "",
            "Examples:",
            "  llama-streams reproduce completions.jsonl --model m.gguf --prompts prompts.jsonl",
            "  llama-streams reproduce --from-topic --id order-7 --model m.gguf --bootstrap localhost:9092"
                    + " --registry http://localhost:8081"
        })
public final class ReproduceCommand implements Callable<Integer>, QuietCommand {
    private static final Duration SHUTDOWN_GRACE = Duration.ofSeconds(30);

    @Parameters(
            arity = "0..1",
            paramLabel = "F.jsonl",
            description = "Completions, as collect, batch and demo write them.")
    private Optional<Path> file = Optional.empty();

    @Option(names = "--from-topic", description = "Completions are read from their topic instead.")
    private boolean fromTopic;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "10s",
            converter = DurationConverter.class,
            description = "The topic has ended when no completion came for so long. Default: ${DEFAULT-VALUE}.")
    private Duration timeout;

    @Option(names = "--id", paramLabel = "ID", description = "Only the completion of this id; may be repeated.")
    private List<String> ids = List.of();

    @Option(
            names = "--prompts",
            paramLabel = "F.jsonl",
            description = "The prompts as they were submitted; without it they are read from their topic.")
    private Optional<Path> prompts = Optional.empty();

    @Mixin
    private ModelOption model;

    @Option(names = "--any-model", description = "Make completions of another model again all the same.")
    private boolean anyModel;

    @Option(
            names = "--json",
            description =
                    "Print the summary as {\"checked\",\"equal\",\"different\",\"missing_prompt\",\"other_model\","
                            + "\"skipped\"} on standard output; skipped are completions without an answer.")
    private boolean json;

    @Mixin
    private EngineOptions options;

    @Mixin
    private KafkaOptions kafka;

    @Spec
    private CommandSpec command;

    private final Console console;

    ReproduceCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (file.isPresent() == fromTopic) {
            throw new ParameterException(
                    command.commandLine(),
                    "expected a file of completions or --from-topic, found " + (fromTopic ? "both" : "neither"));
        }
        EngineSettings settings = options.settings();
        LimitedReports reports = new LimitedReports(console);
        Optional<TopologyConfig> cluster = fromTopic || prompts.isEmpty() ? Optional.of(connect()) : Optional.empty();
        try (CompletionSource completions = completions(cluster, reports);
                PromptSource source = prompts(cluster);
                TextEngine engine = model.open(console, settings);
                ShutdownSignal signal = ShutdownSignal.listen(SHUTDOWN_GRACE);
                Progress progress = console.progress("reproduce", -1, "completions")) {
            Reproduction reproduction = new Reproduction(
                    engine,
                    completions,
                    source,
                    anyModel,
                    (id, reason) -> progress.aside(() -> reports.error(id + ": " + reason)));
            BatchSummary run = new BatchRun(
                            engine,
                            reproduction,
                            reproduction,
                            InstantSource.system(),
                            System::nanoTime,
                            signal::isRaised,
                            progress)
                    .run();
            return report(reproduction.summary(), run.isInterrupted());
        }
    }

    private TopologyConfig connect() throws InterruptedException {
        TopologyConfig config = kafka.loadForCluster(Map.of(), Map.of());
        Cluster.connect(config.adminConfig()).close();
        return config;
    }

    private CompletionSource completions(Optional<TopologyConfig> cluster, LimitedReports reports) throws IOException {
        CompletionSource all = file.isPresent() ? ofFile(file.get()) : ofTopic(cluster.orElseThrow(), reports);
        if (ids.isEmpty()) {
            return all;
        }
        Set<String> wanted = new HashSet<>(ids);
        return new CompletionSource() {
            @Override
            public Optional<ObjectNode> next() throws IOException {
                Optional<ObjectNode> line = all.next();
                while (line.isPresent()
                        && !wanted.contains(line.get().path("id").asText())) {
                    line = all.next();
                }
                return line;
            }

            @Override
            public void close() throws IOException {
                all.close();
            }
        };
    }

    private static CompletionSource ofFile(Path path) throws IOException {
        CompletionReader reader = new CompletionReader(path, Files.newInputStream(path));
        return new CompletionSource() {
            @Override
            public Optional<ObjectNode> next() throws IOException {
                return reader.next();
            }

            @Override
            public void close() throws IOException {
                reader.close();
            }
        };
    }

    private CompletionSource ofTopic(TopologyConfig config, LimitedReports reports) {
        Deserializer<CompletionRecord> deserializer =
                RecordSerdes.deserializer(RecordMappings.COMPLETION, config.registryConfig());
        return new TopicCompletions(
                TopicReader.fromBeginning(
                        config.consumerConfig(), config.topics().completions(), deserializer),
                timeout,
                (where, reason) -> reports.error(where + ": no completion: " + reason));
    }

    private PromptSource prompts(Optional<TopologyConfig> cluster) throws IOException {
        if (prompts.isPresent()) {
            return new FilePrompts(prompts.get());
        }
        TopologyConfig config = cluster.orElseThrow();
        Deserializer<Prompt> deserializer = RecordSerdes.deserializer(RecordMappings.PROMPT, config.registryConfig());
        return new TopicPrompts(config.consumerConfig(), deserializer, System::nanoTime);
    }

    private int report(Reproduction.Summary summary, boolean interrupted) {
        console.info(summary.checked() + " completions made again: " + summary.equal() + " equal bit for bit, "
                + summary.different() + " different; " + summary.missingPrompt() + " without their prompt, "
                + summary.otherModel() + " of another model, " + summary.skipped() + " without an answer");
        if (json) {
            console.jsonLine(Json.write(Json.object()
                    .put("checked", summary.checked())
                    .put("equal", summary.equal())
                    .put("different", summary.different())
                    .put("missing_prompt", summary.missingPrompt())
                    .put("other_model", summary.otherModel())
                    .put("skipped", summary.skipped())));
        }
        if (interrupted) {
            console.error("interrupted");
        }
        return summary.isProof() && !interrupted ? 0 : 1;
    }
}
