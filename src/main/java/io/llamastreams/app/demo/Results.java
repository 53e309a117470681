package io.llamastreams.app.demo;

import io.llamastreams.app.client.Completions;
import io.llamastreams.app.client.TopicReader;
import io.llamastreams.app.jsonl.CompletionLine;
import io.llamastreams.app.terminal.Progress;
import io.llamastreams.serving.Generation;
import io.llamastreams.topology.record.CompletionRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.function.Consumer;

/** Where each prompt's end goes: a line in the file, the answer key, the tally, the terminal, the progress bar. Main thread. */
public final class Results implements TopicReader.Listener<CompletionRecord> {

    private final Writer out;
    private final AnswerKey key;
    private final Consumer<Generation> shown;
    private final Progress progress;
    private final Tally tally = new Tally();

    /**
     * @param out takes a line for each prompt, in the order of their ends
     * @param key hears of each end
     * @param shown hears of each end, after its line was written
     */
    public Results(Writer out, AnswerKey key, Consumer<Generation> shown, Progress progress) {
        this.out = out;
        this.key = key;
        this.shown = shown;
        this.progress = progress;
    }

    /** The end of a prompt that never came to the worker. */
    void endBeforeWorker(Generation generation) {
        end(generation, CompletionLine.format(generation));
    }

    @Override
    public void onValue(CompletionRecord completion) {
        end(Completions.generation(completion), Completions.line(completion));
    }

    /** Nobody else writes to the broker of the demonstration, so this is our own fault. */
    @Override
    public void onUnreadable(String where, String reason) {
        throw new IllegalStateException(where + ": no completion: " + reason);
    }

    private void end(Generation generation, String line) {
        try {
            out.write(line);
            out.write('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        key.add(generation);
        tally.add(generation);
        progress.advance(1);
        progress.aside(() -> shown.accept(generation));
    }

    void flush() throws IOException {
        out.flush();
    }

    void note(String words) {
        progress.note(words);
    }

    Tally tally() {
        return tally;
    }
}
