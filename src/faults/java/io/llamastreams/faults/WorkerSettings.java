package io.llamastreams.faults;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * The configuration of one start of a worker. What must not change a text is different at each start: threads, vectors, batch,
 * memory, prefix cache. What makes the engine seem slow is there so that prompts are pending when a fault comes: texts are
 * looked for at long intervals, and few are in the engine at a time.
 *
 * @param groupProtocol classic or streams
 * @param model a GGUF file
 * @param registryUrl of a registry that numbers schemas as {@link #REGISTRY_URL} does
 */
record WorkerSettings(String groupProtocol, Path model, String registryUrl) {

    static final String APPLICATION_ID = "llama-faults";

    /** For this JVM, which no outage shall hit. */
    static final String REGISTRY_URL = "mock://faults";

    static final long TRANSACTION_TIMEOUT_MILLIS = 8_000;

    private static final int KV_BYTES = 8_000_000;

    /**
     * The settings of the next start.
     *
     * @param random decides what may differ
     * @param stateFolder of this worker alone; what an earlier one left there is found again
     */
    Map<String, String> draw(Random random, String bootstrap, Path stateFolder) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("bootstrap.servers", bootstrap);
        settings.put("schema.registry.url", registryUrl);
        settings.put("application.id", APPLICATION_ID);
        settings.put("state.dir", stateFolder.toString());
        settings.put("llama.model", model.toString());
        settings.put("group.protocol", groupProtocol);
        if (groupProtocol.equals("classic")) {
            settings.put("main.consumer.session.timeout.ms", "" + BrokerProcess.SESSION_TIMEOUT.toMillis());
            settings.put("main.consumer.heartbeat.interval.ms", "" + BrokerProcess.HEARTBEAT.toMillis());
        }
        settings.put("producer.transaction.timeout.ms", "" + TRANSACTION_TIMEOUT_MILLIS);
        settings.put("request.timeout.ms", "10000");
        settings.put("commit.interval.ms", pick(random, "100", "300", "500"));

        settings.put("llama.threads", pick(random, "1", "1", "2"));
        settings.put("llama.kernels", pick(random, "vector", "vector", "scalar"));
        settings.put("llama.vector.bits", pick(random, "0", "128"));
        settings.put("llama.weights", pick(random, "packed", "mapped"));
        settings.put("llama.max.batch", pick(random, "1", "4", "32"));
        settings.put("llama.max.step.tokens", pick(random, "16", "64", "512"));
        settings.put("llama.prefix.cache", pick(random, "true", "false"));
        settings.put("llama.kv.cache.bytes", pick(random, "" + KV_BYTES, "" + KV_BYTES / 4));

        // Workers that live for seconds have the same prompts first in line each time, and die whatever these are.
        settings.put("llama.max.attempts", "100");

        // A prompt of three texts needs room for three requests.
        List<String> pace = List.of(pick(random, "300:4", "500:6", "1000:12").split(":"));
        settings.put("llama.tick.ms", pace.getFirst());
        settings.put("llama.max.queued.requests", pace.getLast());
        return settings;
    }

    private static String pick(Random random, String... values) {
        return values[random.nextInt(values.length)];
    }
}
