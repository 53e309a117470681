package io.llamastreams.registry;

/** The registry did not give what was asked for; the kinds differ in what the caller can do. */
public abstract sealed class SchemaRegistryException extends RuntimeException
        permits RegistryUnavailableException, RegistryRefusedException, UnknownSchemaException {
    private static final long serialVersionUID = 1L;

    SchemaRegistryException(String message, Throwable cause) {
        super(message, cause);
    }
}
