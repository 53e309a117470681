package io.llamastreams.app.command;

import io.llamastreams.app.client.Cluster;
import io.llamastreams.app.client.PromptFile;
import io.llamastreams.app.client.PromptSender;
import io.llamastreams.app.client.PromptSubmission;
import io.llamastreams.app.jsonl.RequestReader;
import io.llamastreams.app.service.ShutdownSignal;
import io.llamastreams.app.terminal.Console;
import io.llamastreams.app.terminal.Progress;
import io.llamastreams.app.terminal.QuietCommand;
import io.llamastreams.topology.PromptSerializer;
import io.llamastreams.topology.Topics;
import io.llamastreams.topology.TopologyConfig;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

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
        exitCodeList = {"0:every line was sent", "1:a line is no prompt or could not be sent", "2:used wrongly"},
        footer = {"", "Example:", "  llama-streams submit prompts.jsonl --bootstrap 127.0.0.1:9092 --registry mock://"})
public final class SubmitCommand implements Callable<Integer>, QuietCommand {

    private static final Duration SHUTDOWN_GRACE = Duration.ofSeconds(30);

    @Parameters(paramLabel = "F.jsonl", description = "File of prompts; \"-\" for standard input.")
    private String file;

    @Mixin
    private KafkaOptions kafka;

    private final Console console;

    SubmitCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
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
        return result.isComplete() ? 0 : 1;
    }

    private static void createTopics(TopologyConfig config) throws InterruptedException {
        try (Admin admin = Cluster.connect(config.adminConfig())) {
            if (config.createsTopics()) {
                Topics.ensure(admin, config.topics(), config.topicPartitions(), config.topicReplication());
            }
        }
    }

    private PromptSubmission.Result send(TopologyConfig config, PromptFile prompts) throws IOException {
        PromptSerializer serializer = new PromptSerializer();
        serializer.configure(config.registryConfig(), false);
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
                            sender,
                            bad -> progress.aside(() -> reports.error(prompts.name() + ": " + bad.reason())),
                            progress)
                    .run(signal::isRaised);
        }
    }
}
