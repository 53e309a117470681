package io.llamastreams.app.command;

import io.llamastreams.app.terminal.Console;
import java.util.concurrent.atomic.AtomicInteger;

/** Errors of single lines, which may be a million: the first ones are shown, then it is said that there are more. Any thread. */
final class LimitedReports {

    private static final int MAX_SHOWN = 20;

    private final Console console;
    private final AtomicInteger reported = new AtomicInteger();

    LimitedReports(Console console) {
        this.console = console;
    }

    void error(String line) {
        int number = reported.incrementAndGet();
        if (number <= MAX_SHOWN) {
            console.error(line);
        } else if (number == MAX_SHOWN + 1) {
            console.error("more errors of this kind are counted, but not shown");
        }
    }
}
