package io.llamastreams.topology.config;

import java.util.List;

/**
 * The topics that users see.
 *
 * @param prompts requests come in here
 * @param completions exactly one answer to each
 * @param statistics what each cost
 * @param usage totals by tenant, model and window
 * @param batches how far each batch is
 * @param deadLetter records that could not be read, as they were, with the reason in headers
 * @param control commands come in here; it has the partitions of the prompts topic
 * @param acknowledgements of commands that were carried out
 */
public record TopicNames(
        String prompts,
        String completions,
        String statistics,
        String usage,
        String batches,
        String deadLetter,
        String control,
        String acknowledgements) {

    public static final TopicNames DEFAULT = new TopicNames(
            "llama.prompts",
            "llama.completions",
            "llama.token-statistics",
            "llama.token-usage",
            "llama.batches",
            "llama.prompts.dead-letter",
            "llama.control",
            "llama.control.acknowledgements");

    public List<String> all() {
        return List.of(prompts, completions, statistics, usage, batches, deadLetter, control, acknowledgements);
    }
}
