package io.llamastreams.tokenizer;

/** A tokenizer file that cannot be used. The message is one line: file, what in it, what was expected, what was found. */
public final class TokenizerFormatException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param problem for example {@code "piece 17: expected text, found none"} */
    public TokenizerFormatException(String file, String problem) {
        super(file + ": " + problem);
    }

    public TokenizerFormatException(String file, String problem, Throwable cause) {
        super(file + ": " + problem, cause);
    }
}
