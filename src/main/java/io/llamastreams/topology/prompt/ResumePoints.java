package io.llamastreams.topology.prompt;

import java.time.Duration;

/**
 * Says when a running text has grown so much, or has not been stored for so long, that it is worth storing. A text that ends
 * before costs nothing. Any thread.
 *
 * @param tokens new ones after which a text is stored
 * @param time after which it is stored if it has grown at all
 */
record ResumePoints(int tokens, Duration time) {

    /** @param made tokens that the text of a running prompt has */
    boolean isDue(PendingEntry entry, int made, long nowNanos) {
        int grown = made - entry.storedTokens();
        return grown >= tokens || grown > 0 && nowNanos - entry.storedNanos() >= time.toNanos();
    }
}
