package io.llamastreams.serving.template;

/** A template that cannot be read, or that has no form for a dialogue. The message is one line. */
public final class TemplateException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TemplateException(String message) {
        super(message, null, false, false);
    }
}
