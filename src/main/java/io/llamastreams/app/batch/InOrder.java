package io.llamastreams.app.batch;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** Passes lines on in the order of their requests; holds back what has come too early, within a bound. */
public final class InOrder implements CompletionSink {
    private static final int MAX_HELD_BACK = 1 << 14;

    private final CompletionSink target;
    private final Map<Long, String> early = new HashMap<>();
    private long next;

    /** Takes over {@code target} and closes it. */
    public InOrder(CompletionSink target) {
        this.target = target;
    }

    @Override
    public void write(long index, String line) throws IOException {
        early.put(index, line);
        for (String ready = early.remove(next); ready != null; ready = early.remove(next)) {
            target.write(next, ready);
            next++;
        }
    }

    @Override
    public long indexLimit() {
        return next + MAX_HELD_BACK;
    }

    @Override
    public void flush() throws IOException {
        target.flush();
    }

    /** Also writes what was held back, in order, for requests whose answers never came. */
    @Override
    public void close() throws IOException {
        try (target) {
            for (long index : early.keySet().stream().sorted().toList()) {
                target.write(index, early.get(index));
            }
        }
    }
}
