package io.llamastreams.app.client;

import io.llamastreams.app.jsonl.RequestLine;
import io.llamastreams.app.jsonl.RequestSource;
import io.llamastreams.app.terminal.Progress;
import java.io.IOException;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Sends all lines of a prompt file: reads, hands over, waits until every prompt is safe. Main thread. */
public final class PromptSubmission {

    /**
     * What became of a file.
     *
     * @param sent prompts that the broker has acknowledged
     * @param refused lines that are no prompts
     * @param failed prompts that could not be written
     * @param broken why sending ended before the file did; empty if it did not
     */
    public record Result(long sent, long refused, long failed, Optional<String> broken) {

        public boolean isComplete() {
            return refused == 0 && failed == 0 && broken.isEmpty();
        }
    }

    /** Hears of lines that are no prompts. */
    @FunctionalInterface
    public interface RefusalListener {
        void onRefused(RequestLine.Refused line);
    }

    private final RequestSource lines;
    private final PromptSender sender;
    private final RefusalListener refusals;
    private final Progress progress;
    private long refused;
    private long shown;

    public PromptSubmission(RequestSource lines, PromptSender sender, RefusalListener refusals, Progress progress) {
        this.lines = lines;
        this.sender = sender;
        this.refusals = refusals;
        this.progress = progress;
    }

    /**
     * Sends until the end of the file, or until there is no use in going on.
     *
     * @param interrupted asked between lines: whether to stop
     */
    public Result run(BooleanSupplier interrupted) throws IOException {
        Optional<String> broken = Optional.empty();
        while (broken.isEmpty()) {
            Optional<RequestLine> line = lines.next();
            if (line.isEmpty()) {
                break;
            }
            submit(line.get());
            show();
            broken = interrupted.getAsBoolean() ? Optional.of("interrupted") : sender.fatal();
        }
        sender.flush();
        show();
        return new Result(
                sender.acknowledged(), refused, sender.failed(), broken.isPresent() ? broken : sender.fatal());
    }

    private void submit(RequestLine line) {
        switch (line) {
            case RequestLine.Accepted accepted -> sender.send(accepted.prompt(), "prompt " + accepted.id());
            case RequestLine.Refused bad -> {
                refused++;
                refusals.onRefused(bad);
            }
        }
    }

    private void show() {
        long done = sender.acknowledged() + sender.failed() + refused;
        progress.advance(done - shown);
        shown = done;
    }
}
