package io.llamastreams.topology.service;

import io.llamastreams.registry.RegistryRefusedException;
import io.llamastreams.registry.RegistryUnavailableException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.DeserializationExceptionHandler;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends records that cannot be read to the dead-letter topic, as they are, and lets the stream go on. A record that could not
 * be read only because the schema registry gave no answer may be good: then the thread fails, and reads it again when it was
 * replaced. StreamThread.
 *
 * <p>The headers that say why are those of Kafka's own handlers, without the stack trace.
 */
public final class BadRecordHandler implements DeserializationExceptionHandler {
    public static final String EXCEPTION_HEADER = "__streams.errors.exception";
    public static final String MESSAGE_HEADER = "__streams.errors.message";
    public static final String TOPIC_HEADER = "__streams.errors.topic";
    public static final String PARTITION_HEADER = "__streams.errors.partition";
    public static final String OFFSET_HEADER = "__streams.errors.offset";

    private static final Logger log = LoggerFactory.getLogger(BadRecordHandler.class);

    private String deadLetterTopic;

    @Override
    public void configure(Map<String, ?> configs) {
        deadLetterTopic = Optional.ofNullable(configs.get(StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG))
                .map(Object::toString)
                .orElseThrow(() -> new ConfigException(
                        StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG + ": expected a topic, found none"));
    }

    @Override
    public Response handleError(
            ErrorHandlerContext context, ConsumerRecord<byte[], byte[]> record, Exception exception) {
        if (saysNothingOfTheRecord(exception)) {
            return Response.fail();
        }
        log.warn(
                "record cannot be read, sent to {}: topic={} partition={} offset={} reason={}",
                deadLetterTopic,
                record.topic(),
                record.partition(),
                record.offset(),
                exception.getMessage());
        ProducerRecord<byte[], byte[]> dead = new ProducerRecord<>(
                deadLetterTopic, null, Math.max(0, record.timestamp()), record.key(), record.value());
        for (Header header : record.headers()) {
            dead.headers().add(header);
        }
        add(dead.headers(), EXCEPTION_HEADER, exception.getClass().getName());
        add(dead.headers(), MESSAGE_HEADER, String.valueOf(exception.getMessage()));
        add(dead.headers(), TOPIC_HEADER, record.topic());
        add(dead.headers(), PARTITION_HEADER, Integer.toString(record.partition()));
        add(dead.headers(), OFFSET_HEADER, Long.toString(record.offset()));
        return Response.resume(List.of(dead));
    }

    private static void add(Headers headers, String name, String value) {
        headers.add(name, value.getBytes(StandardCharsets.UTF_8));
    }

    /** Whether the registry was the trouble, by our own client's word or, with another deserializer, by the network's. */
    static boolean saysNothingOfTheRecord(Throwable exception) {
        return Causes.any(
                exception,
                cause -> cause instanceof RegistryUnavailableException
                        || cause instanceof RegistryRefusedException
                        || cause instanceof RetriableException
                        || cause instanceof SocketException
                        || cause instanceof SocketTimeoutException
                        || cause instanceof UnknownHostException
                        || cause instanceof SSLException);
    }
}
