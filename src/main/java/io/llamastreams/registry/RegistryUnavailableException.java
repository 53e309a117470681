package io.llamastreams.registry;

/** The registry did not answer, or said that it cannot just now. The record at hand may be good: try again later. */
public final class RegistryUnavailableException extends SchemaRegistryException {
    private static final long serialVersionUID = 1L;

    public RegistryUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
