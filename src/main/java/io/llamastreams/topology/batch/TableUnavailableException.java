package io.llamastreams.topology.batch;

/** A table cannot be asked now, since partitions are being handed out or the streams have ended; later it may be. */
public final class TableUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TableUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
