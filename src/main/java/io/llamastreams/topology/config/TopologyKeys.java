package io.llamastreams.topology.config;

import static io.llamastreams.topology.config.NumberRange.atLeast;
import static io.llamastreams.topology.config.NumberRange.between;
import static org.apache.kafka.common.config.ConfigDef.Importance.HIGH;
import static org.apache.kafka.common.config.ConfigDef.Importance.LOW;
import static org.apache.kafka.common.config.ConfigDef.Importance.MEDIUM;

import io.llamastreams.engine.request.EngineSetting;
import io.llamastreams.model.load.WeightStorage;
import io.llamastreams.registry.ConfluentSchemaRegistry;
import io.llamastreams.serving.session.EngineSettings;
import io.llamastreams.tensor.kernel.KernelChoice;
import io.llamastreams.tensor.kernel.KvType;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Type;

/** The keys of {@link TopologyConfig}: type, default, range and what each is for. */
final class TopologyKeys {
    /** Most milliseconds whose nanoseconds are a long: 292 years. */
    private static final long MAX_NANOS_MILLIS = Long.MAX_VALUE / 1_000_000;

    private TopologyKeys() {}

    static ConfigDef definition() {
        TopicNames names = TopicNames.DEFAULT;
        EngineSettings engine = EngineSettings.DEFAULT;
        ConfigDef.Validator name = new ConfigDef.NonEmptyString();
        return new ConfigDef()
                .define(
                        TopologyConfig.MODEL,
                        Type.STRING,
                        "",
                        HIGH,
                        "Model that is served: a GGUF file, or a folder with one in it. The service needs it; commands"
                                + " that only send or read records do not.")
                .define(
                        ConfluentSchemaRegistry.URL_KEY,
                        Type.STRING,
                        "",
                        HIGH,
                        "Schema registry: one URL, or several with commas between; mock://name for one in memory, which"
                                + " agrees with that of other processes. The registry client's customary keys for"
                                + " authentication (basic.auth.*, bearer.auth.*) and TLS (schema.registry.ssl.*) may"
                                + " stand beside it.")
                .define(
                        TopologyConfig.TOPIC_PROMPTS,
                        Type.STRING,
                        names.prompts(),
                        name,
                        HIGH,
                        "Topic that prompts come from.")
                .define(
                        TopologyConfig.TOPIC_COMPLETIONS,
                        Type.STRING,
                        names.completions(),
                        name,
                        HIGH,
                        "Topic that completions go to.")
                .define(
                        TopologyConfig.TOPIC_STATISTICS,
                        Type.STRING,
                        names.statistics(),
                        name,
                        MEDIUM,
                        "Topic of statistics per prompt.")
                .define(
                        TopologyConfig.TOPIC_USAGE,
                        Type.STRING,
                        names.usage(),
                        name,
                        MEDIUM,
                        "Topic of totals by tenant, model and window.")
                .define(
                        TopologyConfig.TOPIC_BATCHES,
                        Type.STRING,
                        names.batches(),
                        name,
                        MEDIUM,
                        "Topic of how far each batch is.")
                .define(
                        TopologyConfig.TOPIC_DEAD_LETTER,
                        Type.STRING,
                        names.deadLetter(),
                        name,
                        MEDIUM,
                        "Topic of records that could not be read.")
                .define(
                        TopologyConfig.TOPIC_CONTROL,
                        Type.STRING,
                        names.control(),
                        name,
                        MEDIUM,
                        "Topic that commands come from; it needs as many partitions as that of prompts.")
                .define(
                        TopologyConfig.TOPIC_ACKNOWLEDGEMENTS,
                        Type.STRING,
                        names.acknowledgements(),
                        name,
                        LOW,
                        "Topic that says which commands were carried out.")
                .define(
                        TopologyConfig.TOPICS_CREATE,
                        Type.BOOLEAN,
                        true,
                        LOW,
                        "Whether topics that are missing are created at start.")
                .define(
                        TopologyConfig.TOPICS_PARTITIONS,
                        Type.INT,
                        6,
                        atLeast(1),
                        MEDIUM,
                        "Partitions of topics that are created.")
                .define(
                        TopologyConfig.TOPICS_REPLICATION,
                        Type.SHORT,
                        Topics.BROKER_DEFAULT_REPLICATION,
                        between(-1, Short.MAX_VALUE),
                        LOW,
                        "Replication of topics that are created; -1 for the brokers' default.")
                .define(
                        TopologyConfig.THREADS,
                        Type.INT,
                        engine.compute().threads(),
                        NumberRange.of(EngineSetting.THREADS),
                        MEDIUM,
                        "Threads of the engine; 0 for one per physical core.")
                .define(
                        TopologyConfig.KERNELS,
                        Type.STRING,
                        "auto",
                        oneOf(KernelChoice.Kind.values()),
                        LOW,
                        "How the arithmetic is done; auto is vector where the JVM has the Vector API. The results are the"
                                + " same.")
                .define(
                        TopologyConfig.VECTOR_BITS,
                        Type.STRING,
                        "0",
                        ConfigDef.ValidString.in("0", "128", "256", "512"),
                        LOW,
                        "Width of vectors; 0 for the processor's widest. The results are the same.")
                .define(
                        TopologyConfig.WEIGHTS,
                        Type.STRING,
                        "packed",
                        oneOf(WeightStorage.values()),
                        MEDIUM,
                        "Where the weights lie: packed is a copy in memory, laid out for speed; mapped is the file itself,"
                                + " of which all processes of a machine share one copy in the system's cache, at a lower"
                                + " speed. A file that is mapped must not be written to. The results are the same.")
                .define(
                        TopologyConfig.KV_CACHE_BYTES,
                        Type.LONG,
                        engine.kvCache().bytes(),
                        NumberRange.of(EngineSetting.KV_CACHE_BYTES),
                        HIGH,
                        "Memory for keys and values of running requests, taken at start; 0 for a share of what is there.")
                .define(
                        TopologyConfig.KV_TYPE,
                        Type.STRING,
                        engine.kvCache().type().toString(),
                        oneOf(KvType.values()),
                        MEDIUM,
                        "Number format of keys and values. f16 holds twice as many tokens in the same memory; it rounds, so"
                                + " a text may differ from that with f32. The same on all instances, or a text depends on"
                                + " which one makes it.")
                .define(
                        TopologyConfig.MAX_BATCH,
                        Type.INT,
                        engine.limits().maxBatchSequences(),
                        NumberRange.of(EngineSetting.MAX_BATCH),
                        MEDIUM,
                        "Most requests that are computed together.")
                .define(
                        TopologyConfig.MAX_STEP_TOKENS,
                        Type.INT,
                        engine.limits().maxStepTokens(),
                        NumberRange.of(EngineSetting.MAX_STEP_TOKENS),
                        LOW,
                        "Most tokens of one step of the engine.")
                .define(
                        TopologyConfig.PREFIX_CACHE,
                        Type.BOOLEAN,
                        engine.kvCache().sharesPrefixes(),
                        LOW,
                        "Whether requests share what they begin with.")
                .define(
                        TopologyConfig.MAX_QUEUED_REQUESTS,
                        Type.INT,
                        engine.limits().maxQueuedRequests(),
                        NumberRange.of(EngineSetting.MAX_QUEUED_REQUESTS),
                        LOW,
                        "Most requests inside the engine, waiting and running; further ones stay pending.")
                .define(
                        TopologyConfig.MAX_QUEUED_TOKENS,
                        Type.LONG,
                        engine.limits().maxQueuedTokens(),
                        NumberRange.of(EngineSetting.MAX_QUEUED_TOKENS),
                        LOW,
                        "Most tokens, made and to be made, of the requests inside the engine; further requests stay"
                                + " pending.")
                .define(
                        TopologyConfig.CHAT_TEMPLATE,
                        Type.STRING,
                        engine.chat().toString(),
                        name,
                        MEDIUM,
                        "The form in which dialogues are set: llama2 for Llama 2's own, model for the template that the"
                                + " model's file brings along, or the name of a file with a Jinja template. The same on all"
                                + " instances, or a text depends on which one makes it.")
                .define(
                        TopologyConfig.MAX_DRAFT_TOKENS,
                        Type.INT,
                        engine.limits().maxDraftTokens(),
                        NumberRange.of(EngineSetting.MAX_DRAFT_TOKENS),
                        LOW,
                        "Most tokens of a text that are guessed from what it has already said and verified in one step,"
                                + " where that pays; 0 for none. The results are the same.")
                .define(
                        TopologyConfig.TENANT_WEIGHTS,
                        Type.STRING,
                        "",
                        new TenantWeights(),
                        MEDIUM,
                        "Shares of the engine's tokens that tenants get while several have prompts waiting, such as"
                                + " a=3,b=1; tenants that are not named have 1.")
                .define(
                        TopologyConfig.PRIORITY_AGEING_MS,
                        Type.LONG,
                        engine.limits().policy().ageing().toMillis(),
                        NumberRange.of(EngineSetting.AGEING),
                        LOW,
                        "Time of waiting that makes up for one step of priority.")
                .define(
                        TopologyConfig.MAX_PENDING,
                        Type.INT,
                        10_000,
                        atLeast(1),
                        MEDIUM,
                        "Pending prompts of one partition above which intake slows down.")
                .define(
                        TopologyConfig.MAX_PROMPT_BYTES,
                        Type.INT,
                        512 * 1024,
                        atLeast(1),
                        LOW,
                        "Size of a prompt with its key and headers above which it is rejected; its completion must still"
                                + " fit a record.")
                .define(
                        TopologyConfig.MAX_ANSWER_BYTES,
                        Type.INT,
                        448 * 1024,
                        atLeast(1),
                        LOW,
                        "Size of an answer (its texts, tokens, log-probabilities, scores) above which the prompt fails; with"
                                + " the prompt's key, headers and attributes it must fit a record that the brokers take.")
                .define(
                        TopologyConfig.INTAKE_WAIT_MS,
                        Type.LONG,
                        200L,
                        between(0, 5_000),
                        LOW,
                        "How long a task with too many pending prompts holds up its thread between two ticks; all tasks"
                                + " of a thread together should stay well under transaction.timeout.ms.")
                .define(
                        TopologyConfig.RESUME_TOKENS,
                        Type.INT,
                        64,
                        atLeast(1),
                        LOW,
                        "New tokens of a running text after which it is stored, so that another instance can go on from there"
                                + " after a crash.")
                .define(
                        TopologyConfig.RESUME_MS,
                        Type.LONG,
                        10_000L,
                        between(1, MAX_NANOS_MILLIS),
                        LOW,
                        "Time after which a running text that has grown is stored, even if by fewer tokens.")
                .define(
                        TopologyConfig.CONTROL_RETENTION_MS,
                        Type.LONG,
                        Duration.ofDays(7).toMillis(),
                        atLeast(1),
                        LOW,
                        "How long an id or a batch that was cancelled stays so for prompts that come later.")
                .define(
                        TopologyConfig.DEFAULT_DEADLINE_MS,
                        Type.LONG,
                        0L,
                        atLeast(0),
                        MEDIUM,
                        "Time from a prompt record's timestamp to its deadline, for prompts that have none of their own; 0"
                                + " for none.")
                .define(
                        TopologyConfig.DUPLICATES_WINDOW_MS,
                        Type.LONG,
                        0L,
                        atLeast(0),
                        MEDIUM,
                        "How long after a request has succeeded the same request, by id and tenant, is taken for a duplicate;"
                                + " 0 for never. Ids are known within a partition: a record's key should be its id.")
                .define(
                        TopologyConfig.DUPLICATES,
                        Type.STRING,
                        "answer",
                        ConfigDef.ValidString.in("answer", "reject"),
                        MEDIUM,
                        "What becomes of duplicates: answered once more with the first one's completion, or rejected.")
                .define(
                        TopologyConfig.DUPLICATES_MAX_BYTES,
                        Type.LONG,
                        64L << 20,
                        atLeast(1),
                        LOW,
                        "Completions that are kept for duplicates, for each partition in memory and in a changelog; the oldest"
                                + " go before their time when there are more.")
                .define(
                        TopologyConfig.DRAIN_MS,
                        Type.LONG,
                        10_000L,
                        between(0, 3_600_000),
                        MEDIUM,
                        "How long a worker that is told to stop lets running texts go on; what is left is stored with its"
                                + " tokens, and another worker goes on from there.")
                .define(
                        TopologyConfig.MAX_ATTEMPTS,
                        Type.INT,
                        6,
                        between(3, 100),
                        LOW,
                        "How often a prompt is tried whose worker dies each time, before it fails. The last attempts are"
                                + " made apart from other prompts. Orderly stops and rebalances are not counted.")
                .define(
                        TopologyConfig.TICK_MS,
                        Type.LONG,
                        20L,
                        between(1, 10_000),
                        LOW,
                        "Pause between two looks for generated texts, while prompts are pending.")
                .define(
                        TopologyConfig.USAGE_WINDOW_MS,
                        Type.LONG,
                        60_000L,
                        atLeast(1),
                        MEDIUM,
                        "Length of the windows of the usage topic.")
                .define(
                        TopologyConfig.USAGE_GRACE_MS,
                        Type.LONG,
                        600_000L,
                        atLeast(0),
                        LOW,
                        "How much the clocks of instances may differ before statistics are too late for their window.")
                .define(
                        TopologyConfig.BATCHES_RETENTION_MS,
                        Type.LONG,
                        Duration.ofDays(7).toMillis(),
                        atLeast(1),
                        LOW,
                        "How long a batch that does not change any more is kept in the table of batches.")
                .define(
                        TopologyConfig.HTTP_LISTEN,
                        Type.STRING,
                        "",
                        MEDIUM,
                        "Address of the worker's HTTP endpoint, for probes, metrics and the state of batches: host:port, or a"
                                + " port alone, which only this machine reaches; empty for no endpoint. Other instances find"
                                + " it by this address, or by application.server if that is given.")
                .define(
                        TopologyConfig.HTTP_TOKEN,
                        Type.PASSWORD,
                        "",
                        MEDIUM,
                        "Secret that requests to the HTTP endpoint must bear (Authorization: Bearer ...), but for those to"
                                + " /health; empty for none. The same on all instances.")
                .define(
                        TopologyConfig.PREFIX_AFFINITY,
                        Type.STRING,
                        "off",
                        ConfigDef.ValidString.in("off", "template", "tokens"),
                        MEDIUM,
                        "Whether prompts that begin alike are brought together on one partition, so that one instance computes"
                                + " the beginning once: by their leading tokens, or by the attribute template, where they have"
                                + " it. A partition gets at most about 5/4 of its share; a beginning that is too common goes on"
                                + " to further ones. The results are the same. The same on all instances.")
                .define(
                        TopologyConfig.PREFIX_AFFINITY_TOKENS,
                        Type.INT,
                        64,
                        atLeast(1),
                        LOW,
                        "How many leading tokens of a prompt count as its beginning.")
                .define(
                        TopologyConfig.REPLAY_OF,
                        Type.STRING,
                        "",
                        MEDIUM,
                        "Topic with another application's completions of the same prompts, which this one's are compared with.")
                .define(
                        TopologyConfig.TOPIC_DIFFERENCES,
                        Type.STRING,
                        "llama.differences",
                        name,
                        LOW,
                        "Topic of what a comparison finds, one record for each prompt that both have ended.")
                .define(
                        TopologyConfig.SERIALIZER,
                        Type.STRING,
                        "",
                        LOW,
                        "Kafka Serializer class for generated Avro records, instead of the built-in one.")
                .define(
                        TopologyConfig.DESERIALIZER,
                        Type.STRING,
                        "",
                        LOW,
                        "Kafka Deserializer class that gives generated Avro records, instead of the built-in one.")
                .define(
                        TopologyConfig.AUTO_REGISTER_SCHEMAS,
                        Type.BOOLEAN,
                        true,
                        MEDIUM,
                        "Whether schemas that the registry does not know are registered; otherwise they are an error.");
    }

