package io.llamastreams.topology.serde;

import io.llamastreams.registry.RecordFormatException;
import io.llamastreams.registry.SchemaRegistry;
import io.llamastreams.registry.UnknownSchemaException;
import io.llamastreams.serving.Prompt;
import io.llamastreams.topology.config.TopicNames;
import io.llamastreams.topology.record.IncomingPrompt;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.serialization.Deserializer;

/** For fuzzing elsewhere: prompts as records. */
public final class FuzzedRecords {
    private static final String TOPIC = TopicNames.DEFAULT.prompts();
    private static final SchemaRegistry REGISTRY = Registries.open(Map.of("schema.registry.url", "mock://fuzz"));
    private static final int FRAME_BYTES = 5;

    /** The prompts topic's schema is the first that a {@code mock://} registry knows. */
    private static final int SCHEMA_ID = 1;

    private FuzzedRecords() {}

    /** The prompt of a record with this body; empty if it is none, or has a fault. */
    public static Optional<Prompt> read(byte[] body) {
        ByteBuffer framed = ByteBuffer.allocate(FRAME_BYTES + body.length)
                .put((byte) 0)
                .putInt(SCHEMA_ID)
                .put(body);
        try (Deserializer<IncomingPrompt> deserializer = RecordSerdes.deserializer(RecordMappings.INCOMING, REGISTRY)) {
            IncomingPrompt incoming = deserializer.deserialize(TOPIC, framed.array());
            return incoming.fault().isEmpty() ? Optional.of(incoming.prompt()) : Optional.empty();
        } catch (RecordFormatException | UnknownSchemaException e) {
            return Optional.empty();
        }
    }

    public static Prompt throughRecord(Prompt prompt) {
        try (PromptSerializer serializer = new PromptSerializer(REGISTRY);
                Deserializer<IncomingPrompt> deserializer =
                        RecordSerdes.deserializer(RecordMappings.INCOMING, REGISTRY)) {
            return deserializer
                    .deserialize(TOPIC, serializer.serialize(TOPIC, prompt))
                    .prompt();
        }
    }
}
