package io.llamastreams.app.command;

import io.llamastreams.app.accuracy.Judge;
import io.llamastreams.app.client.PromptFile;
import io.llamastreams.app.command.ModelSource.ModelFile;
import io.llamastreams.app.demo.AnswerKey;
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
import io.llamastreams.topology.config.TopologyConfig;
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
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Everything in one process. */
@Command(
        name = "demo",
        description = {
            "See it work, with nothing installed: a real Kafka broker, a schema registry in memory, the service with a"
                    + " model, and prompts, all in this process.",
            "",
            "Without options, the small model that comes with the program reads support tickets that it was not trained on"
                    + " and writes a JSON object for each; the answers are then compared with the truth. Give it another"
                    + " model, or prompts of your own.",
            "",
            "The prompts go through the broker to the model and their completions come back; each is shown as it arrives,"
                    + " or samples where there are more than 30. The end is a summary, with the totals that the stream itself"
                    + " has put on the usage topic. All data of the broker is temporary."
        },
        exitCodeList = {
            "0:every prompt was answered; refused and failed ones are counted",
            "1:it could not start, or was interrupted",
            "2:used wrongly"
        },
        footer = {
            "",
            "Examples:",
            "  llama-streams demo",
            "  llama-streams demo --tickets 2000 --json",
            "  llama-streams demo --model MODEL.gguf --prompts prompts.jsonl --out completions.jsonl"
        })
public final class DemoCommand implements Callable<Integer>, QuietCommand {

    private static final String STORIES = "stories.jsonl";
    private static final Duration SHUTDOWN_GRACE = Duration.ofSeconds(60);

    @Option(
            names = "--model",
            paramLabel = ModelSource.LABEL,
            converter = ModelSource.Converter.class,
            description = ModelSource.DESCRIPTION + " It is the default.")
    private ModelSource model = ModelSource.BUILT_IN;

    @Option(
            names = "--prompts",
            paramLabel = "F.jsonl",
            description = "Prompts, one JSON object in a line with \"id\", \"prompt\" or \"messages\" and, if wanted,"
                    + " \"max_new_tokens\", \"temperature\" ..., and \"expected\" if the answer is to be measured"
                    + " as \"eval\" does; \"-\" for standard input. Default: tickets for the built-in model, 24"
                    + " beginnings of stories for another one.")
    private Optional<String> prompts = Optional.empty();

    @Mixin
    private TicketOptions tickets;

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
                    + " \"failed\". \"json_valid\", \"all_fields_right\", \"field_accuracy\" and \"exact_match\" are there"
                    + " if the prompts have expected answers.")
    private boolean json;

    @Mixin
    private KvTypeOption kv;

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
        if (prompts.isPresent() && tickets.isGiven()) {
            throw new ParameterException(
                    command.commandLine(), "--tickets and --ticket-seed: expected no --prompts beside them");
        }
        try (ModelFile file = model.file()) {
            if (!Files.exists(file.path())) {
                throw new NoSuchFileException(file.path().toString());
            }
            run(file.path());
        }
        return 0;
    }

    private void run(Path file) throws IOException, InterruptedException {
        DemoPrompts lines = readPrompts();
        AnswerKey key = AnswerKey.of(lines);
        DemoView view = new DemoView(console.out(), Help.Ansi.AUTO.enabled(), ZoneId.systemDefault(), lines);
        DemoSummary summary;
        try (ShutdownSignal signal = ShutdownSignal.listen(SHUTDOWN_GRACE);
                Writer writer = out.isPresent() ? Files.newBufferedWriter(out.get()) : Writer.nullWriter();
                DemoCluster cluster = DemoCluster.start(file, serviceSettings(), this::tell);
                Progress progress = console.progress("demo", lines.size(), "prompts")) {
            view.restriction().ifPresent(restriction -> tell("texts    " + restriction));
            Consumer<Generation> shown = json ? generation -> {} : view::show;
            summary = new Demo(cluster, System::nanoTime, signal::isRaised)
                    .run(lines, new Results(writer, key, shown, progress));
        }
        Optional<Judge> judge = key.judge();
        if (json) {
            console.jsonLine(summary.toJson(judge.map(Judge::accuracy)));
        } else {
            judge.ifPresent(view::show);
            view.show(summary);
        }
    }

    private Map<String, String> serviceSettings() {
        Map<String, String> result = new LinkedHashMap<>(settings);
        result.putIfAbsent(TopologyConfig.KV_TYPE, kv.type().toString());
        return result;
    }

    /** What happens at the start is worth knowing for people only. */
    private void tell(String fact) {
        if (!json) {
            console.info(fact);
        }
    }

    private DemoPrompts readPrompts() throws IOException {
        PromptFile file = promptFile();
        tell("prompts  " + file.name());
        try (RequestSource lines = file.open(InstantSource.system(), console::warn)) {
            return DemoPrompts.read(lines);
        }
    }

    private PromptFile promptFile() throws IOException {
        if (prompts.isPresent()) {
            return PromptFile.named(prompts.get());
        }
        return model.isBuiltIn() || tickets.isGiven()
                ? tickets.prompts()
                : PromptFile.of("24 beginnings of stories", DemoCommand::stories);
    }

    private static InputStream stories() {
        return DemoPrompts.class.getResourceAsStream(STORIES);
    }
}
