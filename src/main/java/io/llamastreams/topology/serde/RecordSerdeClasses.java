package io.llamastreams.topology.serde;

import io.llamastreams.topology.config.TopologyConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.utils.Utils;

/**
 * Makes the serializers of generated records that a configuration names instead of the built-in ones: Confluent's {@code
 * KafkaAvroSerializer}, Apicurio's {@code AvroKafkaSerializer} and the like, where they are on the class path.
 */
final class RecordSerdeClasses {
    private RecordSerdeClasses() {}

    /** @throws ConfigException if the class cannot be made or is no serializer */
    @SuppressWarnings("unchecked") // what it takes is known to the configured class alone
    static Serializer<Object> serializer(Object className) {
        return make(TopologyConfig.SERIALIZER, className, Serializer.class);
    }

    /** @throws ConfigException if the class cannot be made or is no deserializer */
    @SuppressWarnings("unchecked") // what it gives is checked for each record
    static Deserializer<Object> deserializer(Object className) {
        return make(TopologyConfig.DESERIALIZER, className, Deserializer.class);
    }

    private static <T> T make(String key, Object className, Class<T> type) {
        try {
            return Utils.newInstance(className.toString(), type);
        } catch (ClassNotFoundException | KafkaException | ClassCastException e) {
            throw new ConfigException(key, className, "expected a class on the class path that is a " + type.getName());
        }
    }
}
