package io.llamastreams.serving.options;

import com.fasterxml.jackson.databind.JsonNode;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.app.jsonl.RequestLine;
import io.llamastreams.app.jsonl.RequestParser;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * A request line, and what the build before options were told in one list made of it; README.md beside the file says how.
 *
 * @param line as it stands in a file of requests
 * @param refused why it cannot be read; empty if it can, and the rest is empty if not
 * @param parameters digest of its options
 * @param problem why it cannot be served, with a vocabulary of 100 tokens; empty if it can
 * @param fields of its Avro record that do not have their default
 */
public record RecordedRequest(String line, String refused, String parameters, String problem, String fields) {
    public static final int VOCABULARY_SIZE = 100;

    private static final String FILE = "recorded-requests.jsonl";

    /** All of them, in the file's order. */
    public static List<RecordedRequest> all() {
        List<RecordedRequest> all = new ArrayList<>();
        try (InputStream file = RecordedRequest.class.getResourceAsStream(FILE)) {
            String lines = new String(file.readAllBytes(), StandardCharsets.UTF_8);
            for (String line : lines.lines().toList()) {
                JsonNode json = Json.read(line);
                all.add(new RecordedRequest(
                        json.path("line").asText(),
                        json.path("refused").asText(),
                        json.path("parameters").asText(),
                        json.path("problem").asText(),
                        json.path("fields").asText()));
            }
        } catch (IOException e) {
            throw new IllegalStateException(FILE, e);
        }
        return all;
    }

    /** What is made of the line now. */
    public RequestLine read() {
        return new RequestParser(InstantSource.system(), warning -> {}).parse(line, 1);
    }
}
