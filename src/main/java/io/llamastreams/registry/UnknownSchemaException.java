package io.llamastreams.registry;

/** The registry has no such schema: who wrote the record used another registry, or wrote garbage. */
public final class UnknownSchemaException extends SchemaRegistryException {
    private static final long serialVersionUID = 1L;

    public UnknownSchemaException(String message, Throwable cause) {
        super(message, cause);
    }
}
