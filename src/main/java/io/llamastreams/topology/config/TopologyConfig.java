package io.llamastreams.topology.config;

import io.llamastreams.engine.request.EngineLimits;
import io.llamastreams.engine.request.EngineSettingsException;
import io.llamastreams.engine.request.SchedulingPolicy;
import io.llamastreams.model.load.WeightStorage;
import io.llamastreams.serving.chat.ChatTemplateSource;
import io.llamastreams.serving.session.ComputeSettings;
import io.llamastreams.serving.session.EngineSettings;
import io.llamastreams.serving.session.KvCacheSettings;
import io.llamastreams.tensor.kernel.KernelChoice;
import io.llamastreams.tensor.kernel.KvType;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.streams.StreamsConfig;

/**
 * The service's configuration: keys of its own, which begin with {@code llama.}, beside Kafka's and the schema registry's,
 * which stand as they are. Immutable.
 */
public final class TopologyConfig {
    public static final String PREFIX = "llama.";
    public static final String MODEL = "llama.model";
    public static final String TOPIC_PROMPTS = "llama.topic.prompts";
    public static final String TOPIC_COMPLETIONS = "llama.topic.completions";
    public static final String TOPIC_STATISTICS = "llama.topic.statistics";
    public static final String TOPIC_USAGE = "llama.topic.usage";
    public static final String TOPIC_BATCHES = "llama.topic.batches";
    public static final String TOPIC_DEAD_LETTER = "llama.topic.dead.letter";
    public static final String TOPIC_CONTROL = "llama.topic.control";
    public static final String TOPIC_ACKNOWLEDGEMENTS = "llama.topic.control.acknowledgements";
    public static final String TOPICS_CREATE = "llama.topics.create";
    public static final String TOPICS_PARTITIONS = "llama.topics.partitions";
    public static final String TOPICS_REPLICATION = "llama.topics.replication";
    public static final String THREADS = "llama.threads";
    public static final String KERNELS = "llama.kernels";
    public static final String VECTOR_BITS = "llama.vector.bits";
    public static final String WEIGHTS = "llama.weights";
    public static final String KV_CACHE_BYTES = "llama.kv.cache.bytes";
    public static final String KV_TYPE = "llama.kv.type";
    public static final String MAX_BATCH = "llama.max.batch";
    public static final String MAX_STEP_TOKENS = "llama.max.step.tokens";
    public static final String PREFIX_CACHE = "llama.prefix.cache";
    public static final String MAX_QUEUED_REQUESTS = "llama.max.queued.requests";
    public static final String MAX_QUEUED_TOKENS = "llama.max.queued.tokens";
    public static final String CHAT_TEMPLATE = "llama.chat.template";
    public static final String MAX_DRAFT_TOKENS = "llama.max.draft.tokens";
    public static final String TENANT_WEIGHTS = "llama.tenant.weights";
    public static final String PRIORITY_AGEING_MS = "llama.priority.ageing.ms";
    public static final String MAX_PENDING = "llama.max.pending";
    public static final String MAX_PROMPT_BYTES = "llama.max.prompt.bytes";
    public static final String MAX_ANSWER_BYTES = "llama.max.answer.bytes";
    public static final String INTAKE_WAIT_MS = "llama.intake.wait.ms";
    public static final String RESUME_TOKENS = "llama.resume.tokens";
    public static final String RESUME_MS = "llama.resume.ms";
    public static final String CONTROL_RETENTION_MS = "llama.control.retention.ms";
    public static final String DEFAULT_DEADLINE_MS = "llama.default.deadline.ms";
    public static final String DUPLICATES = "llama.duplicates";
    public static final String DUPLICATES_WINDOW_MS = "llama.duplicates.window.ms";
    public static final String DUPLICATES_MAX_BYTES = "llama.duplicates.max.bytes";
    public static final String DRAIN_MS = "llama.drain.ms";
    public static final String MAX_ATTEMPTS = "llama.max.attempts";
    public static final String TICK_MS = "llama.tick.ms";
    public static final String USAGE_WINDOW_MS = "llama.usage.window.ms";
    public static final String USAGE_GRACE_MS = "llama.usage.grace.ms";
    public static final String BATCHES_RETENTION_MS = "llama.batches.retention.ms";
    public static final String HTTP_LISTEN = "llama.http.listen";
    public static final String HTTP_TOKEN = "llama.http.token";
    public static final String PREFIX_AFFINITY = "llama.prefix.affinity";
    public static final String PREFIX_AFFINITY_TOKENS = "llama.prefix.affinity.tokens";
    public static final String REPLAY_OF = "llama.replay.of";
    public static final String TOPIC_DIFFERENCES = "llama.topic.differences";
    public static final String SERIALIZER = "llama.serializer";
    public static final String DESERIALIZER = "llama.deserializer";

