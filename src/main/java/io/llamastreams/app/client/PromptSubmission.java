package io.llamastreams.app.client;

import io.llamastreams.app.jsonl.RequestLine;
import io.llamastreams.app.jsonl.RequestSource;
import io.llamastreams.app.terminal.Progress;
import io.llamastreams.serving.Prompt;
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
    private final Optional<String> batchId;
    private final PromptSender sender;
    private final RefusalListener refusals;
    private final Progress progress;
    private Optional<RequestLine.Accepted> heldBack = Optional.empty();
    private long refused;
    private long shown;

    /** @param batchId batch that all prompts belong to, whatever they say themselves; empty to leave them as they are */
    public PromptSubmission(
            RequestSource lines,
            Optional<String> batchId,
            PromptSender sender,
            RefusalListener refusals,
            Progress progress) {
        this.lines = lines;
        this.batchId = batchId;
        this.sender = sender;
        this.refusals = refusals;
        this.progress = progress;
    }

    /**
     * Sends until the end of the file, or until there is no use in going on.
     *
     * <p>Of a batch the last prompt is held back until all others are safe, and then announces how many they are: so the number
     * is right whatever became of single lines. Where sending breaks off, nothing is announced.
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
        if (broken.isEmpty() && sender.fatal().isEmpty() && heldBack.isPresent()) {
            RequestLine.Accepted last = heldBack.get();
            sender.sendWithTotal(prompt(last), label(last), sender.acknowledged() + 1);
            sender.flush();
        }
        show();
        return new Result(
                sender.acknowledged(), refused, sender.failed(), broken.isPresent() ? broken : sender.fatal());
    }

    private void submit(RequestLine line) {
        switch (line) {
            case RequestLine.Accepted accepted -> {
                if (batchId.isEmpty()) {
                    sender.send(prompt(accepted), label(accepted));
                } else {
                    heldBack.ifPresent(before -> sender.send(prompt(before), label(before)));
                    heldBack = Optional.of(accepted);
                }
            }
            case RequestLine.Refused bad -> {
                refused++;
                refusals.onRefused(bad);
            }
        }
    }

    private Prompt prompt(RequestLine.Accepted line) {
        return batchId.map(id -> line.prompt().withBatchId(id)).orElse(line.prompt());
    }

    private static String label(RequestLine.Accepted line) {
        return "prompt " + line.id();
    }

    private void show() {
        long done = sender.acknowledged() + sender.failed() + refused;
        progress.advance(done - shown);
        shown = done;
    }
}
