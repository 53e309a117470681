package io.llamastreams.topology;

import io.llamastreams.serving.Prompt;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What counts as the beginning of a prompt. Any thread.
 *
 * @param mode what is looked at
 * @param tokens of a prompt that count
 * @param partitions that prompts are spread over
 */
record PrefixAffinity(Mode mode, int tokens, int partitions) {

    /** Attribute that names the template of a prompt. */
    static final String TEMPLATE = "template";

    private static final long FNV_START = 0xCBF29CE484222325L;
    private static final long FNV_PRIME = 0x100000001B3L;

    /** Where to look. */
    enum Mode {
        /** Prompts stay on the partition that they came on. */
        OFF,
        /** The attribute {@value PrefixAffinity#TEMPLATE}, or else the leading tokens. */
        TEMPLATE,
        /** The leading tokens. */
        TOKENS
    }

    boolean isOn() {
        return mode != Mode.OFF;
    }

    /** Hash of the beginning. */
    long hash(Prompt prompt, PromptSessions sessions) {
        Optional<String> template =
                mode == Mode.TEMPLATE ? Optional.ofNullable(prompt.attributes().get(TEMPLATE)) : Optional.empty();
        return template.map(PrefixAffinity::hash).orElseGet(() -> hash(sessions.promptIds(prompt.input())));
    }

    private static long hash(String text) {
        long hash = FNV_START;
        for (byte value : text.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ Byte.toUnsignedLong(value)) * FNV_PRIME;
        }
        return hash;
    }

    private long hash(int[] ids) {
        long hash = FNV_START;
        for (int i = 0; i < Math.min(tokens, ids.length); i++) {
            hash = (hash ^ ids[i]) * FNV_PRIME;
        }
        return hash;
    }
}
