package io.llamastreams.app.batch;

import io.llamastreams.serving.Generation;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** What a run has done so far. One thread. */
public final class BatchSummary {
    private final Map<Generation.Status, Long> byStatus = new EnumMap<>(Generation.Status.class);
    private long promptTokens;
    private long cachedTokens;
    private long completionTokens;
    private long elapsedNanos;
    private boolean interrupted;

    void add(Generation generation) {
        byStatus.merge(generation.status(), 1L, Long::sum);
        promptTokens += generation.usage().promptTokens();
        cachedTokens += generation.usage().cachedTokens();
        completionTokens += generation.usage().completionTokens();
    }

    void end(long nanos, boolean early) {
        elapsedNanos = nanos;
        interrupted = early;
    }

    public long requests() {
        return byStatus.values().stream().mapToLong(Long::longValue).sum();
    }

    public long count(Generation.Status status) {
        return byStatus.getOrDefault(status, 0L);
    }

    public long promptTokens() {
        return promptTokens;
    }

    /** Those of the prompt tokens that a shared prefix saved. */
    public long cachedTokens() {
        return cachedTokens;
    }

    public long completionTokens() {
        return completionTokens;
    }

    public double seconds() {
        return elapsedNanos / 1e9;
    }

    /** New tokens per second. */
    public double tokensPerSecond() {
        return elapsedNanos == 0 ? 0 : completionTokens / seconds();
    }

    /** Whether the run was ended before all requests were answered. */
    public boolean isInterrupted() {
        return interrupted;
    }

    /** In one line, for people. */
    @Override
    public String toString() {
        StringBuilder line = new StringBuilder().append(requests()).append(" requests:");
        for (Generation.Status status : Generation.Status.values()) {
            if (count(status) > 0 || status == Generation.Status.SUCCEEDED) {
                line.append(String.format(
                        Locale.ROOT, " %d %s,", count(status), status.name().toLowerCase(Locale.ROOT)));
            }
        }
        return line.append(String.format(
                        Locale.ROOT,
                        " %d prompt tokens (%d cached), %d new tokens in %.1f s, %.1f tokens/s",
                        promptTokens,
                        cachedTokens,
                        completionTokens,
                        seconds(),
                        tokensPerSecond()))
                .toString();
    }
}
