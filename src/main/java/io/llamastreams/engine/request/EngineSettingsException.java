package io.llamastreams.engine.request;

/** Settings that no engine can be made of. The message is one line: which, what was expected, what was found. */
public final class EngineSettingsException extends IllegalArgumentException {
    private static final long serialVersionUID = 2L;

    private final EngineSetting setting;
    private final String fault;

    public EngineSettingsException(EngineSetting setting, String expected, Object found) {
        this(setting, ": expected " + expected + ", found " + found);
    }

    private EngineSettingsException(EngineSetting setting, String fault) {
        super(setting + fault);
        this.setting = setting;
        this.fault = fault;
    }

    public EngineSetting setting() {
        return setting;
    }

    /** The message with the name under which the setting was given: a key, or a flag. */
    public String messageOf(String name) {
        return name + fault;
    }
}
