package io.llamastreams.app.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.llamastreams.app.accuracy.AccuracyJson;
import io.llamastreams.app.accuracy.AccuracyView;
import io.llamastreams.app.accuracy.Example;
import io.llamastreams.app.accuracy.ExpectedRequests;
import io.llamastreams.app.accuracy.Judge;
import io.llamastreams.app.accuracy.JudgedLines;
import io.llamastreams.app.batch.BatchRun;
import io.llamastreams.app.batch.BatchSummary;
import io.llamastreams.app.batch.CompletionFile;
import io.llamastreams.app.batch.CompletionSink;
import io.llamastreams.app.client.PromptFile;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.app.jsonl.RequestSource;
import io.llamastreams.app.service.ShutdownSignal;
import io.llamastreams.app.terminal.CommandFailure;
import io.llamastreams.app.terminal.Console;
import io.llamastreams.app.terminal.Progress;
import io.llamastreams.app.terminal.QuietCommand;
import io.llamastreams.engine.EngineEndedException;
import io.llamastreams.evaluation.Accuracy;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.session.EngineSettings;
import io.llamastreams.serving.session.TextEngine;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
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

/** How often a model's answers are right. */
@Command(
        name = "eval",
        description = {
            "Measure how often a model's answers are right: each prompt of a JSONL file is answered, without Kafka, and"
                    + " compared with the answer that its line expects.",
            "",
            "A line is one for \"batch\" with \"expected\" besides, which the model never sees: {\"id\": \"a\", \"prompt\":"
                    + " \"Where is my parcel 7?\", \"expected\": {\"intent\": \"delivery\", \"order\": \"7\"}}. Every line must"
                    + " have one.",
            "",
            "An expected object is compared field by field. The answer is valid JSON if it is one object and nothing"
                    + " besides, with no field twice. All fields are right if it has exactly the expected ones with equal"
                    + " values: their order does not matter, 1 equals 1.0, null is a value, a further field is a fault. An"
                    + " expected string must come exactly, and so must the whole of an object, written shortest, for"
                    + " \"exact_match\"; white space around an answer never matters.",
            "",
            "Every line counts: a prompt that was refused or failed has a wrong answer. Answers are the likeliest tokens"
                    + " unless a line asks for another temperature, so the same file gives the same shares again.",
            "",
            "Without --model and --file it measures the model that comes with the program on built-in support tickets."
        },
        exitCodeList = {
            "0:every line was answered, rightly or not",
            "1:a line expects nothing, the engine failed, or the output cannot be written",
            "2:used wrongly",
            "130, 143:interrupted by Ctrl-C or SIGTERM; the shares are those of what was done"
        },
        footer = {
            "",
            "Examples:",
            "  llama-streams eval",
            "  llama-streams eval --model llama-2-7b.Q4_0.gguf --file questions.jsonl --out judged.jsonl",
            "  llama-streams eval --tickets 2000 --json"
        })
public final class EvalCommand implements Callable<Integer>, QuietCommand {
    private static final Duration SHUTDOWN_GRACE = Duration.ofSeconds(30);
    private static final Path STANDARD = Path.of("-");

    @Option(
            names = "--model",
            paramLabel = ModelSource.LABEL,
            converter = ModelSource.Converter.class,
            description = ModelSource.DESCRIPTION + " It is the default.")
    private ModelSource model = ModelSource.BUILT_IN;

    @Option(
            names = {"--file", "--in"},
            paramLabel = "F.jsonl",
            description = "Prompts with expected answers; \"-\" for standard input. Default: built-in tickets.")
    private Optional<Path> in = Optional.empty();

    @Mixin
    private TicketOptions tickets;

    @Option(
            names = "--out",
            paramLabel = "F.jsonl",
            description = "Write a line for each prompt as it ends: a completion line as \"batch\" writes it, with"
                    + " \"expected\", \"json_valid\", \"all_fields_right\", \"fields_right\" (field by field) and"
                    + " \"exact_match\". An existing file is overwritten.")
    private Optional<Path> out = Optional.empty();

    @Option(
            names = "--json",
            description =
                    "Print the result as one object: {\"requests\",\"succeeded\",\"json_valid\",\"all_fields_right\","
                            + "\"field_accuracy\":{},\"exact_match\",\"prompt_tokens\",\"cached_tokens\",\"completion_tokens\","
                            + "\"seconds\",\"tokens_per_s\"}. Shares are fractions of 1; those of objects are null where no line"
                            + " expects one.")
    private boolean json;

