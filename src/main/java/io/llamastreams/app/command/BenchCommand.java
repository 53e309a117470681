package io.llamastreams.app.command;

import io.llamastreams.app.bench.ForwardBench;
import io.llamastreams.app.bench.ForwardBench.Speed;
import io.llamastreams.app.terminal.CommandFailure;
import io.llamastreams.app.terminal.Console;
import io.llamastreams.app.terminal.QuietCommand;
import io.llamastreams.model.LlamaModel;
import io.llamastreams.model.load.ModelLoader.LoadedModel;
import io.llamastreams.tensor.kernel.Kernels;
import io.llamastreams.tensor.kernel.WorkerPool;
import io.llamastreams.tensor.vector.KernelProvider;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures how fast a model runs on this machine. */
@Command(
        name = "bench",
        description = {
            "Measures tokens per second of a model's forward pass: prompts (prefill) and batches of new tokens (decode).",
            "",
            "Each figure is the median of some runs after a warm-up; tokens are random, sampling is greedy.",
            "",
            "Examples:",
            "  llama-streams bench --model llama-2-7b.Q4_0.gguf",
            "  llama-streams bench --model llama-2-7b.Q4_0.gguf --batch 1,16,64 --context 1024 --json"
        })
public final class BenchCommand implements Callable<Integer>, QuietCommand {
    @Mixin
    private ModelOption model;

    @Option(
            names = "--prefill",
            split = ",",
            paramLabel = "N",
            defaultValue = "512",
            description = "Lengths of prompts to measure; 0 for none (default: ${DEFAULT-VALUE}).")
    private List<Integer> prefill;

    @Option(
            names = "--decode",
            paramLabel = "N",
            defaultValue = "64",
            description = "New tokens of each sequence in a run; 0 measures prompts only (default: ${DEFAULT-VALUE}).")
    private int decode;

    @Option(
            names = "--context",
            paramLabel = "N",
            defaultValue = "128",
            description = "Tokens that each sequence has before its new ones (default: ${DEFAULT-VALUE}).")
    private int context;

    @Option(
            names = "--batch",
            split = ",",
            paramLabel = "N",
            defaultValue = "1,8,32",
            description = "Numbers of sequences to measure (default: ${DEFAULT-VALUE}).")
    private List<Integer> batches;

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "3",
            description = "Runs of each measurement (default: ${DEFAULT-VALUE}).")
    private int runs;

    @Option(names = "--json", description = "One JSON object per figure on standard output.")
    private boolean json;

    @Mixin
    private KvTypeOption kv;

    @Mixin
    private KernelOptions computing;

    @Mixin
    private WeightsOption weights;

    private final Console console;

    BenchCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        check();
        int sequences = decode == 0 ? 1 : batches.stream().max(Integer::compare).orElseThrow();
        int longest = prefill.stream().max(Integer::compare).orElseThrow();
        int positions = Math.max(Math.max(longest, 1), decode == 0 ? 0 : context + decode);
        Kernels kernels = KernelProvider.choose(computing.kernelChoice());
        try (WorkerPool pool = new WorkerPool(computing.threads())) {
            LoadedModel loaded = model.load(console, weights.storage(), pool);
            try (LlamaModel weights = loaded.model();
                    ForwardBench bench = new ForwardBench(
                            weights, kernels, pool, kv.type(), sequences, positions, System::nanoTime)) {
                console.info(loaded.file().getFileName() + ", kernels " + kernels.name() + ", KV " + kv.type()
                        + ", threads " + pool.threads() + ", median of " + runs + " runs (least - most)");
                measure(bench);
            }
        }
        return 0;
    }

    private void check() {
        if (runs < 1 || decode < 0 || context < 1) {
            throw new CommandFailure(
                    "bench: expected --runs and --context of at least 1 and --decode of at least 0, found " + runs
                            + ", " + context + " and " + decode);
        }
        if (batches.stream().anyMatch(batch -> batch < 1) || prefill.stream().anyMatch(tokens -> tokens < 0)) {
            throw new CommandFailure("bench: expected batches of at least 1 and prompts of at least 0, found " + batches
                    + " and " + prefill);
        }
    }

    private void measure(ForwardBench bench) {
        for (int tokens : prefill) {
            if (tokens > 0) {
                Speed speed = bench.prefill(tokens, runs);
                report("prefill " + tokens, "{\"metric\":\"prefill\",\"tokens\":" + tokens, speed);
            }
        }
        if (decode > 0) {
            for (int batch : batches) {
                Speed speed = bench.decode(batch, context, decode, runs);
                report(
                        "decode batch " + batch + ", context " + context,
                        "{\"metric\":\"decode\",\"batch\":" + batch + ",\"context\":" + context,
                        speed);
            }
        }
    }

    private void report(String title, String jsonStart, Speed speed) {
        if (json) {
            console.jsonLine(String.format(
                    Locale.ROOT,
                    "%s,\"tokens_per_s\":%.2f,\"min\":%.2f,\"max\":%.2f}",
                    jsonStart,
                    speed.median(),
                    speed.least(),
                    speed.most()));
        } else {
            console.out()
                    .printf(
                            Locale.ROOT,
                            "%-32s %10.1f tokens/s  (%.1f - %.1f)%n",
                            title,
                            speed.median(),
                            speed.least(),
                            speed.most());
        }
        console.flush();
    }
}