    /** Confluent's customary key: whether schemas that the registry does not know are registered. */
    public static final String AUTO_REGISTER_SCHEMAS = "auto.register.schemas";

    private static final ConfigDef DEFINITION = TopologyKeys.definition();

    private final Map<String, String> given;
    private final Values values;

    /** Gives Kafka's parser a place to keep what it parsed, without logging it. */
    private static final class Values extends AbstractConfig {
        Values(Map<String, String> given) {
            super(DEFINITION, given, false);
        }
    }

    private TopologyConfig(Map<String, String> given) {
        this.given = given;
        this.values = new Values(given);
    }

    /**
     * Checks a configuration.
     *
     * @throws ConfigException if a key that begins with {@code llama.} is not known, or a value is not what its key takes
     */
    public static TopologyConfig of(Map<String, String> given) {
        for (String key : given.keySet()) {
            if (key.startsWith(PREFIX) && !DEFINITION.names().contains(key)) {
                throw new ConfigException(
                        key + ": unknown key; did you mean " + NearestName.of(key, DEFINITION.names()) + "?");
            }
        }
        return new TopologyConfig(Map.copyOf(given));
    }

    /**
     * The model; empty if none is configured.
     *
     * @throws ConfigException if it cannot be the name of a file
     */
    public Optional<Path> model() {
        String model = values.getString(MODEL);
        try {
            return model.isEmpty() ? Optional.empty() : Optional.of(Path.of(model));
        } catch (InvalidPathException e) {
            throw new ConfigException(MODEL, model, e.getReason());
        }
    }

    public TopicNames topics() {
        return new TopicNames(
                values.getString(TOPIC_PROMPTS),
                values.getString(TOPIC_COMPLETIONS),
                values.getString(TOPIC_STATISTICS),
                values.getString(TOPIC_USAGE),
                values.getString(TOPIC_BATCHES),
                values.getString(TOPIC_DEAD_LETTER),
                values.getString(TOPIC_CONTROL),
                values.getString(TOPIC_ACKNOWLEDGEMENTS));
    }

    /**
     * How much of the machine the engine takes.
     *
     * @throws ConfigException if a value is not one that an engine can be made of
     */
    public EngineSettings engineSettings() {
        try {
            return new EngineSettings(
                    new ComputeSettings(
                            values.getInt(THREADS),
                            kernels(),
                            WeightStorage.valueOf(values.getString(WEIGHTS).toUpperCase(Locale.ROOT))),
                    new KvCacheSettings(
                            values.getLong(KV_CACHE_BYTES),
                            KvType.valueOf(values.getString(KV_TYPE).toUpperCase(Locale.ROOT)),
                            values.getBoolean(PREFIX_CACHE)),
                    new EngineLimits(
                            values.getInt(MAX_BATCH),
                            values.getInt(MAX_STEP_TOKENS),
                            values.getInt(MAX_QUEUED_REQUESTS),
                            values.getLong(MAX_QUEUED_TOKENS),
                            values.getInt(MAX_DRAFT_TOKENS),
                            schedulingPolicy()),
                    chatTemplate());
        } catch (EngineSettingsException e) {
            throw refusal(e);
        }
    }

    /** The same of an engine that was to be made of {@link #engineSettings}, told by the key. */
    public static ConfigException refusal(EngineSettingsException error) {
        return new ConfigException(error.messageOf(TopologyKeys.key(error.setting())));
    }

    private ChatTemplateSource chatTemplate() {
        String template = values.getString(CHAT_TEMPLATE);
        try {
            return ChatTemplateSource.parse(template);
        } catch (InvalidPathException e) {
            throw new ConfigException(CHAT_TEMPLATE, template, e.getReason());
        }
    }

    private SchedulingPolicy schedulingPolicy() {
        return new SchedulingPolicy(
                Duration.ofMillis(values.getLong(PRIORITY_AGEING_MS)),
                SchedulingPolicy.EQUAL.keepsRoom(),
                TenantWeights.parse(values.getString(TENANT_WEIGHTS)));
    }

    private KernelChoice kernels() {
        int vectorBits = Integer.parseInt(values.getString(VECTOR_BITS));
        return new KernelChoice(
                KernelChoice.Kind.valueOf(values.getString(KERNELS).toUpperCase(Locale.ROOT)), vectorBits);
    }

    /** Whether records are read and written by this project's own classes. */
    public boolean usesBuiltInSerdes() {
        return values.getString(SERIALIZER).isEmpty();
    }

    public boolean createsTopics() {
        return values.getBoolean(TOPICS_CREATE);
    }

    public int topicPartitions() {
        return values.getInt(TOPICS_PARTITIONS);
    }

    public short topicReplication() {
        return values.getShort(TOPICS_REPLICATION);
    }

