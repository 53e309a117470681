/**
 * Schema Registry client and Avro framing: bytes on a topic, and the records of {@code schemas/} that they stand for.
 *
 * <p>Confluent's wire format (magic byte 0, schema id, body) is written; that and the form with the schema's GUID in a
 * record header are read. Knows Avro and the registry, but not Kafka. {@link
 * io.llamastreams.registry.ConfluentSchemaRegistry} alone uses Confluent's client. Any thread, unless a class says otherwise.
 */
package io.llamastreams.registry;
