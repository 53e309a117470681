package io.llamastreams.documents;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.app.jsonl.RequestLine;
import io.llamastreams.app.jsonl.RequestParser;
import io.llamastreams.topology.config.TopologyConfig;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.streams.StreamsConfig;

/** Whether examples are ones: of JSON each line by itself, requests by the reader of requests, properties by the configuration. */
final class Examples {
    private final List<String> requests = new ArrayList<>();
    private int checked;

    List<String> problems(Page page) {
        List<String> problems = new ArrayList<>();
        for (Page.Fence fence : page.fences()) {
            List<String> found = switch (fence.language()) {
                case "json" ->
                    fence.lines().stream()
                            .flatMap(line -> ofJson(line).stream())
                            .toList();
                case "properties" -> ofProperties(String.join("\n", fence.lines()));
                case "", "text" -> List.<String>of();
                default -> List.of("nobody checks examples in " + fence.language());
            };
            found.forEach(problem -> problems.add(page.place(fence.line()) + problem));
        }
        return problems;
    }

    /** Lines that are requests, of all pages that were looked at. */
    List<String> requests() {
        return requests;
    }

    int checked() {
        return checked;
    }

    private List<String> ofJson(String line) {
        checked++;
        try {
            JsonNode json = Json.read(line);
            if (!json.has("id")) {
                return List.of();
            }
        } catch (JsonProcessingException e) {
            return List.of("no JSON: " + line + ": " + e.getOriginalMessage());
        }
        requests.add(line);
        List<String> problems = new ArrayList<>();
        RequestLine request = new RequestParser(InstantSource.system(), problems::add).parse(line, 1);
        if (request instanceof RequestLine.Refused refused) {
            problems.add(refused.reason());
        }
        return problems;
    }

    private List<String> ofProperties(String text) {
        checked++;
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, String> given = new TreeMap<>();
        properties.stringPropertyNames().forEach(key -> given.put(key, properties.getProperty(key)));
        try {
            TopologyConfig.of(given).engineSettings();
        } catch (ConfigException e) {
            return List.of(e.getMessage());
        }
        return given.keySet().stream()
                .filter(key -> !isKnown(key))
                .map(key -> "nobody knows the key " + key)
                .toList();
    }

    /** Whether it is a key of the service, of Kafka or of the registry's client; all but the first go unchecked where they are read. */
    static boolean isKnown(String key) {
        String plain = key.replaceFirst("^(main\\.consumer|consumer|producer|admin)\\.", "");
        return key.startsWith(TopologyConfig.PREFIX)
                || key.startsWith("schema.registry.")
                || TopologyConfig.keys().stream().anyMatch(known -> known.name.equals(key))
                || StreamsConfig.configDef().names().contains(key)
                || ConsumerConfig.configNames().contains(plain)
                || ProducerConfig.configNames().contains(plain)
                || AdminClientConfig.configNames().contains(plain);
    }
}
