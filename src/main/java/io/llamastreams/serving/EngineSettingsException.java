package io.llamastreams.serving;

/** Settings that no engine can be made of. The message is one line: which, what was expected, what was found. */
public final class EngineSettingsException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    EngineSettingsException(String setting, String expected, Object found) {
        super(setting + ": expected " + expected + ", found " + found);
    }
}
