package io.llamastreams.app.command;

import io.llamastreams.app.client.Cancellation;
import io.llamastreams.app.client.Cluster;
import io.llamastreams.app.client.TopicReader;
import io.llamastreams.app.service.ShutdownSignal;
import io.llamastreams.app.terminal.CommandFailure;
import io.llamastreams.app.terminal.Console;
import io.llamastreams.app.terminal.QuietCommand;
import io.llamastreams.topology.config.TopicNames;
import io.llamastreams.topology.config.Topics;
import io.llamastreams.topology.config.TopologyConfig;
import io.llamastreams.topology.record.ControlAcknowledgement;
import io.llamastreams.topology.record.ControlCommand;
import io.llamastreams.topology.serde.RecordMappings;
import io.llamastreams.topology.serde.RecordSerdes;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Prompts that nobody wants any more. */
@Command(
        name = "cancel",
        description = {
            "Cancel a request or a batch, and wait until every partition of the prompts topic has done so.",
            "",
            "What waits ends at once, what is running with the text that it has, each with a completion of status CANCELLED."
                    + " The id stays cancelled for prompts that come later, for llama.control.retention.ms (7 days)."
        },
        exitCodeList = {
            "0:all partitions have acknowledged it",
            "1:not all did in time (it holds all the same), or it could not be sent",
            "2:used wrongly"
        },
        footer = {
            "",
            "Example:",
            "  llama-streams cancel --batch nightly-7 --reason \"wrong prompt\" --bootstrap 127.0.0.1:9092 --registry mock://"
        })
public final class CancelCommand implements Callable<Integer>, QuietCommand {

    private static final Duration SHUTDOWN_GRACE = Duration.ofSeconds(30);

    @Option(names = "--id", paramLabel = "ID", description = "Prompts with this id.")
    private Optional<String> id = Optional.empty();

    @Option(
            names = "--batch",
            paramLabel = "ID",
            description = "Prompts with this batch_id; together with --id, only those that have both.")
    private Optional<String> batch = Optional.empty();

    @Option(names = "--tenant", paramLabel = "NAME", description = "Only this tenant's. Default: anybody's.")
    private Optional<String> tenant = Optional.empty();

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            defaultValue = "",
            description = "Told by the completions of what was cancelled.")
    private String reason;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "60s",
            converter = DurationConverter.class,
            description = "Longest wait for acknowledgements: 500ms, 60s, 10m. Default: ${DEFAULT-VALUE}.")
    private Duration timeout;

    @Mixin
    private KafkaOptions kafka;

    @Spec
    private CommandSpec command;

    private final Console console;

    CancelCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (id.isEmpty() && batch.isEmpty()) {
            throw new ParameterException(command.commandLine(), "expected --id or --batch, found neither");
        }
        TopologyConfig config = kafka.loadForCluster(Map.of(), Map.of());
        int partitions = partitions(config);
        ControlCommand cancel = new ControlCommand(UUID.randomUUID().toString(), id, batch, tenant, reason);
        try (ShutdownSignal signal = ShutdownSignal.listen(SHUTDOWN_GRACE);
                TopicReader<ControlAcknowledgement> reader = reader(config)) {
            Serializer<ControlCommand> serializer =
                    RecordSerdes.serializer(RecordMappings.CONTROL_COMMAND, config.registryConfig());
            Cancellation cancellation = new Cancellation(reader, partitions);
            cancellation.send(config.producerConfig(), config.topics().control(), serializer, cancel);
            return report(cancellation.await(cancel.id(), timeout, System::nanoTime, signal::isRaised));
        }
    }

    /** Of the control topic; each has a task, and it must have all that prompts have. */
    private static int partitions(TopologyConfig config) throws InterruptedException {
        TopicNames topics = config.topics();
        try (Admin admin = Cluster.connect(config.adminConfig())) {
            if (config.createsTopics()) {
                Topics.ensure(admin, topics, config.topicPartitions(), config.topicReplication());
            }
            int wanted = Topics.partitions(admin, topics.prompts());
            int found = Topics.partitions(admin, topics.control());
            if (found < wanted) {
                throw new CommandFailure("topic " + topics.control() + ": expected at least the " + wanted
                        + " partitions that " + topics.prompts() + " has, found " + found);
            }
            return found;
        }
    }

    private static TopicReader<ControlAcknowledgement> reader(TopologyConfig config) {
        Deserializer<ControlAcknowledgement> deserializer =
                RecordSerdes.deserializer(RecordMappings.CONTROL_ACKNOWLEDGEMENT, config.registryConfig());
        return TopicReader.fromEnd(config.consumerConfig(), config.topics().acknowledgements(), deserializer);
    }

    private int report(Cancellation.Result result) {
        console.info("cancelled " + result.cancelled() + " prompts");
        if (result.isComplete()) {
            return 0;
        }
        console.error("expected all " + result.partitions() + " partitions to acknowledge within "
                + DurationConverter.format(timeout) + ", found " + result.acknowledged()
                + "; the others will, when a worker has them");
        return 1;
    }
}
