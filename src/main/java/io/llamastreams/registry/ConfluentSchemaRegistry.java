package io.llamastreams.registry;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.avro.AvroSchema;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.avro.AvroSchemaProvider;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.RestService;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.entities.SchemaString;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.testutil.MockSchemaRegistry;
import org.apache.flink.avro.shaded.com.fasterxml.jackson.core.type.TypeReference;

/**
 * A registry that speaks Confluent's REST interface (Confluent's own, Apicurio's and Karapace's do), or, with a URL {@code
 * mock://name}, one in this process's memory. The one user of Confluent's client.
 */
public final class ConfluentSchemaRegistry implements SchemaRegistry {
    /** One URL, or several with commas between. */
    public static final String URL_KEY = "schema.registry.url";

    public static final String MOCK_PREFIX = "mock://";

    private static final int CONFLICT = 409;
    private static final int CACHED_SCHEMAS = 1000;
    /** A stream thread waits for the answer, so the client's own default of a minute is too long. */
    private static final int CONNECT_TIMEOUT_MILLIS = 2_000;

    private static final int READ_TIMEOUT_MILLIS = 5_000;

    private final String urls;
    private final SchemaRegistryClient client;
    private final Gateway guids;

    /** How schemas are had by GUID, which Confluent's client of this version cannot do. */
    private interface Gateway {
        String schema(UUID guid) throws IOException, RestClientException;
    }

    private ConfluentSchemaRegistry(String urls, SchemaRegistryClient client, Gateway guids) {
        this.urls = urls;
        this.client = client;
        this.guids = guids;
    }

    /**
     * Opens a registry; nothing is sent yet.
     *
     * @param config {@link #URL_KEY} and the client's customary keys: {@code basic.auth.credentials.source}, {@code
     *     basic.auth.user.info}, {@code bearer.auth.*}, {@code http.connect.timeout.ms}, {@code http.read.timeout.ms}, {@code
     *     proxy.host}, {@code proxy.port}, each also with {@code schema.registry.} in front, and {@code
     *     schema.registry.ssl.*}; others are not looked at
     * @throws IllegalArgumentException if there is no URL, or a value cannot be used
     */
    public static ConfluentSchemaRegistry open(Map<String, ?> config) {
        Object value = config.get(URL_KEY);
        List<String> urls = urls(value);
        String display = display(urls);
        String scope = MockSchemaRegistry.validateAndMaybeGetMockScope(urls);
        if (scope != null) {
            SchemaRegistryClient mock = MockSchemaRegistry.getClientForScope(scope, List.of(new AvroSchemaProvider()));
            return new ConfluentSchemaRegistry(display, mock, guid -> mockSchema(mock, guid));
        }
        RestService rest = new RestService(urls);
        Map<String, Object> clientConfig = clientConfig(config);
        SchemaRegistryClient client = new CachedSchemaRegistryClient(
                rest, CACHED_SCHEMAS, List.of(new AvroSchemaProvider()), clientConfig, Map.of());
        return new ConfluentSchemaRegistry(
                display,
                client,
                guid -> rest.httpRequest(
                                "/schemas/guids/" + guid,
                                "GET",
                                null,
                                RestService.DEFAULT_REQUEST_PROPERTIES,
                                new TypeReference<SchemaString>() {})
                        .getSchemaString());
    }

    /** Whether this URL, or list of URLs, means a registry in memory, which each process has for itself. */
    public static boolean isMock(String urls) {
        return urls.strip().startsWith(MOCK_PREFIX);
    }

    /**
     * GUID that a {@code mock://} registry gives to a schema: a hash of its text. Real registries hash more than the text, so
     * theirs differ.
     */
    public static UUID mockGuid(String schemaJson) {
        String canonical = new AvroSchema(schemaJson).canonicalString();
        return UUID.nameUUIDFromBytes(canonical.getBytes(StandardCharsets.UTF_8));
    }

    private static String mockSchema(SchemaRegistryClient mock, UUID guid) throws IOException, RestClientException {
        for (String subject : mock.getAllSubjects()) {
            for (int version : mock.getAllVersions(subject)) {
                String schema = mock.getSchemaMetadata(subject, version).getSchema();
                if (mockGuid(schema).equals(guid)) {
                    return schema;
                }
            }
        }
        throw new RestClientException("Schema not found", 404, 40403);
    }