    public PrefixAffinity prefixAffinity() {
        return new PrefixAffinity(
                PrefixAffinity.Mode.valueOf(values.getString(PREFIX_AFFINITY).toUpperCase(Locale.ROOT)),
                values.getInt(PREFIX_AFFINITY_TOKENS),
                topicPartitions());
    }

    /** Topic of the completions that this application's are compared with; empty if there is none. */
    public Optional<String> replayOf() {
        String topic = values.getString(REPLAY_OF);
        if (topic.equals(values.getString(TOPIC_COMPLETIONS))) {
            throw new ConfigException(
                    REPLAY_OF + ": expected another topic than " + TOPIC_COMPLETIONS + ", found the same");
        }
        return topic.isEmpty() ? Optional.empty() : Optional.of(topic);
    }

    public String differencesTopic() {
        return values.getString(TOPIC_DIFFERENCES);
    }

    int maxPending() {
        return values.getInt(MAX_PENDING);
    }

    int maxPromptBytes() {
        return values.getInt(MAX_PROMPT_BYTES);
    }

    int maxAnswerBytes() {
        return values.getInt(MAX_ANSWER_BYTES);
    }

    Duration intakeWait() {
        return Duration.ofMillis(values.getLong(INTAKE_WAIT_MS));
    }

    int resumeTokens() {
        return values.getInt(RESUME_TOKENS);
    }

    Duration resumeTime() {
        return Duration.ofMillis(values.getLong(RESUME_MS));
    }

    Duration controlRetention() {
        return Duration.ofMillis(values.getLong(CONTROL_RETENTION_MS));
    }

    /** Deadline of a prompt that has none, from its record's timestamp; zero for none. */
    Duration defaultDeadline() {
        return Duration.ofMillis(values.getLong(DEFAULT_DEADLINE_MS));
    }

    /** How long what runs may go on when the service is to stop. */
    public Duration drainTime() {
        return Duration.ofMillis(values.getLong(DRAIN_MS));
    }

    DuplicateLimits duplicates() {
        return new DuplicateLimits(
                Duration.ofMillis(values.getLong(DUPLICATES_WINDOW_MS)),
                values.getString(DUPLICATES).equals("reject"),
                values.getLong(DUPLICATES_MAX_BYTES));
    }

    int maxAttempts() {
        return values.getInt(MAX_ATTEMPTS);
    }

    public Duration tick() {
        return Duration.ofMillis(values.getLong(TICK_MS));
    }

    public Duration usageWindow() {
        return Duration.ofMillis(values.getLong(USAGE_WINDOW_MS));
    }

    public Duration usageGrace() {
        return Duration.ofMillis(values.getLong(USAGE_GRACE_MS));
    }

    public Duration batchesRetention() {
        return Duration.ofMillis(values.getLong(BATCHES_RETENTION_MS));
    }

    /** Where the HTTP endpoint listens: host:port, or a port; empty for no endpoint. */
    public Optional<String> httpListen() {
        return Optional.of(values.getString(HTTP_LISTEN).strip()).filter(text -> !text.isEmpty());
    }

    /** A secret: what requests to the HTTP endpoint must bear; empty for none. */
    public Optional<String> httpToken() {
        return Optional.of(values.getPassword(HTTP_TOKEN).value()).filter(token -> !token.isEmpty());
    }

    /** The same configuration with this key, unless it has it already. */
    public TopologyConfig withDefault(String key, String value) {
        Map<String, String> more = new LinkedHashMap<>(given);
        more.putIfAbsent(key, value);
        return of(more);
    }

    public static boolean registersSchemas(Map<String, ?> configs) {
        Object value = configs.get(AUTO_REGISTER_SCHEMAS);
        return value == null || Boolean.parseBoolean(value.toString());
    }

    /** For an admin client: Kafka's keys that it knows, with {@code admin.} in front or without. */
    public Map<String, Object> adminConfig() {
        return clientConfig(AdminClientConfig.configNames(), StreamsConfig.ADMIN_CLIENT_PREFIX);
    }

    /** For a producer of prompts: Kafka's keys that it knows, with {@code producer.} in front or without; no serializers. */
    public Map<String, Object> producerConfig() {
        return clientConfig(ProducerConfig.configNames(), StreamsConfig.PRODUCER_PREFIX);
    }

    /** For a consumer of completions: Kafka's keys that it knows, with {@code consumer.} in front or without; no deserializers. */
    public Map<String, Object> consumerConfig() {
        return clientConfig(ConsumerConfig.configNames(), StreamsConfig.CONSUMER_PREFIX);
    }

