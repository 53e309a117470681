package io.llamastreams.app.demo;

import io.llamastreams.app.accuracy.Judge;
import io.llamastreams.app.jsonl.RequestLine;
import io.llamastreams.app.terminal.CommandFailure;
import io.llamastreams.evaluation.Expected;
import io.llamastreams.serving.Generation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The right answers of a prompt file. They stay here while the prompts go through Kafka, and are joined with what comes back by
 * the id alone. Main thread.
 */
public final class AnswerKey {

    private record Entry(String id, String question, Expected expected) {}

    private final List<Entry> entries = new ArrayList<>();
    private final Map<String, Generation> answers = new HashMap<>();

    private AnswerKey() {}

    /**
     * The key to these prompts; lines that expect nothing are not in it.
     *
     * @throws CommandFailure if a line expects what cannot be compared, or there are two of an id that something is expected of
     */
    public static AnswerKey of(DemoPrompts prompts) {
        AnswerKey key = new AnswerKey();
        prompts.lines()
                .forEach(line -> line.expected().ifPresent(json -> {
                    try {
                        key.entries.add(new Entry(line.id(), line.question(), Expected.of(json)));
                    } catch (IllegalArgumentException e) {
                        throw new CommandFailure("prompt " + line.id() + ": expected: " + e.getMessage(), e);
                    }
                }));
        key.requireUniqueIds(prompts);
        return key;
    }

    private void requireUniqueIds(DemoPrompts prompts) {
        if (entries.isEmpty()) {
            return;
        }
        Set<String> ids = new HashSet<>();
        for (RequestLine line : prompts.lines()) {
            if (!ids.add(line.id())) {
                throw new CommandFailure("prompt " + line.id()
                        + ": expected every id once, since answers are compared by id, found another of this one");
            }
        }
    }

    /** Takes the end of a prompt. */
    void add(Generation generation) {
        answers.put(generation.id(), generation);
    }

    /** All answers compared, once every prompt has ended; empty if nothing was expected. */
    public Optional<Judge> judge() {
        if (entries.isEmpty()) {
            return Optional.empty();
        }
        Judge judge = new Judge();
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            Generation answer = Optional.ofNullable(answers.get(entry.id))
                    .orElseThrow(() -> new IllegalStateException("prompt " + entry.id + " has not ended"));
            judge.judge(i, entry.question, entry.expected, answer);
        }
        return Optional.of(judge);
    }
}
