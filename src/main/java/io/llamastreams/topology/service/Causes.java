package io.llamastreams.topology.service;

import java.util.function.Predicate;

/** Looks through what lies behind an exception. Any thread. */
final class Causes {
    /** Deeper chains are not looked at; they might be rings. */
    private static final int MAX_DEPTH = 20;

    private Causes() {}

    /** Whether the exception or one of its causes is such a one. */
    static boolean any(Throwable exception, Predicate<Throwable> predicate) {
        Throwable cause = exception;
        for (int depth = 0; cause != null && depth < MAX_DEPTH; depth++) {
            if (predicate.test(cause)) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }

    /** What lies at the bottom. */
    static Throwable root(Throwable exception) {
        Throwable cause = exception;
        for (int depth = 0; cause.getCause() != null && depth < MAX_DEPTH; depth++) {
            cause = cause.getCause();
        }
        return cause;
    }
}
