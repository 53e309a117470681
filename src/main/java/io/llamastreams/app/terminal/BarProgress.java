package io.llamastreams.app.terminal;

import java.io.PrintStream;
import java.time.temporal.ChronoUnit;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A bar on a terminal. The bar's library is told the width, since it would start programs to find it out. */
final class BarProgress implements Progress {
    private static final int COLUMNS = 79;

    private final PrintStream err;
    private final ProgressBar bar;

    BarProgress(PrintStream err, String task, long total, String unit) {
        this.err = err;
        bar = new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(total)
                .setUnit(" " + unit, 1)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(200)
                .setSpeedUnit(ChronoUnit.SECONDS)
                .setConsumer(new DelegatingProgressBarConsumer(this::draw, COLUMNS))
                .build();
    }

    /** Called by the bar's own thread. */
    private void draw(String line) {
        synchronized (err) {
            err.print("\r" + line);
        }
    }

    @Override
    public void aside(Runnable printing) {
        synchronized (err) {
            err.print("\r" + " ".repeat(COLUMNS) + "\r");
            err.flush();
            printing.run();
        }
    }

    @Override
    public void advance(long steps) {
        bar.stepBy(steps);
    }

    @Override
    public void note(String words) {
        bar.setExtraMessage(words);
    }

    @Override
    public void total(long steps) {
        bar.maxHint(steps);
    }

    @Override
    public void close() {
        bar.close();
        err.println();
    }
}
