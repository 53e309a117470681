package io.llamastreams.app.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.stats.StepPhase;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * One JSON object per figure, told apart by {@code metric}: {@code prefill} and {@code decode} (speeds), {@code machine} (what
 * it can do at most), {@code profile} (time of a phase of a step), {@code matrix} (rate of one phase's matrices), and
 * {@code memory}.
 */
public final class JsonReport implements BenchReport {
    private static final MathContext DIGITS = new MathContext(6);

    private final Consumer<String> lines;

    public JsonReport(Consumer<String> lines) {
        this.lines = lines;
    }

    @Override
    public void speed(Point point, Speed speed) {
        ObjectNode line = Json.object();
        switch (point) {
            case Point.Prefill prefill -> line.put("metric", "prefill").put("tokens", prefill.tokens());
            case Point.Decode decode ->
                line.put("metric", "decode").put("batch", decode.batch()).put("context", decode.context());
        }
        number(line, "tokens_per_s", speed.median());
        number(line, "min", speed.least());
        number(line, "max", speed.most());
        line.put("runs", speed.tokensPerSecond().length);
        write(line);
    }

    @Override
    public void limits(MachineLimits limits) {
        ObjectNode line = Json.object().put("metric", "machine").put("threads", limits.threads());
        number(line, "read_gb_per_s", limits.readBytesPerSecond() / 1e9);
        number(line, "f32_gop_per_s", limits.operationsPerSecond() / 1e9);
        write(line);
    }

    @Override
    public void profile(Point point, StepTimes times, List<MatrixGroup> matrices, MachineLimits limits) {
        double steps = times.steps();
        for (StepPhase phase : StepPhase.values()) {
            ObjectNode line = profileLine(point, PhaseGroup.of(phase).name(), phase.name());
            phaseTime(line, times.phases().get(phase).workNanos() / steps, times);
        }
        phaseTime(profileLine(point, "waiting", "waiting"), times.waitNanos() / steps, times);
        for (MatrixGroup matrix : matrices) {
            matrix(point, matrix, matrix.rate(times), limits);
        }
    }

    private static ObjectNode profileLine(Point point, String group, String phase) {
        return of(Json.object().put("metric", "profile"), point)
                .put("group", group.toLowerCase(Locale.ROOT))
                .put("phase", phase.toLowerCase(Locale.ROOT));
    }

    private void phaseTime(ObjectNode line, double nanosPerStep, StepTimes times) {
        double stepNanos = times.nanos() / (double) times.steps();
        number(line, "us_per_step", nanosPerStep / 1e3);
        number(line, "share", nanosPerStep / stepNanos);
        number(line, "step_us", stepNanos / 1e3);
        write(line.put("steps", times.steps()));
    }

    private void matrix(Point point, MatrixGroup matrix, MatrixGroup.Rate rate, MachineLimits limits) {
        ObjectNode line = of(Json.object().put("metric", "matrix"), point)
                .put("matrix", matrix.phase().name().toLowerCase(Locale.ROOT))
                .put("type", matrix.types())
                .put("rows", matrix.rows())
                .put("columns", matrix.columns());
        number(line, "inputs", rate.inputs());
        number(line, "us_per_step", rate.secondsPerStep() * 1e6);
        number(line, "gb_per_s", rate.bytesPerSecond() / 1e9);
        fraction(line, "share_of_read", rate.bytesPerSecond(), limits.readBytesPerSecond());
        number(line, "gop_per_s", rate.operationsPerSecond() / 1e9);
        fraction(line, "share_of_f32", rate.operationsPerSecond(), limits.operationsPerSecond());
        write(line);
    }

    private static ObjectNode of(ObjectNode line, Point point) {
        return switch (point) {
            case Point.Prefill prefill -> line.put("of", "prefill").put("tokens", prefill.tokens());
            case Point.Decode decode ->
                line.put("of", "decode").put("batch", decode.batch()).put("context", decode.context());
        };
    }

    @Override
    public void memory(long peakBytes) {
        write(Json.object().put("metric", "memory").put("peak_rss_bytes", peakBytes));
    }

    /** Null where the limit is not known. */
    private static void fraction(ObjectNode line, String name, double value, double limit) {
        if (limit > 0) {
            number(line, name, value / limit);
        } else {
            line.putNull(name);
        }
    }

    private static void number(ObjectNode line, String name, double value) {
        line.put(name, new BigDecimal(value).round(DIGITS).doubleValue());
    }

    private void write(ObjectNode line) {
        lines.accept(Json.write(line));
    }
}