    private Map<String, Object> clientConfig(Set<String> known, String prefix) {
        Map<String, Object> result = new LinkedHashMap<>();
        given.forEach((key, value) -> {
            if (known.contains(key)) {
                result.put(key, value);
            }
        });
        given.forEach((key, value) -> {
            if (key.startsWith(prefix) && known.contains(key.substring(prefix.length()))) {
                result.put(key.substring(prefix.length()), value);
            }
        });
        return result;
    }

    /** For the registry's client and for serializers: everything that is not Kafka's or the engine's. */
    public Map<String, Object> registryConfig() {
        Map<String, Object> result = new LinkedHashMap<>(given);
        result.remove(HTTP_TOKEN); // nobody else's
        List.of(SERIALIZER, DESERIALIZER).forEach(key -> result.putIfAbsent(key, values.getString(key)));
        return result;
    }

    /** For Kafka Streams: everything given, and defaults that the topology needs where nothing is given. */
    public Map<String, Object> streamsConfig() {
        Map<String, Object> result = new LinkedHashMap<>();
        given.forEach((key, value) -> {
            if (!key.startsWith(PREFIX)) {
                result.put(key, value);
            }
        });
        result.putIfAbsent(StreamsConfig.APPLICATION_ID_CONFIG, "llama-streams");
        result.putIfAbsent(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        // Each tick asks for a commit; with the default of 100 ms under exactly-once a busy worker would commit at
        // each.
        result.putIfAbsent(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, "500");
        result.putIfAbsent(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, "true");
        result.putIfAbsent(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        result.putIfAbsent(
                StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG),
                Integer.toString(Topics.MAX_RECORD_BYTES));
        if (prefixAffinity().isOn() || replayOf().isPresent()) {
            // a record on its way to another partition has more with it than brokers take by default
            result.putIfAbsent(
                    StreamsConfig.topicPrefix(TopicConfig.MAX_MESSAGE_BYTES_CONFIG),
                    Integer.toString(Topics.MAX_RECORD_BYTES));
        }
        if (!"streams".equalsIgnoreCase(String.valueOf(result.get(StreamsConfig.GROUP_PROTOCOL_CONFIG)))) {
            // Stream threads never block for long, so a silent one is dead; Kafka's default lets its prompts wait for
            // 45 s.
            // With the other protocol this is the brokers' to say.
            result.putIfAbsent(StreamsConfig.mainConsumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), "15000");
        }
        // A command and a prompt may be taken in either order, so neither waits for the other's topic.
        result.putIfAbsent(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, "-1");
        // There are no global stores; Kafka warns as long as this is not said. Its constant is deprecated.
        result.putIfAbsent("processing.exception.handler.global.enabled", "true");
        result.put(StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG, topics().deadLetter());
        return result;
    }

    /** All keys with their values, defaults included, sorted; secrets hidden. */
    public Map<String, String> describe() {
        Map<String, String> result = new TreeMap<>();
        values.values().forEach((key, value) -> result.put(key, display(key, String.valueOf(value))));
        given.forEach((key, value) -> result.put(key, display(key, value)));
        return result;
    }

    private static String display(String key, String value) {
        return isSecret(key) ? Secrets.HIDDEN : Secrets.display(key, value);
    }

    private static boolean isSecret(String key) {
        ConfigDef.ConfigKey known = DEFINITION.configKeys().get(key);
        return known != null && known.type == ConfigDef.Type.PASSWORD;
    }

    /** A key's default as text; empty where there is none. */
    public static String defaultText(ConfigDef.ConfigKey key) {
        return isSecret(key.name) ? "" : String.valueOf(key.defaultValue);
    }

    /** The keys of this project, the important ones first. */
    public static List<ConfigDef.ConfigKey> keys() {
        return DEFINITION.configKeys().values().stream()
                .sorted((a, b) ->
                        a.importance != b.importance ? a.importance.compareTo(b.importance) : a.name.compareTo(b.name))
                .toList();
    }

    /** The keys of this project as a Markdown table: name, what it is for, type, default, values. */
    public static String toMarkdown() {
        StringBuilder table = new StringBuilder(
                "| key | what it is for | type | default | values |\n| --- | --- | --- | --- | --- |\n");
        keys().forEach(key -> table.append("| `")
                .append(key.name)
                .append("` | ")
                .append(key.documentation)
                .append(" | ")
                .append(key.type.name().toLowerCase(Locale.ROOT))
                .append(" | ")
                .append(defaultText(key).isEmpty() ? "" : "`" + key.defaultValue + "`")
                .append(" | ")
                .append(key.validator == null ? "" : key.validator.toString())
                .append(" |\n"));
        return table.toString();
    }

    /** The keys of this project as HTML, in the form of Kafka's own documentation. */
    public static String toHtml() {
        return DEFINITION.toHtml();
    }

    /** Without secrets. */
    @Override
    public String toString() {
        return describe().toString();
    }
}
