package io.llamastreams.topology.serde;

import io.llamastreams.registry.SchemaRegistry;
import io.llamastreams.serving.Prompt;
import io.llamastreams.topology.record.CompletionRecord;
import io.llamastreams.topology.record.IncomingPrompt;
import java.util.Map;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;

/** For tests: the other directions of what the program writes and reads, and keys. */
public final class TestSerdes {

    private TestSerdes() {}

    public static Serializer<CompletionRecord> completions(String registry) {
        return RecordSerdes.serializer(RecordMappings.COMPLETION, Map.of("schema.registry.url", registry));
    }

    public static Deserializer<Prompt> prompts(String registry) {
        Deserializer<IncomingPrompt> deserializer =
                RecordSerdes.deserializer(RecordMappings.INCOMING, Map.of("schema.registry.url", registry));
        return (topic, bytes) -> deserializer.deserialize(topic, bytes).prompt();
    }

    /** For keys, over somebody's registry. */
    public static <T> Serializer<T> keySerializer(RecordMapping<T> mapping, SchemaRegistry registry) {
        Serializer<T> serializer = RecordSerdes.serializer(mapping, registry);
        serializer.configure(Map.of(), true);
        return serializer;
    }

    /** For keys, over somebody's registry. */
    public static <T> Deserializer<T> keyDeserializer(RecordMapping<T> mapping, SchemaRegistry registry) {
        Deserializer<T> deserializer = RecordSerdes.deserializer(mapping, registry);
        deserializer.configure(Map.of(), true);
        return deserializer;
    }
}
