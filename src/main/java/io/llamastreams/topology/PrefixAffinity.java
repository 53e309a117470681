package io.llamastreams.topology;

import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.StableHash;
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
        return template.map(StableHash::of).orElseGet(() -> StableHash.of(sessions.promptIds(prompt.input()), tokens));
    }
}
