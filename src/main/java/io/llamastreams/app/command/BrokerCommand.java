package io.llamastreams.app.command;

import io.llamastreams.app.broker.EmbeddedBroker;
import io.llamastreams.app.service.ShutdownSignal;
import io.llamastreams.app.terminal.Console;
import io.llamastreams.app.terminal.QuietCommand;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The embedded broker alone. */
@Command(
        name = "broker",
        description = {
            "Run a Kafka broker of one node on this machine, for trying several workers.",
            "",
            "It listens on 127.0.0.1 only, keeps every record once, and is no replacement for a real cluster. Its address"
                    + " is printed on standard output as soon as it takes connections; Ctrl-C ends it."
        },
        footer = {
            "",
            "Example:",
            "  llama-streams broker --port 9092 --data /tmp/llama-broker",
            "  llama-streams run --bootstrap 127.0.0.1:9092 --registry mock:// --model MODEL.gguf"
        })
public final class BrokerCommand implements Callable<Integer>, QuietCommand {

    private static final Duration SHUTDOWN_GRACE = Duration.ofSeconds(30);
    private static final Duration FAULT_POLL = Duration.ofMillis(200);

    @Option(
            names = "--port",
            defaultValue = "9092",
            description = "Port to listen on; 0 for any free one. Default: ${DEFAULT-VALUE}.")
    private int port;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "Folder for topics and offsets, made where it is missing. Default: a temporary one that is deleted at the end.")
    private Optional<Path> data = Optional.empty();

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description =
                    "A setting of Kafka's broker; may be repeated. Listeners are added to the ones that are there, and"
                            + " are on 127.0.0.1 too.")
    private Map<String, String> settings = new LinkedHashMap<>();

    private final Console console;

    BrokerCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws InterruptedException {
        try (ShutdownSignal signal = ShutdownSignal.listen(SHUTDOWN_GRACE);
                EmbeddedBroker broker = data.map(folder -> EmbeddedBroker.start(folder, port, settings))
                        .orElseGet(() -> EmbeddedBroker.startTemporary(port, settings))) {
            console.out().println(broker.bootstrap());
            console.flush();
            console.info("broker is up at " + broker.bootstrap() + ", data in " + broker.dataDirectory()
                    + "; Ctrl-C ends it");
            while (!signal.await(FAULT_POLL)) {
                Optional<String> fault = broker.awaitFault(Duration.ZERO);
                if (fault.isPresent()) {
                    console.error("the broker has failed: " + fault.get());
                    return 1;
                }
            }
            return 0;
        }
    }
}
