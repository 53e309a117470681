package io.llamastreams.topology;

import io.llamastreams.serving.Prompt;
import java.util.Map;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;

/** For tests elsewhere: the other directions of the public serdes. */
public final class TestSerdes {

    private TestSerdes() {}

    public static Serializer<CompletionRecord> completions(String registry) {
        CompletionSerializer serializer = new CompletionSerializer();
        serializer.configure(Map.of("schema.registry.url", registry), false);
        return serializer;
    }

    public static Deserializer<Prompt> prompts(String registry) {
        PromptDeserializer deserializer = new PromptDeserializer();
        deserializer.configure(Map.of("schema.registry.url", registry), false);
        return (topic, bytes) -> deserializer.deserialize(topic, bytes).prompt();
    }
}
