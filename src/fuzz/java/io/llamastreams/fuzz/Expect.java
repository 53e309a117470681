package io.llamastreams.fuzz;

/** What must hold, in a form that a fuzzer notices. */
final class Expect {

    private Expect() {}

    static void that(boolean holds, String what) {
        if (!holds) {
            throw new IllegalStateException("expected " + what);
        }
    }

    /** A refusal says something, in one line that a terminal can show. */
    static void oneLine(Throwable refusal) {
        String message = String.valueOf(refusal.getMessage());
        that(!message.isBlank() && !message.equals("null"), "a message");
        that(
                message.codePoints().noneMatch(Character::isISOControl),
                "one line without control characters, found " + message);
        that(message.length() < 2_000, "a short message, found " + message.length() + " characters");
    }
}
