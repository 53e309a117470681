package io.llamastreams.app.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;

/** The secret that a request must bear. Never printed. Any thread. */
final class BearerToken {
    private static final String SCHEME = "Bearer ";

    private final Optional<String> token;

    /** @param token empty for an endpoint that lets everybody in */
    BearerToken(Optional<String> token) {
        this.token = token;
    }

    /**
     * Whether a request with this header may come in. Takes the same time for every wrong token of a length: digests are
     * compared, and all of their bytes.
     *
     * @param authorization value of the header of this name; empty if there is none
     */
    boolean admits(Optional<String> authorization) {
        if (token.isEmpty()) {
            return true;
        }
        String given = authorization
                .filter(value -> value.regionMatches(true, 0, SCHEME, 0, SCHEME.length()))
                .map(value -> value.substring(SCHEME.length()).strip())
                .orElse("");
        return MessageDigest.isEqual(digest(given), digest(token.get()));
    }

    /** Header for a request to another instance, which has the same token. */
    Optional<String> header() {
        return token.map(value -> SCHEME + value);
    }

    private static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }

    @Override
    public String toString() {
        return token.isEmpty() ? "none" : "[hidden]";
    }
}
