/**
 * Everything Kafka: the stream topology, its processor and stores, topics, serializers, configuration and the service that
 * runs it all.
 *
 * <p>Uses serving for text and registry for bytes. Avro is known to {@link io.llamastreams.topology.AvroMapper} alone; all
 * else sees plain values. Processors run on the StreamThread of their task; the engine has its own thread and is met only
 * through a task's own {@link io.llamastreams.serving.TextSession}.
 */
package io.llamastreams.topology;
