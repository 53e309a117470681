package io.llamastreams.app.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.topology.batch.BatchTable;
import io.llamastreams.topology.batch.BatchTable.Place;
import io.llamastreams.topology.batch.TableUnavailableException;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Batches of the whole application, asked of any instance: what others have is had from them. A request with {@code local=true}
 * is answered from this instance's part alone, so that no request goes round in circles. Any thread.
 */
final class BatchPages {
    static final String PATH = "/batches";

    /** Latest ones, in a list. */
    static final int MAX_LISTED = 1_000;

    private static final String LOCAL = "local=true";

    private final BatchTable table;
    private final InstanceClient peers;

    BatchPages(BatchTable table, InstanceClient peers) {
        this.table = table;
        this.peers = peers;
    }

    /** One batch: 404 if nothing is known of it, 503 while whoever has it cannot be asked. */
    HttpAnswer one(String id, boolean local) {
        try {
            return switch (local ? new Place.Here() : table.placeOf(id)) {
                case Place.Here here ->
                    table.get(id)
                            .map(batch -> HttpAnswer.json(HttpAnswer.OK, BatchJson.of(batch)))
                            .orElseGet(() ->
                                    HttpAnswer.error(HttpAnswer.NOT_FOUND, name(id) + ": there is none of this id"));
                case Place.Elsewhere elsewhere -> askOwner(id, elsewhere.address());
                case Place.Unknown unknown ->
                    HttpAnswer.error(HttpAnswer.UNAVAILABLE, name(id) + ": " + unknown.reason());
            };
        } catch (TableUnavailableException e) {
            return HttpAnswer.error(HttpAnswer.UNAVAILABLE, name(id) + ": " + e.getMessage());
        }
    }

    private HttpAnswer askOwner(String id, String owner) {
        String encoded = URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
        try {
            HttpAnswer answer = peers.get(owner, PATH + "/" + encoded + "?" + LOCAL);
            return answer.status() == HttpAnswer.OK || answer.status() == HttpAnswer.NOT_FOUND
                    ? answer
                    : HttpAnswer.error(
                            HttpAnswer.UNAVAILABLE, name(id) + ": its owner " + owner + " answered " + answer.status());
        } catch (IOException e) {
            return HttpAnswer.error(
                    HttpAnswer.UNAVAILABLE, name(id) + ": its owner " + owner + " cannot be asked: " + e.getMessage());
        }
    }

    private static String name(String id) {
        return "batch " + id;
    }

    /** The latest batches, newest first; instances that cannot be asked are named, their batches are missing then. */
    HttpAnswer all(boolean local) {
        List<JsonNode> found = new ArrayList<>();
        Map<String, String> missing = new TreeMap<>();
        try {
            table.latest(MAX_LISTED).stream().map(BatchJson::of).forEach(found::add);
            if (!local) {
                table.others().forEach(other -> askForAll(other, found, missing));
            }
        } catch (TableUnavailableException e) {
            return HttpAnswer.error(HttpAnswer.UNAVAILABLE, "batches: " + e.getMessage());
        }
        ObjectNode body = Json.object();
        ArrayNode listed = body.putArray("batches");
        found.stream()
                .sorted(Comparator.comparing(
                                (JsonNode batch) -> batch.path("last_at").asText())
                        .reversed())
                .limit(MAX_LISTED)
                .forEach(listed::add);
        ObjectNode unreachable = body.putObject("unreachable");
        missing.forEach(unreachable::put);
        return HttpAnswer.json(HttpAnswer.OK, body);
    }

    private void askForAll(String other, List<JsonNode> found, Map<String, String> missing) {
        try {
            HttpAnswer answer = peers.get(other, PATH + "?" + LOCAL);
            if (answer.status() == HttpAnswer.OK) {
                Json.read(answer.body()).path("batches").forEach(found::add);
            } else {
                missing.put(other, "answered " + answer.status());
            }
        } catch (JsonProcessingException e) {
            missing.put(other, "answered something else than JSON");
        } catch (IOException e) {
            missing.put(other, e.getMessage());
        }
    }

    /** Whether a request is for this instance's part alone. */
    static boolean isLocal(String query) {
        return query != null && List.of(query.split("&", -1)).contains(LOCAL);
    }
}
