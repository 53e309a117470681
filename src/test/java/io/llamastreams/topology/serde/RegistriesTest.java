package io.llamastreams.topology.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.llamastreams.registry.ConfluentSchemaRegistry;
import io.llamastreams.registry.SchemaRegistry;
import io.llamastreams.registry.UnknownSchemaException;
import io.llamastreams.topology.config.TopicNames;
import io.llamastreams.topology.config.TopologyConfig;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RegistriesTest {
    private static final String DIFFERENCES = "other.differences-value";

    @Test
    void registersWhatTheServiceWrites() {
        Map<String, String> settings = settings("registries-all");
        try (SchemaRegistry registry = ConfluentSchemaRegistry.open(settings)) {
            Registries.prepare(registry, TopologyConfig.of(settings));
            assertThat(registry.lookUp("llama.completions-value", RecordMappings.COMPLETION.schemaJson()))
                    .isPositive();
            assertThatThrownBy(() -> registry.lookUp(DIFFERENCES, RecordMappings.DIFFERENCE.schemaJson()))
                    .isInstanceOf(UnknownSchemaException.class);

            settings.put(TopologyConfig.REPLAY_OF, "other.completions");
            Registries.prepare(registry, TopologyConfig.of(settings));
            assertThat(registry.lookUp(DIFFERENCES, RecordMappings.DIFFERENCE.schemaJson()))
                    .isPositive();
        }
    }

    @Test
    void demandsWhatOthersMustHaveRegistered() {
        Map<String, String> settings = settings("registries-others");
        try (SchemaRegistry registry = ConfluentSchemaRegistry.open(settings)) {
            settings.put("auto.register.schemas", "false");
            assertThatThrownBy(() -> Registries.prepare(registry, TopologyConfig.of(settings)))
                    .isInstanceOf(UnknownSchemaException.class)
                    .hasMessageContaining("llama.completions-value");

            Registries.registerAll(registry, TopicNames.DEFAULT);
            Registries.prepare(registry, TopologyConfig.of(settings));

            settings.put(TopologyConfig.REPLAY_OF, "other.completions");
            assertThatThrownBy(() -> Registries.prepare(registry, TopologyConfig.of(settings)))
                    .isInstanceOf(UnknownSchemaException.class)
                    .hasMessageContaining(DIFFERENCES);
        }
    }

    private static Map<String, String> settings(String scope) {
        return new HashMap<>(Map.of(
                "schema.registry.url", "mock://" + scope, TopologyConfig.TOPIC_DIFFERENCES, "other.differences"));
    }
}
