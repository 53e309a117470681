package io.llamastreams.app.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.llamastreams.app.jsonl.CompletionLine;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.app.service.ShutdownSignal;
import io.llamastreams.app.terminal.CommandFailure;
import io.llamastreams.app.terminal.Console;
import io.llamastreams.app.terminal.QuietCommand;
import io.llamastreams.engine.request.EngineLimits;
import io.llamastreams.engine.request.EngineSettingsException;
import io.llamastreams.serving.Answer;
import io.llamastreams.serving.Choice;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.GenerationListener;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.PromptInput;
import io.llamastreams.serving.Score;
import io.llamastreams.serving.Submission;
import io.llamastreams.serving.options.GenerationOptions;
import io.llamastreams.serving.session.ComputeSettings;
import io.llamastreams.serving.session.EngineSettings;
import io.llamastreams.serving.session.KvCacheSettings;
import io.llamastreams.serving.session.TextEngine;
import io.llamastreams.serving.session.TextSession;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

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
            "  llama-streams generate --model m.gguf --prompt 'Dear' --temperature 0.8 --top-p 0.9 --seed 7 --n 3",
            "  llama-streams generate --model m.gguf --prompt 'Review: great! Mood:' --label ' good' --label ' bad'",
            "  llama-streams generate --model m.gguf --prompt 'As JSON:' --json-schema \"$(cat schema.json)\"",
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
                names = "--user",
                required = true,
                paramLabel = "TEXT",
                description = "What a user says: a dialogue of one turn, set in the chat form.")
        private String user;

        @Option(
                names = "--prompt-ids",
                required = true,
                split = ",",
                paramLabel = "ID",
                description = "The prompt as token ids, taken as they are: BOS only if it is among them.")
        private List<Integer> ids;
    }

    @Option(names = "--system", paramLabel = "TEXT", description = "What the system says before --user.")
    private String system;

    private final GenerationFlags wanted = new GenerationFlags();

    /** Read by picocli. */
    @Mixin
    @SuppressWarnings("UnusedVariable")
    private final CommandSpec wantedSpec = wanted.spec();

    @Option(names = "--deadline-ms", paramLabel = "MS", description = "End after so long with the text that there is.")
    private Long deadlineMillis;

    @Option(
            names = "--json",
            description =
                    "Print {\"prompt_ids\":[],\"ids\":[],\"text\":\"\",\"finish_reason\":\"\"} at the end instead, with"
                            + " \"logprobs\" and the like if asked.")
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
    private DraftOption drafts;

    @Mixin
    private ChatTemplateOption chat;

    @Mixin
    private KernelOptions computing;

    @Mixin
    private WeightsOption weights;

    @Spec
    private CommandSpec spec;

    private final Console console;

    GenerateCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Prompt prompt = prompt();
        try (TextEngine engine = model.open(console, settings());
                ShutdownSignal signal = ShutdownSignal.listen(SHUTDOWN_GRACE);
                TextSession session = engine.openSession(InstantSource.system())) {
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
        EngineLimits usual = EngineSettings.DEFAULT.limits();
        try {
            return new EngineSettings(
                    new ComputeSettings(computing.threads(), computing.kernelChoice(), weights.storage()),
                    // Texts and continuations of one prompt share it.
                    new KvCacheSettings(kvCacheBytes == null ? 0 : kvCacheBytes, kv.type(), true),
                    new EngineLimits(
                            1,
                            usual.maxStepTokens(),
                            usual.maxQueuedRequests(),
                            usual.maxQueuedTokens(),
                            drafts.tokens(),
                            usual.policy()),
                    chat.source());
        } catch (EngineSettingsException e) {
            throw new ParameterException(spec.commandLine(), SettingFlags.message(e), e);
        }
    }

    private Prompt prompt() {
        GenerationOptions options = wanted.options();
        Optional<Long> deadline = Optional.ofNullable(deadlineMillis)
                .map(millis -> InstantSource.system().millis() + millis);
        return new Prompt(ID, promptInput(), options, 0, deadline, "", "", Map.of());
    }

    private PromptInput promptInput() {
        if (system != null && input.user == null) {
            throw new ParameterException(spec.commandLine(), "--system: expected --user beside it, found none");
        }
        if (input.ids != null) {
            return new PromptInput.Tokens(input.ids);
        }
        if (input.text != null) {
            return new PromptInput.Text(input.text);
        }
        PromptInput.Message user = new PromptInput.Message("user", input.user);
        return new PromptInput.Messages(
                system == null ? List.of(user) : List.of(new PromptInput.Message("system", system), user));
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
        line.set("prompt_ids", Json.array(engine.promptIds(promptInput())));
        CompletionLine.putAnswer(line, generation);
        console.jsonLine(Json.write(line));
    }

    private void printEnd(Generation generation) {
        switch (generation.answer()) {
            case Answer.Nothing nothing -> {}
            case Answer.Texts texts -> printTexts(texts.choices());
            case Answer.Scores scores -> printScores(scores);
            case Answer.Embedding embedding -> console.out().println(embedding.values());
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

    /** An only text has been printed while it came. */
    private void printTexts(List<Choice> choices) {
        for (Choice choice : choices) {
            console.out().println(choices.size() == 1 ? "" : choice.index() + ": " + choice.text());
            if (!choice.logprobs().isEmpty()) {
                console.out().println("logprobs: " + choice.logprobs());
            }
        }
    }

    private void printScores(Answer.Scores scores) {
        for (Score score : scores.scores()) {
            String probability = score.probability()
                    .map(fraction -> String.format(Locale.ROOT, "%7.3f %% ", 100 * fraction))
                    .orElse("");
            console.out()
                    .println(String.format(
                            Locale.ROOT,
                            "%s%10.4f  %d tokens  %s",
                            probability,
                            score.logLikelihood(),
                            score.tokenIds().size(),
                            score.text()));
        }
    }
}