    /** The key that sets this of an engine. */
    static String key(EngineSetting setting) {
        return switch (setting) {
            case THREADS -> TopologyConfig.THREADS;
            case KERNELS -> TopologyConfig.KERNELS;
            case KV_CACHE_BYTES -> TopologyConfig.KV_CACHE_BYTES;
            case MAX_BATCH -> TopologyConfig.MAX_BATCH;
            case MAX_STEP_TOKENS -> TopologyConfig.MAX_STEP_TOKENS;
            case MAX_QUEUED_REQUESTS -> TopologyConfig.MAX_QUEUED_REQUESTS;
            case MAX_QUEUED_TOKENS -> TopologyConfig.MAX_QUEUED_TOKENS;
            case MAX_DRAFT_TOKENS -> TopologyConfig.MAX_DRAFT_TOKENS;
            case AGEING -> TopologyConfig.PRIORITY_AGEING_MS;
            case TENANT_WEIGHT -> TopologyConfig.TENANT_WEIGHTS;
        };
    }

    /** The names of all values, in small letters. */
    private static ConfigDef.Validator oneOf(Enum<?>[] values) {
        return ConfigDef.ValidString.in(Arrays.stream(values)
                .map(value -> value.name().toLowerCase(Locale.ROOT))
                .toArray(String[]::new));
    }
}
