package io.llamastreams.app.terminal;

/** Ends a command with exit code 1 and this message as the one line that the user sees. */
public final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CommandFailure(String message) {
        super(message);
    }

    public CommandFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
