package io.llamastreams.app.reproduce;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.llamastreams.app.batch.Answers;
import io.llamastreams.app.jsonl.CompletionLine;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.app.jsonl.LineageFields;
import io.llamastreams.app.jsonl.RequestLine;
import io.llamastreams.app.jsonl.RequestSource;
import io.llamastreams.serving.Digests;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.session.TextEngine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Gives a batch run the prompts of recorded completions, and holds its answers against them. One thread.
 *
 * <pre>
 *   completion -> has an answer? -> same model, tokenizer, parameters? -> prompt found? -> made again -> equal or different
 *                     | no              | no                                 | no
 *                   skipped        other model                        missing prompt
 * </pre>
 */
public final class Reproduction implements RequestSource, Answers {
    private final TextEngine engine;
    private final CompletionSource completions;
    private final PromptSource prompts;
    private final boolean anyModel;
    private final BiConsumer<String, String> findings;
    private final Map<Long, Recorded> inFlight = new HashMap<>();
    private long given;
    private long equal;
    private long different;
    private long missingPrompt;
    private long otherModel;
    private long skipped;

    /**
     * A reproduction that has not begun.
     *
     * @param engine that makes the answers; stays the caller's, as the sources do
     * @param anyModel whether completions of another model are made again all the same
     * @param findings hears of each completion that is not equal: its id, and why
     */
    public Reproduction(
            TextEngine engine,
            CompletionSource completions,
            PromptSource prompts,
            boolean anyModel,
            BiConsumer<String, String> findings) {
        this.engine = engine;
        this.completions = completions;
        this.prompts = prompts;
        this.anyModel = anyModel;
        this.findings = findings;
    }

    /**
     * What was found.
     *
     * @param equal completions that came out again, bit for bit
     * @param different those that did not
     * @param missingPrompt those whose prompt is not there any more, or another one in its place
     * @param otherModel those of another model, vocabulary, parameters or number format, which were not made again
     * @param skipped those without an answer
     */
    public record Summary(long equal, long different, long missingPrompt, long otherModel, long skipped) {

        /** Completions that were made again. */
        public long checked() {
            return equal + different;
        }

        /** Whether there was something to make again, and all of it came out equal. */
        public boolean isProof() {
            return equal > 0 && different == 0 && missingPrompt == 0 && otherModel == 0;
        }
    }

    public Summary summary() {
        return new Summary(equal, different, missingPrompt, otherModel, skipped);
    }

    @Override
    public Optional<RequestLine> next() throws IOException {
        for (Optional<ObjectNode> line = completions.next(); line.isPresent(); line = completions.next()) {
            Optional<RequestLine.Accepted> request = request(Recorded.of(line.get()));
            if (request.isPresent()) {
                return Optional.of(request.get());
            }
        }
        return Optional.empty();
    }

    private Optional<RequestLine.Accepted> request(Recorded recorded) throws IOException {
        if (!recorded.hasAnswer()) {
            skipped++;
            return Optional.empty();
        }
        if (isOf(recorded, otherEngine(recorded))) {
            return Optional.empty();
        }
        Optional<RequestLine.Accepted> found = prompts.find(recorded);
        if (found.isEmpty()) {
            missing(recorded, "prompt: expected it where the lineage says, or in --prompts, found none");
            return Optional.empty();
        }
        // A deadline says when a text had to end, not which one it is.
        RequestLine.Accepted request =
                new RequestLine.Accepted(found.get().prompt().withoutDeadline(), Optional.empty());
        Digests now = engine.digests().of(request.prompt());
        String then =
                recorded.lineage().map(lineage -> lineage.digests().prompt()).orElse("");
        if (!then.isEmpty() && !then.equals(now.prompt())) {
            missing(recorded, differs("prompt", then, now.prompt()));
            return Optional.empty();
        }
        String parameters = recorded.lineage()
                .map(lineage -> lineage.digests().parameters())
                .orElse("");
        if (!parameters.isEmpty()
                && !parameters.equals(now.parameters())
                && isOf(recorded, List.of(differs("parameters or chat template", parameters, now.parameters())))) {
            return Optional.empty();
        }
        inFlight.put(given++, recorded);
        return Optional.of(request);
    }

    /** In what the engine here differs from the one that made it. */
    private List<String> otherEngine(Recorded recorded) {
        List<String> differences = new ArrayList<>();
        if (recorded.lineage().isPresent()) {
            LineageFields lineage = recorded.lineage().get();
            add(
                    differences,
                    "model",
                    lineage.digests().model(),
                    engine.digests().model());
            add(
                    differences,
                    "tokenizer",
                    lineage.digests().tokenizer(),
                    engine.digests().tokenizer());
            add(differences, "kv_type", lineage.kvType(), engine.kvType().toString());
        }
        return differences;
    }

    private static void add(List<String> differences, String name, String then, String now) {
        if (!then.isEmpty() && !then.equals(now)) {
            differences.add(differs(name, then, now));
        }
    }

    private static String differs(String name, String expected, String found) {
        return name + ": expected " + expected + ", found " + found;
    }

    /** Whether it is left out for being made otherwise. */
    private boolean isOf(Recorded recorded, List<String> differences) {
        if (differences.isEmpty()) {
            return false;
        }
        findings.accept(recorded.id(), String.join("; ", differences));
        otherModel += anyModel ? 0 : 1;
        return !anyModel;
    }

    private void missing(Recorded recorded, String reason) {
        missingPrompt++;
        findings.accept(recorded.id(), reason);
    }

    @Override
    public void answer(long index, RequestLine line, Generation generation) {
        Recorded recorded = inFlight.remove(index);
        Optional<String> difference = difference(recorded, generation);
        if (difference.isEmpty()) {
            equal++;
        } else {
            different++;
            findings.accept(recorded.id(), difference.get());
        }
    }

    private static Optional<String> difference(Recorded recorded, Generation generation) {
        if (generation.status() != Generation.Status.SUCCEEDED) {
            return Optional.of("status: expected " + recorded.status() + ", found " + generation.status() + " ("
                    + generation.error() + ")");
        }
        JsonNode made = asRead(CompletionLine.withIds(generation, Map.of()));
        JsonNode before = asRead(recorded.line());
        return recorded.endedEarly() ? Comparison.ofBeginnings(before, made) : Comparison.ofAnswers(before, made);
    }

    /** Numbers of the types that a reader gives them. */
    private static JsonNode asRead(ObjectNode line) {
        try {
            return Json.read(Json.write(line));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public long lineNumber() {
        return given;
    }

    @Override
    public boolean mayBlock() {
        return false;
    }

    @Override
    public long indexLimit() {
        return Long.MAX_VALUE;
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
}
