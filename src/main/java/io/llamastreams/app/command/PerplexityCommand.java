package io.llamastreams.app.command;

import io.llamastreams.app.jsonl.Json;
import io.llamastreams.app.scoring.Perplexity;
import io.llamastreams.app.scoring.SequenceScorer;
import io.llamastreams.app.terminal.CommandFailure;
import io.llamastreams.app.terminal.Console;
import io.llamastreams.app.terminal.Progress;
import io.llamastreams.app.terminal.QuietCommand;
import io.llamastreams.model.LlamaModel;
import io.llamastreams.model.load.ModelLoader.LoadedModel;
import io.llamastreams.serving.session.ModelVocabulary;
import io.llamastreams.tensor.kernel.Kernels;
import io.llamastreams.tensor.kernel.WorkerPool;
import io.llamastreams.tensor.vector.KernelProvider;
import io.llamastreams.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How well a model foresees a text. */
@Command(
        name = "perplexity",
        description = {
            "Measure how well a model foresees a text: the lower, the better. Made for comparing models and number formats.",
            "",
            "The text is tokenised with BOS before it; from its first token on, -log p of each is summed (nll), and"
                    + " ppl = e^(nll / tokens). A text longer than the context is cut into windows that do not overlap: each"
                    + " is BOS and as many further tokens as fit, foreseen from those before them in the same window."
        },
        footer = {
            "",
            "Examples:",
            "  llama-streams perplexity --model llama-2-7b.Q4_0.gguf --file wiki.test.raw",
            "  llama-streams perplexity --model llama-2-7b.Q4_0.gguf --file wiki.test.raw --context 512 --json"
        })
public final class PerplexityCommand implements Callable<Integer>, QuietCommand {
    @Mixin
    private ModelOption model;

    @Option(names = "--file", required = true, paramLabel = "F.txt", description = "The text, UTF-8.")
    private Path file;

    @Option(
            names = "--context",
            paramLabel = "N",
            description = "Tokens of a window, BOS included (default: the model's context).")
    private Integer context;

    @Option(names = "--json", description = "Print {\"tokens\":n,\"nll\":x,\"ppl\":y}.")
    private boolean json;

    @Mixin
    private KvTypeOption kv;

    @Mixin
    private KernelOptions computing;

    @Mixin
    private WeightsOption place;

    private final Console console;

    PerplexityCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        String text = read(file);
        Kernels kernels = KernelProvider.choose(computing.kernelChoice());
        try (WorkerPool pool = new WorkerPool(computing.threads())) {
            LoadedModel loaded = model.load(console, place.storage(), pool);
            try (LlamaModel weights = loaded.model()) {
                Tokenizer tokenizer = new Tokenizer(ModelVocabulary.of(loaded.metadata(), loaded.file()));
                int[] ids = tokenizer.encode(text);
                if (ids.length == 0) {
                    throw new CommandFailure(file + ": expected a text, found nothing");
                }
                int window = window(weights.config().contextLength());
                int longest = (int) Math.min(window, ids.length + 1L);
                try (SequenceScorer scorer = new SequenceScorer(weights, kernels, pool, kv.type(), longest);
                        Progress progress = console.progress("perplexity", ids.length, "tokens")) {
                    report(Perplexity.of(scorer, tokenizer.bosId(), ids, window, progress::advance));
                }
            }
        }
        return 0;
    }

    private static String read(Path file) throws IOException {
        try {
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new CommandFailure(file + ": expected UTF-8, found other bytes", e);
        }
    }

    private int window(int contextLength) {
        if (context == null) {
            return contextLength;
        }
        if (context < 2 || context > contextLength) {
            throw new CommandFailure(
                    "--context: expected 2 to the model's context of " + contextLength + ", found " + context);
        }
        return context;
    }

    private void report(Perplexity result) {
        if (json) {
            console.jsonLine(Json.write(Json.object()
                    .put("tokens", result.tokens())
                    .put("nll", result.nll())
                    .put("ppl", result.ppl())));
        } else {
            console.out()
                    .printf(
                            Locale.ROOT,
                            "tokens %d, nll %.6f, ppl %.6f%n",
                            result.tokens(),
                            result.nll(),
                            result.ppl());
        }
    }
}
