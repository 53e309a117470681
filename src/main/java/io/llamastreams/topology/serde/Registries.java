package io.llamastreams.topology.serde;

import io.llamastreams.registry.ConfluentSchemaRegistry;
import io.llamastreams.registry.SchemaRegistry;
import io.llamastreams.registry.SchemaRegistryException;
import io.llamastreams.topology.config.TopicNames;
import io.llamastreams.topology.config.TopologyConfig;
import java.util.Map;

/** Opens schema registries so that all parts of the project agree on schema ids. Any thread. */
public final class Registries {
    private Registries() {}

    /**
     * Opens the registry that a configuration names.
     *
     * <p>A {@code mock://} registry lives in one process and numbers schemas as they come; so that several processes read
     * each other's records, all schemas of the project are registered in it at once, in one fixed order.
     *
     * @param config {@code schema.registry.url} and the registry client's customary keys
     * @throws IllegalArgumentException if there is no usable URL
     */
    public static SchemaRegistry open(Map<String, ?> config) {
        ConfluentSchemaRegistry registry = ConfluentSchemaRegistry.open(config);
        if (ConfluentSchemaRegistry.isMock(String.valueOf(config.get(ConfluentSchemaRegistry.URL_KEY)))) {
            registerAll(registry, TopicNames.DEFAULT);
        }
        return registry;
    }

    /**
     * Registers the schemas of all topics. The order decides the ids that a {@code mock://} registry gives: new ones go to
     * the end.
     *
     * @throws SchemaRegistryException as {@link SchemaRegistry#register}
     */
    static void registerAll(SchemaRegistry registry, TopicNames topics) {
        registry.register(valueSubject(topics.prompts()), RecordMappings.PROMPT.schemaJson());
        registry.register(valueSubject(topics.completions()), RecordMappings.COMPLETION.schemaJson());
        registry.register(valueSubject(topics.statistics()), RecordMappings.STATISTICS.schemaJson());
        registry.register(keySubject(topics.usage()), RecordMappings.USAGE_KEY.schemaJson());
        registry.register(valueSubject(topics.usage()), RecordMappings.USAGE.schemaJson());
        registry.register(valueSubject(topics.batches()), RecordMappings.BATCH.schemaJson());
        registry.register(valueSubject(topics.control()), RecordMappings.CONTROL_COMMAND.schemaJson());
        registry.register(valueSubject(topics.acknowledgements()), RecordMappings.CONTROL_ACKNOWLEDGEMENT.schemaJson());
    }

    /**
     * Makes sure that the registry knows the schemas that the service writes.
     *
     * <p>They are registered, unless the configuration leaves that to somebody else, who must have done so.
     *
     * @throws SchemaRegistryException as {@link SchemaRegistry#register} and {@link SchemaRegistry#lookUp}
     */
    public static void prepare(SchemaRegistry registry, TopologyConfig config) {
        TopicNames topics = config.topics();
        boolean comparesAnswers = config.replayOf().isPresent();
        String differences = valueSubject(config.differencesTopic());
        if (TopologyConfig.registersSchemas(config.registryConfig())) {
            registerAll(registry, topics);
            if (comparesAnswers) {
                registry.register(differences, RecordMappings.DIFFERENCE.schemaJson());
            }
        } else {
            registry.lookUp(valueSubject(topics.completions()), RecordMappings.COMPLETION.schemaJson());
            registry.lookUp(valueSubject(topics.statistics()), RecordMappings.STATISTICS.schemaJson());
            registry.lookUp(keySubject(topics.usage()), RecordMappings.USAGE_KEY.schemaJson());
            registry.lookUp(valueSubject(topics.usage()), RecordMappings.USAGE.schemaJson());
            registry.lookUp(valueSubject(topics.batches()), RecordMappings.BATCH.schemaJson());
            registry.lookUp(
                    valueSubject(topics.acknowledgements()), RecordMappings.CONTROL_ACKNOWLEDGEMENT.schemaJson());
            if (comparesAnswers) {
                registry.lookUp(differences, RecordMappings.DIFFERENCE.schemaJson());
            }
        }
    }

    /** TopicNameStrategy, the registry's customary naming. */
    static String valueSubject(String topic) {
        return topic + "-value";
    }

    /** TopicNameStrategy for the schema of a topic's keys. */
    static String keySubject(String topic) {
        return topic + "-key";
    }
}
