package io.llamastreams.topology.prompt;

import io.llamastreams.serving.Generation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Takes prompts back from the engine, each with all the tokens that were made of its text, so that none is made twice.
 * StreamThread of its task.
 */
final class Recall {
    private final PendingPrompts pending;

    /** What the texts have that were asked for; the lists grow until the engine has ended them. */
    private final Map<String, List<Integer>> made = new HashMap<>();

    Recall(PendingPrompts pending) {
        this.pending = pending;
    }

    /** Asks for all that are in the engine and were not asked for before, but for those that are wanted to end there. */
    void ask(PromptSession session, Predicate<String> isToEnd) {
        for (String key : pending.runningKeys()) {
            if (!made.containsKey(key) && !isToEnd.test(key)) {
                made.put(key, session.resumable(key));
                session.cancel(key);
            }
        }
    }

    /** Whether this end is no end but the answer to {@link #ask}; then the prompt stands in line again. */
    boolean takesBack(String storeKey, Generation generation) {
        List<Integer> tokens = made.remove(storeKey);
        if (tokens == null || generation.status() != Generation.Status.CANCELLED) {
            return false;
        }
        if (tokens.size() > pending.made(storeKey).size()) {
            pending.storeMade(storeKey, tokens);
        }
        pending.backToLine(storeKey);
        return true;
    }
}
