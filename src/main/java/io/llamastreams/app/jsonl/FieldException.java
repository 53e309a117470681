package io.llamastreams.app.jsonl;

/** A field of a line that cannot be used; the message names it. Becomes a refusal before it leaves the package. */
final class FieldException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    FieldException(String message) {
        super(message, null, false, false);
    }

    static FieldException expected(String field, String expected, String found) {
        return new FieldException(field + ": expected " + expected + ", found " + found);
    }
}
