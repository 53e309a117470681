package io.llamastreams.app.client;

/** A broker cannot be used: not reachable, not answering, wrong settings. The message names it, in one line. */
public final class ClusterException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public ClusterException(String message, Throwable cause) {
        super(message, cause);
    }

    /** What Kafka says of itself, without its wrappers such as "Failed to construct kafka producer". */
    public static String reason(Throwable error) {
        Throwable root = error;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }
}
