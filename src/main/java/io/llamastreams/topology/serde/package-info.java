/**
 * Bytes to records and back. {@link io.llamastreams.topology.serde.RecordMappings} says which generated class stands for which
 * value, {@link io.llamastreams.topology.serde.RecordSerdes} makes serializers of them, over Confluent's wire format or any
 * serializer that the configuration names.
 *
 * <p>Generated Avro records are known in here only, to {@code RecordMappings} and to a class {@code Avro...} for each kind of
 * record. One thread at a time, as Kafka uses serializers.
 */
package io.llamastreams.topology.serde;
