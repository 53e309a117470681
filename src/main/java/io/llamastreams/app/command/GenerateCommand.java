package io.llamastreams.app.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.app.service.ShutdownSignal;
import io.llamastreams.app.terminal.CommandFailure;
import io.llamastreams.app.terminal.Console;
import io.llamastreams.app.terminal.QuietCommand;
import io.llamastreams.serving.EngineSettings;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.GenerationListener;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.Submission;
import io.llamastreams.serving.TextEngine;
import io.llamastreams.serving.TextSession;
import io.llamastreams.tensor.kernel.KernelChoice;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** One text. */
@Command(
        name = "generate",
        description = {
            "Continue one prompt and print the text as it is made.",
            "",
            "The same model, prompt, options and seed give the same text, whatever the threads or the machine."
        },
        footer = {
            "",
            "Examples:",
            "  llama-streams generate --model llama-2-7b.Q4_0.gguf --prompt 'Once upon a time' --max-new-tokens 64",
            "  llama-streams generate --model m.gguf --prompt 'Dear' --temperature 0.8 --top-p 0.9 --seed 7",
            "  llama-streams generate --model m.gguf --prompt-ids 1,9038,2501 --temperature 0 --json"
        })
public final class GenerateCommand implements Callable<Integer>, QuietCommand {
    private static final Duration WAIT = Duration.ofMillis(100);
    private static final Duration SHUTDOWN_GRACE = Duration.ofSeconds(10);
    private static final int MAX_EVENTS = 1 << 10;
    private static final String ID = "generate";

    @Mixin
    private ModelOption model;

    @ArgGroup(multiplicity = "1")
    private Input input;

    /** One of them. */
    static final class Input {
        @Option(
                names = "--prompt",
                required = true,
                paramLabel = "TEXT",
                description = "The prompt; BOS is put before it.")
        private String text;

        @Option(
                names = "--prompt-ids",
                required = true,
                split = ",",
                paramLabel = "ID",
                description = "The prompt as token ids, taken as they are: BOS only if it is among them.")
        private List<Integer> ids;
    }

    @Mixin
    private SamplingOptions sampling;

    @Option(
            names = "--json",
            description =
                    "Print {\"prompt_ids\":[],\"ids\":[],\"text\":\"\",\"finish_reason\":\"\"} at the end instead, with"
                            + " \"logprobs\" if asked.")
    private boolean json;

    @Option(
            names = "--kv-cache-bytes",
            paramLabel = "BYTES",
            converter = ByteCountConverter.class,
            description =
                    "Memory for keys and values, such as 512M (default: what the context needs, if there is so much).")
    private Long kvCacheBytes;

    @Mixin
    private KvTypeOption kv;

    @Mixin
    private KernelOptions computing;

    @Mixin
    private WeightsOption weights;

    private final Console console;

    GenerateCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Prompt prompt = input.ids == null
                ? Prompt.ofText(ID, input.text, sampling.options())
                : Prompt.ofTokens(ID, input.ids, sampling.options());
        try (TextEngine engine = model.open(console, settings());
                ShutdownSignal signal = ShutdownSignal.listen(SHUTDOWN_GRACE);
                TextSession session = engine.openSession()) {
            Generation generation = generate(session, prompt, signal);
            if (json) {
                printJson(engine, generation);
            } else {
                printEnd(generation);
            }
            return generation.status() == Generation.Status.SUCCEEDED ? 0 : 1;
        }
    }

    private EngineSettings settings() {
        KernelChoice kernels = computing.kernelChoice();
        EngineSettings usual = EngineSettings.DEFAULT;
        return new EngineSettings(
                computing.threads(),
                kernels,
                weights.storage(),
                1,
                usual.maxStepTokens(),
                kvCacheBytes == null ? 0 : kvCacheBytes,
                kv.type(),
                false,
                1,
                usual.maxQueuedTokens());
    }

    private Generation generate(TextSession session, Prompt prompt, ShutdownSignal signal) {
        switch (session.submit(prompt)) {
            case Submission.Accepted accepted -> {}
            case Submission.Busy busy -> throw new CommandFailure(busy.reason());
            case Submission.Refused refused ->
                throw new CommandFailure(refused.generation().error());
        }
        Ending ending = new Ending();
        boolean cancelled = false;
        while (ending.generation.isEmpty()) {
            session.await(WAIT);
            session.poll(ending, MAX_EVENTS);
            if (!json) {
                console.flush();
            }
            if (!cancelled && (signal.isRaised() || console.lostOutput().isPresent())) {
                cancelled = true;
                session.cancel(ID);
            }
        }
        Generation generation = ending.generation.get();
        if (generation.status() == Generation.Status.FAILED) {
            throw new CommandFailure(generation.error());
        }
        return generation;
    }

    /** Prints the text while it comes, unless it is to be JSON. */
    private final class Ending implements GenerationListener {
        private Optional<Generation> generation = Optional.empty();

        @Override
        public void onText(String id, String delta) {
            if (!json) {
                console.out().print(delta);
            }
        }

        @Override
        public void onEnd(Generation ended) {
            generation = Optional.of(ended);
        }
    }

    private void printJson(TextEngine engine, Generation generation) {
        ObjectNode line = Json.object();
        line.set(
                "prompt_ids",
                input.ids == null ? Json.array(engine.tokenizer().encodePrompt(input.text)) : Json.array(input.ids));
        line.set("ids", Json.array(generation.tokenIds()));
        line.put("text", generation.text());
        line.put("finish_reason", generation.finishReason().orElse(null));
        if (!generation.logprobs().isEmpty()) {
            ArrayNode logprobs = line.putArray("logprobs");
            generation.logprobs().forEach(logprobs::add);
        }
        console.jsonLine(Json.write(line));
    }

    private void printEnd(Generation generation) {
        console.out().println();
        if (!generation.logprobs().isEmpty()) {
            console.out().println("logprobs: " + generation.logprobs());
        }
        console.flush();
        double decodeSeconds = generation.usage().decodeNanos() / 1e9;
        console.info(String.format(
                Locale.ROOT,
                "%d prompt tokens, %d new tokens, %s, %.1f tokens/s, seed %d",
                generation.usage().promptTokens(),
                generation.usage().completionTokens(),
                generation.finishReason().orElse("no end"),
                decodeSeconds == 0 ? 0 : (generation.usage().completionTokens() - 1) / decodeSeconds,
                generation.seed()));
    }
}
