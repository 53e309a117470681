package io.llamastreams.app.command;

import io.llamastreams.app.command.ModelSource.ModelFile;
import io.llamastreams.app.service.HealthFile;
import io.llamastreams.app.service.ShutdownSignal;
import io.llamastreams.app.service.TemporaryFolder;
import io.llamastreams.app.service.Worker;
import io.llamastreams.app.terminal.Console;
import io.llamastreams.topology.config.TopologyConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The service. */
@Command(
        name = "run",
        description = {
            "Run a worker: take prompts from the prompts topic, answer each once on the completions topic.",
            "",
            "Several workers of the same application.id share the topics' partitions; one that goes away is replaced by the"
                    + " others, which go on with its unfinished prompts. SIGTERM or Ctrl-C ends a worker in order: nothing"
                    + " new begins, running texts may end for llama.drain.ms, what is left is stored with its tokens, all"
                    + " is committed and others go on; then the engine ends, then its memory is free."
        },
        exitCodeList = {
            "0:ended by itself, which it never does",
            "1:could not start, or has failed",
            "2:used wrongly",
            "130, 143:ended by Ctrl-C or SIGTERM"
        },
        footer = {
            "",
            "Examples:",
            "  llama-streams run --config llama.properties",
            "  llama-streams run --bootstrap 127.0.0.1:9092 --registry mock:// --model MODEL.gguf --set llama.threads=2"
        })
public final class RunCommand implements Callable<Integer> {

    /** Besides the time for draining: the streams have half of it for their last commit, the engine the rest for its step. */
    private static final Duration SHUTDOWN_GRACE = Duration.ofSeconds(60);

    private static final Duration FAILURE_POLL = Duration.ofMillis(200);

    @Option(
            names = "--model",
            paramLabel = ModelSource.LABEL,
            converter = ModelSource.Converter.class,
            description = ModelSource.DESCRIPTION + " The key llama.model, which takes paths only.")
    private Optional<ModelSource> model = Optional.empty();

    @Option(
            names = "--health-file",
            paramLabel = "FILE",
            description =
                    "Written anew every 2 seconds while the worker serves or gets its share of the partitions; a file that"
                            + " is missing or older means that it does not. For health checks of containers.")
    private Optional<Path> healthFile = Optional.empty();

    @Mixin
    private KafkaOptions kafka;

    private final Console console;

    RunCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (model.isEmpty()) {
            return call(Map.of());
        }
        try (ModelFile file = model.get().file()) {
            return call(Map.of(TopologyConfig.MODEL, file.path().toString()));
        }
    }

    /** @param options of this command, as keys of the configuration */
    private int call(Map<String, String> options) throws InterruptedException {
        try (ShutdownSignal signal = ShutdownSignal.listen(SHUTDOWN_GRACE);
                TemporaryFolder state = TemporaryFolder.create("llama-streams-state-")) {
            // All stores are in memory: the folder holds nothing that a next start would miss, and several workers on
            // one machine must not share it.
            TopologyConfig config =
                    kafka.loadForCluster(Map.of("state.dir", state.path().toString()), options);
            kafka.require(config, TopologyConfig.MODEL, "--model FILE");
            signal.allow(SHUTDOWN_GRACE.plus(config.drainTime()));
            return serve(config, signal);
        }
    }

    private int serve(TopologyConfig config, ShutdownSignal signal) throws InterruptedException {
        try (Worker worker = Worker.start(config);
                HealthFile health = HealthFile.of(healthFile, System::nanoTime)) {
            while (!signal.await(FAILURE_POLL)) {
                Optional<String> failure = worker.failure();
                if (failure.isPresent()) {
                    console.error("the service has failed: " + failure.get());
                    return 1;
                }
                if (worker.isRunning()) {
                    health.beat();
                }
            }
            return 0;
        }
    }
}
