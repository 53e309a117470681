package io.llamastreams.app.client;

import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;

/** A broker cannot be used: not reachable, not answering, wrong settings. The message names it, in one line. */
public final class ClusterException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public ClusterException(String message, Throwable cause) {
        super(message, cause);
    }

    /** What Kafka says of itself, without its wrappers such as "Failed to construct kafka producer". */
    public static String reason(Throwable error) {
        Throwable root = error;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
        return switch (root) {
            // of these the message alone says nothing
            case CertificateExpiredException e -> "the certificate has expired: " + message;
            case CertificateNotYetValidException e -> "the certificate is not valid yet: " + message;
            case CertPathBuilderException e -> "the certificate is not trusted, see ssl.truststore.*: " + message;
            default -> message;
        };
    }
}
