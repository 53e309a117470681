package io.llamastreams.serving;

import io.llamastreams.serving.options.GenerationOptions;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A request for text as it came in, not yet checked: whether it can be served is answered by
 * {@code TextSession.submit}, so that bad values become a refusal that names them and not an exception.
 *
 * @param id the caller's name for the request
 * @param input what is to be continued
 * @param options how
 * @param priority higher goes first
 * @param deadlineMillis epoch milliseconds after which the request ends with what it has
 * @param tenant whom tokens are counted for, and who shares the engine with others; empty for nobody in particular
 * @param batchId batch the request belongs to; empty for none
 * @param attributes the caller's own, handed back untouched
 */
public record Prompt(
        String id,
        PromptInput input,
        GenerationOptions options,
        int priority,
        Optional<Long> deadlineMillis,
        String tenant,
        String batchId,
        Map<String, String> attributes) {

    public Prompt {
        attributes = Map.copyOf(attributes);
    }

    /** Seed of the random numbers: the one that is asked for, or else a function of the id alone. */
    public long seed() {
        return options.seed().orElseGet(() -> seedOf(id));
    }

    /** The seed of a request that names none: a function of its id alone, small enough for any JSON reader. */
    public static long seedOf(String id) {
        return StableHash.mix(StableHash.of(id)) >>> 11;
    }

    /** The same under another name, with the same seed. */
    public Prompt withId(String newId) {
        return new Prompt(
                newId, input, options.withSeed(seed()), priority, deadlineMillis, tenant, batchId, attributes);
    }

    /** The same as a part of another batch. */
    public Prompt withBatchId(String newBatchId) {
        return new Prompt(id, input, options, priority, deadlineMillis, tenant, newBatchId, attributes);
    }

    /** The same without an end to its time. */
    public Prompt withoutDeadline() {
        return new Prompt(id, input, options, priority, Optional.empty(), tenant, batchId, attributes);
    }

    /** @param newDeadlineMillis epoch milliseconds */
    public Prompt withDeadlineMillis(long newDeadlineMillis) {
        return new Prompt(id, input, options, priority, Optional.of(newDeadlineMillis), tenant, batchId, attributes);
    }

    /** A prompt of plain text with nothing but its options. */
    public static Prompt ofText(String id, String text, GenerationOptions options) {
        return new Prompt(id, new PromptInput.Text(text), options, 0, Optional.empty(), "", "", Map.of());
    }

    /** A prompt of token ids, which stand as they are: nothing is put before them. */
    public static Prompt ofTokens(String id, List<Integer> ids, GenerationOptions options) {
        return new Prompt(id, new PromptInput.Tokens(ids), options, 0, Optional.empty(), "", "", Map.of());
    }
}
