package io.llamastreams.topology.config;

import java.time.Duration;

/**
 * How requests are recognised that were sent before.
 *
 * @param window after the first one's answer in which they are; zero if they never are
 * @param rejects whether they are rejected and not answered again
 * @param maxBytes of what a task keeps for it
 */
public record DuplicateLimits(Duration window, boolean rejects, long maxBytes) {

    public boolean isOff() {
        return window.isZero();
    }
}
