package io.llamastreams.registry;

/**
 * The registry answered no: schema incompatible, access denied, request not understood. Somebody has to mend the schema or
 * the configuration; the record at hand may be good.
 */
public final class RegistryRefusedException extends SchemaRegistryException {
    private static final long serialVersionUID = 1L;

    public RegistryRefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}
