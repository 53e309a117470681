package io.llamastreams.app.demo;

import io.llamastreams.serving.Generation;

/** Which of the prompts' ends are shown as they come: all of a few, else some from the first to the last. One thread. */
final class Samples {
    /** So many are shown in full. */
    static final int MAX_SHOWN_IN_FULL = 30;

    /** Of more, so many texts, and at most as many of those that did not succeed. */
    static final int SHOWN = 6;

    private final int total;
    private long ended;
    private int failuresShown;

    Samples(int total) {
        this.total = total;
    }

    boolean areAll() {
        return total <= MAX_SHOWN_IN_FULL;
    }

    /** Counts the next end; says whether to show it. */
    boolean takes(Generation generation) {
        long before = ended++;
        if (areAll()) {
            return true;
        }
        if (generation.status() != Generation.Status.SUCCEEDED) {
            return ++failuresShown <= SHOWN;
        }
        return before == 0 || before * SHOWN / total > (before - 1) * SHOWN / total;
    }
}
