package io.llamastreams.topology.serde;

import io.llamastreams.serving.Prompt;
import io.llamastreams.topology.record.CompletionRecord;
import io.llamastreams.topology.record.IncomingPrompt;
import java.util.Map;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;

/** For tests elsewhere: the other directions of the public serdes. */
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
}
