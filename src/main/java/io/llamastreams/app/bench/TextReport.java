package io.llamastreams.app.bench;

import io.llamastreams.stats.StepPhase;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** Tables for people. */
public final class TextReport implements BenchReport {
    private final Consumer<String> lines;

    public TextReport(Consumer<String> lines) {
        this.lines = lines;
    }

    @Override
    public void speed(Point point, Speed speed) {
        lines.accept(String.format(
                Locale.ROOT,
                "%-36s %10.1f tokens/s  (%.1f - %.1f)",
                point.title(),
                speed.median(),
                speed.least(),
                speed.most()));
    }

    @Override
    public void limits(MachineLimits limits) {
        lines.accept("");
        lines.accept(String.format(
                Locale.ROOT,
                "%d threads can read %.1f GB/s of memory and do %s",
                limits.threads(),
                limits.readBytesPerSecond() / 1e9,
                limits.operationsPerSecond() > 0
                        ? String.format(
                                Locale.ROOT, "%.0f GOP/s of f32 multiply-adds", limits.operationsPerSecond() / 1e9)
                        : "an unknown number of multiply-adds, since this JVM has no vectors"));
    }

    @Override
    public void profile(Point point, StepTimes times, List<MatrixGroup> matrices, MachineLimits limits) {
        double stepNanos = times.nanos() / (double) times.steps();
        lines.accept("");
        lines.accept(String.format(
                Locale.ROOT,
                "%s: %.3f ms a step, %.1f tokens/s (mean of %d steps of an engine)",
                point.title(),
                stepNanos / 1e6,
                times.rows() * 1e9 / times.nanos(),
                times.steps()));
        for (PhaseGroup group : PhaseGroup.values()) {
            group(group, times);
        }
        time("waiting for other threads", times.waitNanos(), times);
        lines.accept(String.format(
                Locale.ROOT,
                "  %-19s %-10s %-15s %7s %10s %8s %9s %8s %9s",
                "matrices",
                "weights",
                "shape",
                "inputs",
                "ms",
                "GB/s",
                "of limit",
                "GOP/s",
                "of limit"));
        for (MatrixGroup matrix : matrices) {
            matrix(matrix, matrix.rate(times), limits);
        }
    }

    private void group(PhaseGroup group, StepTimes times) {
        List<StepPhase> phases = List.of(StepPhase.values()).stream()
                .filter(phase -> PhaseGroup.of(phase) == group)
                .toList();
        long nanos = phases.stream()
                .mapToLong(phase -> times.phases().get(phase).workNanos())
                .sum();
        time(group.title(), nanos, times);
        if (phases.size() > 1) {
            phases.forEach(phase -> time(
                    "  " + PhaseGroup.title(phase), times.phases().get(phase).workNanos(), times));
        }
    }

    private void time(String title, long nanos, StepTimes times) {
        lines.accept(String.format(
                Locale.ROOT,
                "  %-36s %10.3f ms %6.1f %%",
                title,
                nanos / 1e6 / times.steps(),
                100.0 * nanos / Math.max(1, times.nanos())));
    }

    private void matrix(MatrixGroup matrix, MatrixGroup.Rate rate, MachineLimits limits) {
        lines.accept(String.format(
                Locale.ROOT,
                "  %-19s %-10s %-15s %7.1f %10.3f %8.1f %9s %8.1f %9s",
                PhaseGroup.title(matrix.phase()),
                matrix.types(),
                matrix.rows() + " x " + matrix.columns(),
                rate.inputs(),
                rate.secondsPerStep() * 1e3,
                rate.bytesPerSecond() / 1e9,
                percent(rate.bytesPerSecond(), limits.readBytesPerSecond()),
                rate.operationsPerSecond() / 1e9,
                percent(rate.operationsPerSecond(), limits.operationsPerSecond())));
    }

    private static String percent(double value, double limit) {
        return limit > 0 ? String.format(Locale.ROOT, "%.0f %%", 100 * value / limit) : "-";
    }

    @Override
    public void memory(long peakBytes) {
        lines.accept("");
        lines.accept(String.format(Locale.ROOT, "%-36s %10.1f MB", "peak of resident memory", peakBytes / 1e6));
    }
}
