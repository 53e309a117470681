package io.llamastreams.app.command;

import io.llamastreams.app.bench.BenchPlan;
import io.llamastreams.app.bench.BenchReport;
import io.llamastreams.app.bench.EngineProfile;
import io.llamastreams.app.bench.ForwardBench;
import io.llamastreams.app.bench.JsonReport;
import io.llamastreams.app.bench.MachineLimits;
import io.llamastreams.app.bench.MatrixGroup;
import io.llamastreams.app.bench.Point;
import io.llamastreams.app.bench.ProcessMemory;
import io.llamastreams.app.bench.Speed;
import io.llamastreams.app.bench.StepTimes;
import io.llamastreams.app.bench.TextReport;
import io.llamastreams.app.terminal.Console;
import io.llamastreams.app.terminal.Progress;
import io.llamastreams.app.terminal.QuietCommand;
import io.llamastreams.model.LlamaModel;
import io.llamastreams.model.load.ModelLoader.LoadedModel;
import io.llamastreams.tensor.kernel.Kernels;
import io.llamastreams.tensor.kernel.WorkerPool;
import io.llamastreams.tensor.vector.KernelProvider;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures how fast a model runs on this machine. */
@Command(
        name = "bench",
        description = {
            "Measures tokens per second of a model's forward pass: prompts (prefill) and batches of new tokens (decode).",
            "",
            "Each figure is the median of some runs after a warm-up, with the slowest and the fastest of them; tokens are"
                    + " random, sampling is greedy. Every --batch is measured with every --context. Other programs make"
                    + " the figures worse: look at the spread.",
            "",
            "--profile lets an engine serve the same points and shows where a step's time goes, and how fast the matrices"
                    + " are, as shares of what this machine can do at most: with small batches of the bytes that it reads"
                    + " from memory, with large ones and prompts of its multiply-adds in single precision (quantised"
                    + " weights may pass those 100 %%)."
        },
        footer = {
            "",
            "Examples:",
            "  llama-streams bench --model llama-2-7b.Q4_0.gguf",
            "  llama-streams bench --model llama-2-7b.Q4_0.gguf --batch 1,16,64 --context 128,2048 --decode 16 --json",
            "  llama-streams bench --model llama-2-7b.Q4_0.gguf --prefill 512,2048 --decode 0",
            "  llama-streams bench --model llama-2-7b.Q4_0.gguf --prefill 0 --batch 1,16 --profile",
            "",
            "With --json each line has a \"metric\": prefill and decode with tokens_per_s, min and max; with --profile also"
                    + " machine (the limits), profile (us_per_step and share of each phase of a step; waiting is what"
                    + " threads wait for each other) and matrix (gb_per_s of weights, gop_per_s, and their shares of the"
                    + " limits); with --memory also memory (peak_rss_bytes)."
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
            split = ",",
            paramLabel = "N",
            defaultValue = "128",
            description = "Tokens that each sequence has before its new ones (default: ${DEFAULT-VALUE}).")
    private List<Integer> contexts;

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

    @Option(
            names = "--profile",
            description =
                    "Show where the time of an engine's steps goes, and how near the matrices come to the machine's"
                            + " limits. Takes half a gigabyte of heap besides.")
    private boolean profile;

    @Option(
            names = "--memory",
            description =
                    "Also tell the most memory that this process has had resident, mapped files included, where the"
                            + " system tells it.")
    private boolean memory;

    @Option(names = "--json", description = "One JSON object per figure on standard output.")
    private boolean json;

    @Mixin
    private KvTypeOption kv;

    @Mixin
    private KernelOptions computing;

    @Mixin
    private WeightsOption storage;

    @Spec
    private CommandSpec command;

    private final Console console;

    BenchCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        BenchPlan plan = plan();
        Kernels kernels = KernelProvider.choose(computing.kernelChoice());
        try (WorkerPool pool = new WorkerPool(computing.threads())) {
            LoadedModel loaded = model.load(console, storage.storage(), pool);
            try (LlamaModel weights = loaded.model()) {
                console.info(loaded.file().getFileName() + ", kernels " + kernels.name() + ", KV " + kv.type()
                        + ", threads " + pool.threads()
                        + ", median of " + plan.runs() + " runs (least - most)");
                BenchReport report = json ? new JsonReport(this::print) : new TextReport(this::print);
                measure(plan, weights, kernels, pool, report);
                if (profile) {
                    profile(plan, weights, kernels, report);
                }
                if (memory) {
                    ProcessMemory.peakBytes().ifPresent(report::memory);
                }
            }
        }
        return 0;
    }

    private BenchPlan plan() {
        try {
            return new BenchPlan(prefill, contexts, batches, decode, runs);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
    }

    private void measure(BenchPlan plan, LlamaModel weights, Kernels kernels, WorkerPool pool, BenchReport report) {
        ForwardBench.checkFits(weights.config(), plan.positions()); // before the first figure, not after
        try (Progress progress = console.progress("measuring", plan.points().size() * (plan.runs() + 1L), "runs")) {
            for (BenchPlan part : plan.parts()) {
                measure(part, weights, kernels, pool, report, progress);
            }
        }
    }

    private void measure(
            BenchPlan part,
            LlamaModel weights,
            Kernels kernels,
            WorkerPool pool,
            BenchReport report,
            Progress progress) {
        try (ForwardBench bench = new ForwardBench(
                weights, kernels, pool, kv.type(), part.sequences(), part.positions(), System::nanoTime)) {
            for (Point point : part.points()) {
                progress.note(point.title());
                Speed speed = bench.measure(point, part.newTokens(), part.runs(), () -> progress.advance(1));
                progress.aside(() -> report.speed(point, speed));
            }
        }
    }

    /** With threads of its own, which look at the clock: those of the other figures do not. */
    private void profile(BenchPlan plan, LlamaModel weights, Kernels kernels, BenchReport report) {
        LongSupplier nanoClock = System::nanoTime;
        List<MatrixGroup> matrices = MatrixGroup.of(weights.weights());
        try (WorkerPool pool = new WorkerPool(computing.threads(), nanoClock);
                Progress progress = console.progress("profiling", plan.points().size(), "points")) {
            MachineLimits limits = MachineLimits.measure(pool, nanoClock);
            progress.aside(() -> report.limits(limits));
            EngineProfile engine = new EngineProfile(weights, kernels, pool, kv.type(), nanoClock);
            for (Point point : plan.points()) {
                progress.note(point.title());
                StepTimes times = engine.profile(point, plan.newTokens(), plan.runs());
                progress.advance(1);
                progress.aside(() -> report.profile(point, times, matrices, limits));
            }
        }
    }

    /** At once, for whoever waits for it. */
    private void print(String line) {
        console.out().print(line + "\n");
        console.flush();
    }
}
