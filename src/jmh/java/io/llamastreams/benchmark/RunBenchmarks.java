package io.llamastreams.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.util.Statistics;

/**
 * Runs the benchmarks with JMH's garbage profiler and writes a table of comma-separated values: {@code FILE [JMH's options]}.
 *
 * <p>A line has the time of one operation in microseconds, with half of JMH's 99.9 % confidence interval and the fastest and
 * slowest of the measured seconds; what rate that is; and the bytes that an operation allocates.
 */
public final class RunBenchmarks {
    private static final String HEADER =
            "benchmark,parameters,us_per_op,error_us,min_us,max_us,rate,rate_unit,allocated_bytes_per_op";

    private RunBenchmarks() {}

    public static void main(String[] args) throws RunnerException, CommandLineOptionException, IOException {
        Path file = Path.of(args[0]);
        CommandLineOptions options = new CommandLineOptions(Arrays.copyOfRange(args, 1, args.length));
        Collection<RunResult> results = new Runner(new OptionsBuilder()
                        .parent(options)
                        .addProfiler(GCProfiler.class)
                        .build())
                .run();
        List<String> lines = new ArrayList<>(List.of(HEADER));
        results.forEach(result -> lines.add(line(result)));
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.write(file, lines);
        System.out.println(file + ": " + results.size() + " results");
    }

    private static String line(RunResult result) {
        BenchmarkParams params = result.getParams();
        String[] names = params.getBenchmark().split("\\.");
        String name = names[names.length - 2].replace("Benchmark", "") + "." + names[names.length - 1];
        Result<?> time = result.getPrimaryResult();
        Statistics statistics = time.getStatistics();
        double error = Double.isNaN(time.getScoreError()) ? 0 : time.getScoreError();
        Rate rate = rate(name, params, time.getScore());
        return String.join(
                ",",
                name,
                params.getParamsKeys().stream()
                        .map(key -> key + "=" + params.getParam(key))
                        .collect(Collectors.joining(" ")),
                digits(time.getScore()),
                digits(error),
                digits(statistics.getMin()),
                digits(statistics.getMax()),
                rate.unit().isEmpty() ? "" : digits(rate.value()),
                rate.unit(),
                String.format(Locale.ROOT, "%.0f", allocatedBytes(result)));
    }

    private record Rate(double value, String unit) {}

    /** What is done in one operation over its time. */
    private static Rate rate(String name, BenchmarkParams params, double micros) {
        return switch (name) {
            case "Matrix.multiply" ->
                new Rate(MatrixBenchmark.operations(Integer.parseInt(params.getParam("n"))) / micros / 1e3, "GOP/s");
            case "Attention.attend" -> {
                int context = Integer.parseInt(params.getParam("context"));
                double operations = AttentionBenchmark.operations(params.getParam("heads"), context);
                yield new Rate(operations / micros / 1e3, "GOP/s");
            }
            case "Tokenizer.encode", "Tokenizer.decode" ->
                new Rate(TokenizerBenchmark.bytes(params.getParam("text")) / micros, "MB/s");
            default -> new Rate(0, "");
        };
    }

    private static double allocatedBytes(RunResult result) {
        return result.getSecondaryResults().entrySet().stream()
                .filter(entry -> entry.getKey().endsWith("gc.alloc.rate.norm"))
                .mapToDouble(entry -> entry.getValue().getScore())
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the garbage profiler said nothing"));
    }

    private static String digits(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.4f" : value < 1000 ? "%.2f" : "%.0f", value);
    }
}
