package io.llamastreams.app.command;

import io.llamastreams.app.batch.BatchRun;
import io.llamastreams.app.batch.BatchSummary;
import io.llamastreams.app.batch.CompletionFile;
import io.llamastreams.app.batch.CompletionLines;
import io.llamastreams.app.batch.CompletionSink;
import io.llamastreams.app.batch.InOrder;
import io.llamastreams.app.client.PromptFile;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.app.jsonl.RequestSource;
import io.llamastreams.app.jsonl.ShuffledRequests;
import io.llamastreams.app.service.ShutdownSignal;
import io.llamastreams.app.terminal.CommandFailure;
import io.llamastreams.app.terminal.Console;
import io.llamastreams.app.terminal.Progress;
import io.llamastreams.app.terminal.QuietCommand;
import io.llamastreams.engine.EngineEndedException;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.session.EngineSettings;
import io.llamastreams.serving.session.TextEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A file of prompts to a file of completions. */
@Command(
        name = "batch",
        description = {
            "Answer every prompt of a JSONL file, without Kafka.",
            "",
            "A line in: {\"id\": \"a\", \"prompt\": \"Once upon a time\"}, and what else is wanted: \"messages\" or"
                    + " \"prompt_ids\" instead of the prompt, \"max_new_tokens\", \"temperature\", \"top_p\", \"n\","
                    + " \"stop\", \"json_schema\", \"label\", \"deadline_ms\" (from the moment the line is read),"
                    + " \"attributes\" (handed back), and further ones: see the page on options.",
            "",
            "A line out: {\"id\", \"status\", \"ids\", \"text\", \"finish_reason\", \"usage\"}, what was asked for"
                    + " besides, and \"error\" where there was one. Every line in has one line out, also if it is no JSON:"
                    + " its status is then REJECTED and its id line-N.",
            "",
            "Lines come out as they end, unless --in-order is given; a text does not depend on what else is in the batch."
                    + " They are written into the file itself, whole and within a second: after Ctrl-C, or an error, what"
                    + " was done is there."
        },
        exitCodeList = {
            "0:every line was answered",
            "1:the engine failed, or the output cannot be written",
            "2:used wrongly",
            "130, 143:interrupted by Ctrl-C or SIGTERM; what was done is written"
        },
        footer = {
            "",
            "Examples:",
            "  llama-streams batch --model llama-2-7b.Q4_0.gguf --in prompts.jsonl --out completions.jsonl",
            "  zcat prompts.jsonl.gz | llama-streams batch --model m.gguf --in - --out - | gzip > out.jsonl.gz"
        })
public final class BatchCommand implements Callable<Integer>, QuietCommand {
    private static final Duration SHUTDOWN_GRACE = Duration.ofSeconds(30);
    private static final Path STANDARD = Path.of("-");

    @Mixin
    private ModelOption model;

    @Option(names = "--in", required = true, paramLabel = "F.jsonl", description = "Prompts; \"-\" for standard input.")
    private Path in;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "F.jsonl",
            description = "Completions; \"-\" for standard output. An existing file is overwritten.")
    private Path out;

    @ArgGroup
    private Order order = new Order();

    /** One of them, or none. */
    private static final class Order {
        @Option(names = "--in-order", required = true, description = "Write completions in the order of their prompts.")
        private boolean asPrompts;

        @Option(
                names = "--shuffle-seed",
                required = true,
                paramLabel = "S",
                description = "Submit the prompts in an order that this seed decides. Same texts.")
        private Long shuffleSeed;
    }

    @Option(
            names = "--json",
            description =
                    "Print the summary as {\"requests\",\"succeeded\",\"rejected\",\"failed\",\"cancelled\",\"expired\","
                            + "\"prompt_tokens\",\"cached_tokens\",\"completion_tokens\",\"seconds\",\"tokens_per_s\"} on standard"
                            + " output.")
    private boolean json;

    @Mixin
    private EngineOptions options;

    @Spec
    private CommandSpec spec;

    private final Console console;

    BatchCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        checkUsage();
        EngineSettings settings = options.settings();
        PromptFile prompts = PromptFile.named(in.toString());
        checkOutput();
        // Ctrl-C while the model is loaded ends the process at once, later only when the file is complete.
        try (TextEngine engine = model.open(console, settings);
                ShutdownSignal signal = ShutdownSignal.listen(SHUTDOWN_GRACE);
                CompletionSink sink = sink()) {
            BatchSummary summary = run(engine, prompts, sink, signal);
            report(summary);
            return summary.count(Generation.Status.FAILED) > 0 || summary.isInterrupted() ? 1 : 0;
        } catch (EngineEndedException e) {
            throw new CommandFailure("the engine has stopped; what was done is in " + out + ": " + e.getMessage(), e);
        }
    }

    private BatchSummary run(TextEngine engine, PromptFile prompts, CompletionSink sink, ShutdownSignal signal)
            throws IOException {
        try (Progress progress = console.progress("batch", prompts.lineCount(), "prompts");
                RequestSource source = source(prompts, warning -> progress.aside(() -> console.warn(warning)))) {
            return new BatchRun(
                            engine,
                            source,
                            new CompletionLines(engine, sink),
                            InstantSource.system(),
                            System::nanoTime,
                            signal::isRaised,
                            progress)
                    .run();
        }
    }

    private void checkUsage() throws IOException {
        if (order.shuffleSeed != null && !Files.isRegularFile(in)) {
            throw usage("--shuffle-seed: expected --in to be a file");
        }
        if (json && out.equals(STANDARD)) {
            throw usage("--json: expected --out to be a file, found standard output");
        }
        if (Files.exists(in) && Files.exists(out) && Files.isSameFile(in, out)) {
            throw usage("--out: expected another file than --in, found the same");
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private RequestSource source(PromptFile prompts, Consumer<String> warnings) throws IOException {
        return order.shuffleSeed == null
                ? prompts.open(InstantSource.system(), warnings)
                : new ShuffledRequests(in, order.shuffleSeed, InstantSource.system(), warnings);
    }

    /** Finds out before a large model is loaded; what an existing file has stays until then. */
    private void checkOutput() throws IOException {
        if (!out.equals(STANDARD)) {
            Files.newOutputStream(out, StandardOpenOption.CREATE, StandardOpenOption.APPEND)
                    .close();
        }
    }

    private CompletionSink sink() throws IOException {
        CompletionSink file = out.equals(STANDARD)
                ? CompletionFile.of(console.bulkOutput(), System::nanoTime)
                : CompletionFile.of(out, System::nanoTime);
        return order.asPrompts ? new InOrder(file) : file;
    }

    private void report(BatchSummary summary) {
        if (summary.isInterrupted()) {
            console.warn("interrupted: what was in flight or not yet read has no line in " + out);
        }
        console.info(summary + " -> " + out);
        if (json) {
            console.jsonLine(Json.write(Json.object()
                    .put("requests", summary.requests())
                    .put("succeeded", summary.count(Generation.Status.SUCCEEDED))
                    .put("rejected", summary.count(Generation.Status.REJECTED))
                    .put("failed", summary.count(Generation.Status.FAILED))
                    .put("cancelled", summary.count(Generation.Status.CANCELLED))
                    .put("expired", summary.count(Generation.Status.EXPIRED))
                    .put("prompt_tokens", summary.promptTokens())
                    .put("cached_tokens", summary.cachedTokens())
                    .put("completion_tokens", summary.completionTokens())
                    .put("seconds", summary.seconds())
                    .put("tokens_per_s", summary.tokensPerSecond())));
        }
    }
}
