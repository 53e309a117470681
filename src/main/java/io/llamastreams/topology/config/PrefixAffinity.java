package io.llamastreams.topology.config;

import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.PromptInput;
import io.llamastreams.serving.StableHash;
import java.util.Optional;
import java.util.function.Function;

/**
 * What counts as the beginning of a prompt. Any thread.
 *
 * @param mode what is looked at
 * @param tokens of a prompt that count
 * @param partitions that prompts are spread over
 */
public record PrefixAffinity(Mode mode, int tokens, int partitions) {

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

    public boolean isOn() {
        return mode != Mode.OFF;
    }

    /**
     * Hash of the beginning.
     *
     * @param promptIds token ids of an input
     */
    public long hash(Prompt prompt, Function<PromptInput, int[]> promptIds) {
        Optional<String> template =
                mode == Mode.TEMPLATE ? Optional.ofNullable(prompt.attributes().get(TEMPLATE)) : Optional.empty();
        return template.map(StableHash::of).orElseGet(() -> StableHash.of(promptIds.apply(prompt.input()), tokens));
    }
}
