package io.llamastreams.registry;

import java.util.UUID;

/** Gives schemas their ids and finds them again. Any thread. */
public interface SchemaRegistry extends AutoCloseable {

    /**
     * Makes the schema known under the subject; does nothing if it already is.
     *
     * @return its id
     * @throws RegistryUnavailableException if the registry does not answer; worth another try
     * @throws RegistryRefusedException if the schema is not compatible with earlier ones, or access is denied
     */
    int register(String subject, String schemaJson);

    /**
     * Id of a schema that somebody else has registered under the subject.
     *
     * @throws UnknownSchemaException if the subject does not have this schema
     * @throws RegistryUnavailableException if the registry does not answer; worth another try
     * @throws RegistryRefusedException if access is denied
     */
    int lookUp(String subject, String schemaJson);

    /**
     * The schema with this id, references resolved.
     *
     * @throws UnknownSchemaException if there is none
     * @throws RegistryUnavailableException if the registry does not answer; worth another try
     * @throws RegistryRefusedException if access is denied
     */
    String schemaById(int id);

    /**
     * The schema with this globally unique id.
     *
     * @throws UnknownSchemaException if there is none
     * @throws RegistryUnavailableException if the registry does not answer; worth another try
     * @throws RegistryRefusedException if access is denied, or the registry does not know GUIDs
     */
    String schemaByGuid(UUID guid);

    @Override
    void close();
}
