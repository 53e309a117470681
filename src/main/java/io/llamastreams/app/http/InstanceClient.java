package io.llamastreams.app.http;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Asks other instances for what they have. Any thread. */
final class InstanceClient implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(5);
    private static final int MAX_BODY_BYTES = 16 << 20;

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT).build();
    private final BearerToken token;

    InstanceClient(BearerToken token) {
        this.token = token;
    }

    /**
     * Asks one.
     *
     * @param address host:port, as it stands in the group's metadata
     * @param path with its query, encoded
     * @throws IOException if it gives no answer in time; the message says why
     */
    HttpAnswer get(String address, String path) throws IOException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://" + address + path)).timeout(ANSWER_TIMEOUT);
        token.header().ifPresent(header -> request.header("Authorization", header));
        var sent = client.sendAsync(
                request.build(), BodyHandlers.limiting(BodyHandlers.ofString(StandardCharsets.UTF_8), MAX_BODY_BYTES));
        try {
            // the request's own timeout ends with the headers
            HttpResponse<String> response = sent.get(2 * ANSWER_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            return HttpAnswer.rawJson(response.statusCode(), response.body());
        } catch (TimeoutException e) {
            sent.cancel(true);
            throw new IOException("no whole answer in time", e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            throw new IOException(
                    cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage(), cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
