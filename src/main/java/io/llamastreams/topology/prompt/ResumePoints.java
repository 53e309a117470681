package io.llamastreams.topology.prompt;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Says when a running text has grown so much, or has not been stored for so long, that it is worth storing. A text that ends
 * before costs nothing. StreamThread of its task.
 */
final class ResumePoints {
    private final int tokens;
    private final long nanos;
    private final Map<String, Point> points = new LinkedHashMap<>();

    /** What is stored of a text, and since when. */
    private record Point(int tokens, long nanos) {}

    /** Where texts lie that are looked at. */
    interface Texts {
        /** The tokens that a text has so far. */
        List<Integer> resumable(String storeKey);

        void store(String storeKey, List<Integer> made);
    }

    /**
     * No text runs.
     *
     * @param tokens new ones after which a text is stored
     * @param time after which it is stored if it has grown at all
     */
    ResumePoints(int tokens, Duration time) {
        this.tokens = tokens;
        nanos = time.toNanos();
    }

    /** @param made tokens of the text that are stored already */
    void begin(String storeKey, int made, long nowNanos) {
        points.put(storeKey, new Point(made, nowNanos));
    }

    void end(String storeKey) {
        points.remove(storeKey);
    }

    /** Stores the texts that are due. */
    void store(Texts texts, long nowNanos) {
        points.replaceAll((storeKey, point) -> {
            List<Integer> made = texts.resumable(storeKey);
            int grown = made.size() - point.tokens();
            if (grown < tokens && (grown <= 0 || nowNanos - point.nanos() < nanos)) {
                return point;
            }
            texts.store(storeKey, made);
            return new Point(made.size(), nowNanos);
        });
    }
}
