package io.llamastreams.app.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.app.scoring.SequenceScorer;
import io.llamastreams.app.terminal.Console;
import io.llamastreams.app.terminal.QuietCommand;
import io.llamastreams.model.LlamaModel;
import io.llamastreams.model.load.ModelLoader.LoadedModel;
import io.llamastreams.serving.session.ModelVocabulary;
import io.llamastreams.tensor.kernel.Kernels;
import io.llamastreams.tensor.kernel.WorkerPool;
import io.llamastreams.tensor.vector.KernelProvider;
import io.llamastreams.tokenizer.Tokenizer;
import java.util.Comparator;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the model expects after given tokens. */
@Command(
        name = "logits",
        description = {
            "Print the model's logits for the token that comes after the given ones.",
            "",
            "The ids are taken as they are: a text usually starts with BOS, id 1. Without --json the likeliest tokens are"
                    + " shown with their logits and probabilities."
        },
        footer = {
            "",
            "Examples:",
            "  llama-streams logits --model llama-2-7b.Q8_0.gguf --prompt-ids 1,9038,2501,263,931",
            "  llama-streams logits --model llama-2-7b.Q8_0.gguf --prompt-ids 1 --json"
        })
public final class LogitsCommand implements Callable<Integer>, QuietCommand {
    private static final int SHOWN = 10;

    @Mixin
    private ModelOption model;

    @Option(
            names = "--prompt-ids",
            required = true,
            split = ",",
            paramLabel = "ID",
            description = "Token ids, BOS among them if it is wanted.")
    private int[] ids;

    @Option(names = "--json", description = "Print {\"logits\":[...]}, one number for each token of the vocabulary.")
    private boolean json;

    @Mixin
    private KvTypeOption kv;

    @Mixin
    private KernelOptions computing;

    @Mixin
    private WeightsOption place;

    private final Console console;

    LogitsCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Kernels kernels = KernelProvider.choose(computing.kernelChoice());
        try (WorkerPool pool = new WorkerPool(computing.threads())) {
            LoadedModel loaded = model.load(console, place.storage(), pool);
            try (LlamaModel weights = loaded.model();
                    SequenceScorer scorer = new SequenceScorer(
                            weights,
                            kernels,
                            pool,
                            kv.type(),
                            Math.min(ids.length, weights.config().contextLength()))) {
                float[] logits = scorer.lastLogits(ids);
                if (json) {
                    printJson(logits);
                } else {
                    printLikeliest(logits, new Tokenizer(ModelVocabulary.of(loaded.metadata(), loaded.file())));
                }
            }
        }
        return 0;
    }

    private void printJson(float[] logits) {
        ObjectNode line = Json.object();
        ArrayNode array = line.putArray("logits");
        for (float logit : logits) {
            array.add(logit);
        }
        console.jsonLine(Json.write(line));
    }

    private void printLikeliest(float[] logits, Tokenizer tokenizer) {
        double largest = IntStream.range(0, logits.length)
                .mapToDouble(id -> logits[id])
                .max()
                .orElseThrow();
        double sum = IntStream.range(0, logits.length)
                .mapToDouble(id -> Math.exp(logits[id] - largest))
                .sum();
        console.out().printf(Locale.ROOT, "%7s %12s %12s  %s%n", "id", "logit", "probability", "piece");
        IntStream.range(0, logits.length)
                .boxed()
                .sorted(Comparator.comparingDouble(id -> -logits[id]))
                .limit(SHOWN)
                .forEach(id -> console.out()
                        .printf(
                                Locale.ROOT,
                                "%7d %12.6f %12.6f  %s%n",
                                id,
                                logits[id],
                                Math.exp(logits[id] - largest) / sum,
                                tokenizer.piece(id)));
    }
}
