package io.llamastreams.engine;

/**
 * The engine takes no more requests: it was closed, or it stopped on an error of its own. No verdict on the request, which
 * another engine may serve: keep it, do not answer it.
 */
public final class EngineEndedException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    EngineEndedException(String reason) {
        super(reason);
    }
}
