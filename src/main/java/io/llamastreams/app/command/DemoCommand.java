package io.llamastreams.app.command;

import io.llamastreams.app.client.PromptFile;
import io.llamastreams.app.demo.Demo;
import io.llamastreams.app.demo.DemoCluster;
import io.llamastreams.app.demo.DemoPrompts;
import io.llamastreams.app.demo.DemoSummary;
import io.llamastreams.app.demo.DemoView;
import io.llamastreams.app.demo.Results;
import io.llamastreams.app.jsonl.RequestSource;
import io.llamastreams.app.service.ShutdownSignal;
import io.llamastreams.app.terminal.Console;
import io.llamastreams.app.terminal.Progress;
import io.llamastreams.app.terminal.QuietCommand;
import io.llamastreams.serving.Generation;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Everything in one process. */
@Command(
        name = "demo",
        description = {
            "See it work, with nothing installed: a real Kafka broker, a schema registry in memory, the service with your"
                    + " model and a file of prompts, all in this process.",
            "",
            "The prompts go through the broker to the model and their completions come back; each is shown as it arrives."
                    + " The end is a summary, with the totals that the stream itself has put on the usage topic. All data of"
                    + " the broker is temporary."
        },
        exitCodeList = {
            "0:every prompt was answered; refused and failed ones are counted",
            "1:it could not start, or was interrupted",
            "2:used wrongly, such as without --model"
        },
        footer = {
            "",
            "Examples:",
            "  llama-streams demo --model stories260K-f32.gguf",
            "  llama-streams demo --model MODEL.gguf --prompts prompts.jsonl --out completions.jsonl --json"
        })
public final class DemoCommand implements Callable<Integer>, QuietCommand {

    private static final String STORIES = "stories.jsonl";
    private static final Duration SHUTDOWN_GRACE = Duration.ofSeconds(60);

    @Option(
            names = "--model",
            paramLabel = "FILE",
            description = "The model: a Llama 2 GGUF file, or a folder with one.")
    private Optional<Path> model = Optional.empty();

    @Option(
            names = "--prompts",
            paramLabel = "F.jsonl",
            description =
                    "Prompts, one JSON object in a line with \"id\", \"prompt\" and, if wanted, \"max_new_tokens\","
                            + " \"temperature\" ...; \"-\" for standard input. Default: 24 beginnings of stories.")
    private Optional<String> prompts = Optional.empty();

    @Option(
            names = "--out",
            paramLabel = "F.jsonl",
            description = "Write completions to this file: a line for each prompt as it ends, with id, status, text and"
                    + " usage, refused ones included.")
    private Optional<Path> out = Optional.empty();

    @Option(
            names = "--json",
            description = "Print the summary as one JSON object on standard output and nothing else. \"requests\" ="
                    + " \"succeeded\" + \"failed\"; \"rejected\" ones, lines that are no prompts among them, are a part of"
                    + " \"failed\".")
    private boolean json;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "A key of the service's configuration, see \"llama-streams config\"; may be repeated.")
    private Map<String, String> settings = new LinkedHashMap<>();

    @Spec
    private CommandSpec command;

    private final Console console;

    DemoCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path file = model.orElseThrow(() -> new ParameterException(
                command.commandLine(), "--model: expected a Llama 2 GGUF file or a folder with one, found none"));
        if (!Files.exists(file)) {
            throw new NoSuchFileException(file.toString());
        }
        DemoPrompts lines = readPrompts();
        DemoView view = new DemoView(console.out(), Help.Ansi.AUTO.enabled(), ZoneId.systemDefault(), lines.texts());
        DemoSummary summary;
        try (ShutdownSignal signal = ShutdownSignal.listen(SHUTDOWN_GRACE);
                Writer writer = out.isPresent() ? Files.newBufferedWriter(out.get()) : Writer.nullWriter();
                DemoCluster cluster = DemoCluster.start(file, settings, this::tell);
                Progress progress = console.progress("demo", lines.size(), "prompts")) {
            Consumer<Generation> shown = json ? generation -> {} : view::show;
            summary = new Demo(cluster, System::nanoTime, signal::isRaised)
                    .run(lines, new Results(writer, shown, progress));
        }
        if (json) {
            console.jsonLine(summary.toJson());
        } else {
            view.show(summary);
        }
        return 0;
    }

    /** What happens at the start is worth knowing for people only. */
    private void tell(String fact) {
        if (!json) {
            console.info(fact);
        }
    }

    private DemoPrompts readPrompts() throws IOException {
        PromptFile file;
        if (prompts.isEmpty()) {
            file = PromptFile.of("built-in stories", DemoCommand::stories);
        } else if (prompts.get().equals("-")) {
            file = PromptFile.ofStream("standard input", System.in);
        } else {
            file = PromptFile.of(Path.of(prompts.get()));
        }
        try (RequestSource lines = file.open(InstantSource.system(), console::warn)) {
            return DemoPrompts.read(lines);
        }
    }

    private static InputStream stories() {
        return DemoPrompts.class.getResourceAsStream(STORIES);
    }
}