    private static List<String> urls(Object value) {
        List<String> urls = new ArrayList<>();
        List<?> parts = value instanceof List<?> list
                ? list
                : List.of(String.valueOf(value == null ? "" : value).split(","));
        for (Object part : parts) {
            String url = part.toString().strip();
            if (!url.isEmpty()) {
                urls.add(url);
            }
        }
        if (urls.isEmpty()) {
            throw new IllegalArgumentException(URL_KEY + ": expected a URL, found none");
        }
        for (String url : urls) {
            if (!url.startsWith("http://") && !url.startsWith("https://") && !url.startsWith(MOCK_PREFIX)) {
                throw new IllegalArgumentException(
                        URL_KEY + ": expected http://, https:// or mock://, found " + display(List.of(url)));
            }
        }
        return urls;
    }

    /** The URLs without user and password. */
    private static String display(List<String> urls) {
        return String.join(",", urls).replaceAll("://[^/,@]*@", "://");
    }

    /** The client reads its keys plain, and TLS keys with the prefix: give it both forms. */
    private static Map<String, Object> clientConfig(Map<String, ?> config) {
        Map<String, Object> result = new HashMap<>();
        result.put("http.connect.timeout.ms", CONNECT_TIMEOUT_MILLIS);
        result.put("http.read.timeout.ms", READ_TIMEOUT_MILLIS);
        config.forEach((key, value) -> {
            if (isPlainClientKey(key)) {
                result.put(key, value);
            }
        });
        config.forEach((key, value) -> {
            if (key.startsWith("schema.registry.")) {
                result.put(key, value);
                String plain = key.substring("schema.registry.".length());
                if (isPlainClientKey(plain)) {
                    result.put(plain, value);
                }
            }
        });
        return result;
    }

    private static boolean isPlainClientKey(String key) {
        return key.startsWith("basic.auth.")
                || key.startsWith("bearer.auth.")
                || key.equals("http.connect.timeout.ms")
                || key.equals("http.read.timeout.ms")
                || key.equals("proxy.host")
                || key.equals("proxy.port");
    }

    @Override
    public int register(String subject, String schemaJson) {
        AvroSchema schema = new AvroSchema(schemaJson);
        return call("registering subject " + subject, () -> {
            try {
                return client.register(subject, schema);
            } catch (RestClientException refusal) {
                if (refusal.getStatus() != CONFLICT) {
                    throw refusal;
                }
                return idOfWhoWasQuicker(subject, schema, refusal);
            }
        });
    }

    /**
     * Instances that start together register the same schemas at the same moment, and Apicurio tells all but the first of a
     * conflict, as it does of a schema that is not compatible.
     */
    private int idOfWhoWasQuicker(String subject, AvroSchema schema, RestClientException refusal)
            throws IOException, RestClientException {
        try {
            return client.getId(subject, schema);
        } catch (RestClientException notThere) {
            refusal.addSuppressed(notThere);
            throw refusal;
        }
    }

    @Override
    public int lookUp(String subject, String schemaJson) {
        return call("looking up subject " + subject, () -> client.getId(subject, new AvroSchema(schemaJson)));
    }

    @Override
    public String schemaById(int id) {
        // Only the form with references resolved can be read by itself.
        return call("schema id " + id, () -> {
            var schema = client.getSchemaById(id);
            return schema instanceof AvroSchema avro ? avro.rawSchema().toString() : schema.canonicalString();
        });
    }

    @Override
    public String schemaByGuid(UUID guid) {
        return call("schema GUID " + guid, () -> guids.schema(guid));
    }

    private interface Call<T> {
        T run() throws IOException, RestClientException;
    }

    private <T> T call(String what, Call<T> call) {
        try {
            return call.run();
        } catch (RestClientException e) {
            throw translate(what, e);
        } catch (IOException e) {
            throw new RegistryUnavailableException(
                    "schema registry " + urls + ": " + what + ": no answer: " + withRoot(e), e);
        }
    }

    /** What is at the bottom of a failed handshake, such as a certificate that has expired, is not what its top says. */
    private static String withRoot(IOException error) {
        Throwable root = error;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root == error ? error.toString() : error + " (" + root + ")";
    }

    /** Status codes as in the REST interface's description; its error codes are status * 100 + detail. */
    private SchemaRegistryException translate(String what, RestClientException e) {
        String message = "schema registry " + urls + ": " + what + ": " + e.getMessage();
        int status = e.getStatus();
        boolean saysWhatIsMissing = e.getErrorCode() / 100 == 404;
        if (status == 404 && saysWhatIsMissing) {
            return new UnknownSchemaException(message, e);
        }
        boolean mayPass = status >= 500 || status == 408 || status == 429;
        return mayPass ? new RegistryUnavailableException(message, e) : new RegistryRefusedException(message, e);
    }

    @Override
    public void close() {
        try {
            client.close();
        } catch (IOException e) {
            throw new RegistryUnavailableException("schema registry " + urls + ": closing: " + e, e);
        }
    }
}
