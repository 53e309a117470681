package io.llamastreams.app.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.llamastreams.app.jsonl.Json;

/**
 * What a request gets.
 *
 * @param status of HTTP
 * @param type of the body
 */
record HttpAnswer(int status, String type, String body) {
    static final int OK = 200;
    static final int UNAUTHORIZED = 401;
    static final int NOT_FOUND = 404;
    static final int METHOD_NOT_ALLOWED = 405;
    static final int INTERNAL_ERROR = 500;
    static final int UNAVAILABLE = 503;

    private static final String JSON = "application/json";

    /** Prometheus' text format, version 0.0.4. */
    private static final String METRICS = "text/plain; version=0.0.4; charset=utf-8";

    static HttpAnswer json(int status, JsonNode body) {
        return new HttpAnswer(status, JSON, Json.write(body) + "\n");
    }

    /** An answer of another instance, handed on. */
    static HttpAnswer rawJson(int status, String body) {
        return new HttpAnswer(status, JSON, body);
    }

    /** @param reason for people; names the thing, what was expected and what was found */
    static HttpAnswer error(int status, String reason) {
        return json(status, Json.object().put("error", reason));
    }

    static HttpAnswer metrics(String body) {
        return new HttpAnswer(OK, METRICS, body);
    }
}
