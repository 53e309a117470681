package io.llamastreams.app.command;

import io.llamastreams.app.client.BatchFollower;
import io.llamastreams.app.client.Cluster;
import io.llamastreams.app.client.PromptFile;
import io.llamastreams.app.client.PromptSender;
import io.llamastreams.app.client.PromptSubmission;
import io.llamastreams.app.jsonl.RequestReader;
import io.llamastreams.app.service.ShutdownSignal;
import io.llamastreams.app.terminal.Console;
import io.llamastreams.app.terminal.Progress;
import io.llamastreams.app.terminal.QuietCommand;
import io.llamastreams.serving.Prompt;
import io.llamastreams.topology.config.Topics;
import io.llamastreams.topology.config.TopologyConfig;
import io.llamastreams.topology.record.BatchRecord;
import io.llamastreams.topology.serde.RecordMappings;
import io.llamastreams.topology.serde.RecordSerdes;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.serialization.Serializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prompts of a file onto the prompts topic. */
@Command(
        name = "submit",
        description = {
            "Send the prompts of a JSONL file to the prompts topic, each once.",
            "",
            "A line is an object with \"id\" and \"prompt\" (or \"messages\"), and what else is wanted, such as"
                    + " \"max_new_tokens\", \"temperature\", \"top_p\", \"seed\", \"stop\". A line that is no prompt is"
                    + " reported and the others are sent; the command ends when the broker has every prompt safely."
                    + " Missing topics are created."
        },
        exitCodeList = {
            "0:every line was sent; with --wait, and has ended, however",
            "1:a line is no prompt or could not be sent, or did not end in time",
            "2:used wrongly"
        },
        footer = {
            "",
            "Examples:",
            "  llama-streams submit prompts.jsonl --bootstrap 127.0.0.1:9092 --registry mock://",
            "  llama-streams submit prompts.jsonl --batch tonight --wait --bootstrap 127.0.0.1:9092 --registry mock://"
        })
public final class SubmitCommand implements Callable<Integer>, QuietCommand {

    private static final Duration SHUTDOWN_GRACE = Duration.ofSeconds(30);

    @Parameters(paramLabel = "F.jsonl", description = "File of prompts; \"-\" for standard input.")
    private String file;

    @Option(
            names = "--batch",
            paramLabel = "ID",
            description =
                    "Batch that all these prompts belong to, whatever their lines say. How many they are is announced with the"
                            + " last of them, so that it can be told when all have ended. A new id for each file.")
    private Optional<String> batch = Optional.empty();

    @Option(names = "--wait", description = "Wait until all prompts of the --batch have ended, and show how far it is.")
    private boolean waits;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "10m",
            converter = DurationConverter.class,
            description = "Stop waiting when nothing ended for so long: 60s, 10m, 8h. Default: ${DEFAULT-VALUE}.")
    private Duration timeout;

    @Mixin
    private KafkaOptions kafka;

    @Spec
    private CommandSpec command;

    private final Console console;

    SubmitCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        batch.ifPresent(id -> BatchOutput.requireId(command.commandLine(), id));
        if (waits && batch.isEmpty()) {
            throw new ParameterException(command.commandLine(), "--wait: expected --batch ID besides");
        }
        TopologyConfig config = kafka.loadForCluster(Map.of(), Map.of());
        PromptFile prompts = PromptFile.named(file);
        createTopics(config);
        PromptSubmission.Result result = send(config, prompts);
        console.info("sent " + result.sent() + " prompts to " + config.topics().prompts());
        if (result.refused() > 0) {
            console.error(result.refused() + " lines of " + prompts.name() + " are no prompts and were not sent");
        }
        if (result.failed() > 0) {
            console.error(result.failed() + " prompts could not be sent");
        }
        result.broken()
                .ifPresent(reason -> console.error("stopped before the end of " + prompts.name() + ": " + reason));
        if (waits && result.sent() > 0 && result.broken().isEmpty() && !awaitBatch(config, batch.orElseThrow())) {
            return 1;
        }
        return result.isComplete() ? 0 : 1;
    }

    private boolean awaitBatch(TopologyConfig config, String id) {
        boolean complete;
        Optional<BatchRecord> found;
        boolean interrupted;
        try (ShutdownSignal signal = ShutdownSignal.listen(SHUTDOWN_GRACE);
                BatchFollower follower = BatchOutput.follow(config, id, new LimitedReports(console));
                Progress progress = console.progress("batch", -1, "prompts")) {
            complete = follower.awaitCompletion(timeout, System::nanoTime, signal::isRaised, progress);
            found = follower.latest();
            interrupted = signal.isRaised();
        }
        found.ifPresent(known -> console.info(BatchOutput.summary(known)));
        if (!complete) {
            console.error(
                    interrupted
                            ? "interrupted; the prompts are sent and go on"
                            : "batch " + id + ": nothing ended for " + DurationConverter.format(timeout));
        }
        return complete;
    }

    private static void createTopics(TopologyConfig config) throws InterruptedException {
        try (Admin admin = Cluster.connect(config.adminConfig())) {
            if (config.createsTopics()) {
                Topics.ensure(admin, config.topics(), config.topicPartitions(), config.topicReplication());
            }
        }
    }

    private PromptSubmission.Result send(TopologyConfig config, PromptFile prompts) throws IOException {
        Serializer<Prompt> serializer = RecordSerdes.serializer(RecordMappings.PROMPT, config.registryConfig());
        LimitedReports reports = new LimitedReports(console);
        try (ShutdownSignal signal = ShutdownSignal.listen(SHUTDOWN_GRACE);
                RequestReader lines = prompts.open(InstantSource.system(), console::warn);
                PromptSender sender = new PromptSender(
                        config.producerConfig(),
                        config.topics().prompts(),
                        serializer,
                        (label, reason) -> reports.error(prompts.name() + ": " + label + ": " + reason));
                Progress progress = console.progress("submit", prompts.lineCount(), "prompts")) {
            return new PromptSubmission(
                            lines,
                            batch,
                            sender,
                            bad -> progress.aside(() -> reports.error(prompts.name() + ": " + bad.reason())),
                            progress)
                    .run(signal::isRaised);
        }
    }
}