    @Mixin
    private EngineOptions options;

    @Spec
    private CommandSpec spec;

    private final Console console;

    EvalCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        checkUsage();
        EngineSettings settings = options.settings();
        PromptFile prompts =
                in.isEmpty() ? tickets.prompts() : PromptFile.named(in.get().toString());
        checkAllExpectSomething(prompts);
        Judge judge = new Judge();
        BatchSummary summary;
        // Ctrl-C while the model is loaded ends the process at once, later only when the file is complete.
        try (TextEngine engine = model.open(console, settings);
                ShutdownSignal signal = ShutdownSignal.listen(SHUTDOWN_GRACE);
                CompletionSink sink = sink()) {
            summary = run(engine, prompts, new JudgedLines(judge, sink), signal);
        } catch (EngineEndedException e) {
            throw new CommandFailure("the engine has stopped: " + e.getMessage(), e);
        }
        report(summary, judge);
        return summary.count(Generation.Status.FAILED) > 0 || summary.isInterrupted() ? 1 : 0;
    }

    private void checkUsage() throws IOException {
        if (in.isPresent() && tickets.isGiven()) {
            throw usage("--tickets and --ticket-seed: expected no --file beside them");
        }
        if (out.isPresent() && out.get().equals(STANDARD)) {
            throw usage("--out: expected a file, found standard output, where the result goes");
        }
        if (out.isPresent()
                && in.isPresent()
                && Files.exists(out.get())
                && Files.exists(in.get())
                && Files.isSameFile(in.get(), out.get())) {
            throw usage("--out: expected another file than --file, found the same");
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /** Finds out before hours were spent; a stream cannot be read twice, and is checked while it comes. */
    private void checkAllExpectSomething(PromptFile prompts) throws IOException {
        if (prompts.lineCount() < 0) {
            return;
        }
        try (RequestSource lines = source(prompts, warning -> {})) {
            if (lines.next().isEmpty()) {
                throw new CommandFailure(prompts.name() + ": expected prompts, found none");
            }
            while (lines.next().isPresent()) {
                // looked at by the source itself
            }
        }
    }

    private static RequestSource source(PromptFile prompts, Consumer<String> warnings) throws IOException {
        return new ExpectedRequests(prompts.open(InstantSource.system(), warnings), prompts.name());
    }

    private CompletionSink sink() throws IOException {
        return out.isPresent()
                ? CompletionFile.of(out.get(), System::nanoTime)
                : CompletionFile.of(OutputStream.nullOutputStream(), System::nanoTime);
    }

    private BatchSummary run(TextEngine engine, PromptFile prompts, JudgedLines answers, ShutdownSignal signal)
            throws IOException {
        try (Progress progress = console.progress("eval", prompts.lineCount(), "prompts");
                RequestSource source = source(prompts, warning -> progress.aside(() -> console.warn(warning)))) {
            return new BatchRun(
                            engine,
                            source,
                            answers,
                            InstantSource.system(),
                            System::nanoTime,
                            signal::isRaised,
                            progress)
                    .run();
        }
    }

    private void report(BatchSummary summary, Judge judge) {
        if (summary.isInterrupted()) {
            console.warn("interrupted: the shares are those of " + summary.requests() + " prompts");
        }
        console.info(summary.toString());
        Accuracy accuracy = judge.accuracy();
        if (json) {
            console.jsonLine(json(summary, accuracy));
        } else if (accuracy.answers() > 0) {
            AccuracyView view = new AccuracyView(console.out(), Help.Ansi.AUTO.enabled());
            for (Example example : judge.wrong()) {
                view.show(example);
                console.out().println();
            }
            view.show(accuracy);
        }
    }

    private static String json(BatchSummary summary, Accuracy accuracy) {
        ObjectNode result = Json.object()
                .put("requests", summary.requests())
                .put("succeeded", summary.count(Generation.Status.SUCCEEDED));
        AccuracyJson.put(result, accuracy);
        return Json.write(result.put("prompt_tokens", summary.promptTokens())
                .put("cached_tokens", summary.cachedTokens())
                .put("completion_tokens", summary.completionTokens())
                .put("seconds", summary.seconds())
                .put("tokens_per_s", summary.tokensPerSecond()));
    }
}
