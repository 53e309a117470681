package io.llamastreams.app.demo;

import io.llamastreams.app.accuracy.AccuracyView;
import io.llamastreams.app.accuracy.Example;
import io.llamastreams.app.accuracy.Judge;
import io.llamastreams.app.terminal.Paragraph;
import io.llamastreams.serving.Generation;
import io.llamastreams.topology.record.UsageRecord;
import io.llamastreams.topology.record.UsageRecord.Totals;
import java.io.PrintStream;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What people see of the demonstration on standard output: each text as it arrives, and the summary. Main thread. */
public final class DemoView {

    private static final int COLUMNS = 79;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);

    private final PrintStream out;
    private final boolean colour;
    private final ZoneId zone;
    private final Map<String, String> prompts;
    private final Samples samples;

    /**
     * A view of a run that has not begun.
     *
     * @param colour whether the terminal understands escape codes
     * @param zone that times are shown in
     * @param prompts that are sent
     */
    public DemoView(PrintStream out, boolean colour, ZoneId zone, DemoPrompts prompts) {
        this.out = out;
        this.colour = colour;
        this.zone = zone;
        this.prompts = prompts.texts();
        samples = new Samples(prompts.size());
    }

    /** A prompt and what was made of it; what was made stands out. Of many prompts only samples are shown. */
    public void show(Generation generation) {
        if (!samples.takes(generation)) {
            return;
        }
        out.println();
        switch (generation.status()) {
            case SUCCEEDED, CANCELLED -> {
                out.println(emphasised(generation.id()) + "  ("
                        + generation.usage().completionTokens() + " tokens, "
                        + generation.finishReason().orElse("no reason") + ")");
                showText(prompts.getOrDefault(generation.id(), ""), generation.text());
            }
            case REJECTED, FAILED, EXPIRED ->
                out.println(emphasised(generation.id()) + "  "
                        + generation.status().name().toLowerCase(Locale.ROOT) + ": " + generation.error());
        }
        out.flush();
    }

    private void showText(String prompt, String text) {
        String mark = colour ? "" : " >>";
        Paragraph paragraph = new Paragraph(COLUMNS);
        paragraph.add(prompt, false);
        paragraph.add(mark + text, true);
        out.print(paragraph.render(colour));
    }

    /** A few answers side by side with their truth, wrong ones if there are any, and the shares of the right ones. */
    public void show(Judge judge) {
        AccuracyView view = new AccuracyView(out, colour);
        out.println();
        out.println(emphasised("examples") + "  "
                + (judge.wrong().isEmpty() ? "(nothing was wrong)" : "(the first that are wrong; ! marks where)"));
        for (Example example : judge.examples()) {
            out.println();
            view.show(example);
        }
        out.println();
        view.show(judge.accuracy());
        out.flush();
    }

    /** What of the texts is shown; empty if it is all. */
    public Optional<String> restriction() {
        return samples.areAll()
                ? Optional.empty()
                : Optional.of(Samples.SHOWN + " of the completions are shown as they come; --out F.jsonl takes all");
    }

    public void show(DemoSummary summary) {
        out.println();
        out.println(emphasised("summary"));
        row(
                "requests",
                summary.counts().requests() + "  (" + summary.counts().succeeded() + " succeeded, "
                        + summary.counts().rejected() + " rejected, "
                        + (summary.counts().failed() - summary.counts().rejected()) + " failed otherwise)");
        row(
                "prompt tokens",
                summary.counts().promptTokens() + "  (" + summary.counts().cachedTokens()
                        + " saved by shared prefixes)");
        row("completion tokens", String.valueOf(summary.counts().completionTokens()));
        row(
                "tokens per second",
                String.format(
                        Locale.ROOT,
                        "%.0f  (completion tokens over %.2f s, from the first prompt sent to the last completion read)",
                        summary.tokensPerSecond(),
                        summary.elapsed().toNanos() / 1e9));
        row(
                "KV pool",
                String.format(
                        Locale.ROOT,
                        "%d of %d blocks at the peak (%.1f %%)",
                        summary.kvBlocks().peak(),
                        summary.kvBlocks().total(),
                        100.0
                                * summary.kvBlocks().peak()
                                / Math.max(1, summary.kvBlocks().total())));
        out.println();
        out.println(emphasised("usage topic") + "  (totals by tenant and window, as the stream has them)");
        out.printf(
                Locale.ROOT, "  %-20s %-19s %9s %11s %11s%n", "tenant", "window", "prompts", "tokens in", "tokens out");
        summary.usage().forEach(this::usageRow);
        out.flush();
    }

    private void row(String name, String value) {
        out.printf(Locale.ROOT, "  %-20s %s%n", name, value);
    }

    private void usageRow(UsageRecord usage) {
        Totals totals = usage.totals();
        String window = TIME.format(usage.windowStart().atZone(zone)) + " - "
                + TIME.format(usage.windowEnd().atZone(zone));
        out.printf(
                Locale.ROOT,
                "  %-20s %-19s %9d %11d %11d%n",
                usage.tenant().isEmpty() ? "(none)" : usage.tenant(),
                window,
                totals.requests(),
                totals.promptTokens(),
                totals.completionTokens());
    }

    private String emphasised(String text) {
        return colour ? Paragraph.BOLD + text + Paragraph.PLAIN : text;
    }
}
