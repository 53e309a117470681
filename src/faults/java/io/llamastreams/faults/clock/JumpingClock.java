package io.llamastreams.faults.clock;

import java.time.Instant;

/** The machine's time of day and what it was moved by. Any thread. */
public final class JumpingClock {
    private static volatile long offsetMillis;

    private JumpingClock() {}

    static void move(long newOffsetMillis) {
        offsetMillis = newOffsetMillis;
    }

    /** In place of {@link System#currentTimeMillis()}. */
    public static long currentTimeMillis() {
        return System.currentTimeMillis() + offsetMillis;
    }

    /** In place of {@link Instant#now()}. */
    public static Instant now() {
        return Instant.now().plusMillis(offsetMillis);
    }
}
