package io.llamastreams.topology.prompt;

import io.llamastreams.serving.Generation;
import io.llamastreams.serving.Prompt;
import io.llamastreams.topology.config.DuplicateLimits;
import io.llamastreams.topology.record.CompletionRecord;
import io.llamastreams.topology.record.Origin;
import io.llamastreams.topology.record.PendingPrompt;
import io.llamastreams.topology.record.StoredAnswer;
import io.llamastreams.topology.serde.RecordMappings;
import io.llamastreams.topology.serde.StoredSerde;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Recognises requests whose id (of the same tenant) came before: while the first one is pending, and for some time after it
 * has succeeded. What did not succeed is forgotten, and may be sent again. StreamThread of its task.
 *
 * <p>The store has an entry for each first request that is pending, and completions until their time is over or there is no
 * more room, the oldest leaving first.
 */
final class Duplicates {
    private final KeyValueStore<String, byte[]> store;
    private final DuplicateLimits limits;
    private final StoredSerde<StoredAnswer> serde = new StoredSerde<>(RecordMappings.STORED_ANSWER);
    private final StoredSerde<Prompt> prompts = new StoredSerde<>(RecordMappings.PROMPT);

    /** Answers by key of the store, the oldest first. */
    private final Map<String, Kept> answers = new LinkedHashMap<>();

    private long bytes;

    private record Kept(long timestamp, int bytes) {}

    /** What a request is. */
    sealed interface Finding {
        /** The first of its id; noted as such. */
        record First() implements Finding {}

        /** To be answered when the first one is. */
        record Follows(PendingEntry first) implements Finding {}

        /** Answered before. */
        record Answered(CompletionRecord completion) implements Finding {}

        record Rejected(String reason) implements Finding {}
    }

    /** Reads a restored store. */
    Duplicates(KeyValueStore<String, byte[]> store, DuplicateLimits limits, long nowMillis) {
        this.store = store;
        this.limits = limits;
        Map<String, Kept> found = new LinkedHashMap<>();
        try (var entries = store.all()) {
            entries.forEachRemaining(entry -> {
                StoredAnswer answer = serde.decode(entry.value);
                if (answer.completion().isPresent()) {
                    found.put(entry.key, new Kept(answer.timestamp(), size(entry.key, entry.value)));
                }
            });
        }
        List<Map.Entry<String, Kept>> byTime = new ArrayList<>(found.entrySet());
        byTime.sort(Comparator.comparingLong(entry -> entry.getValue().timestamp()));
        byTime.forEach(entry -> keep(entry.getKey(), entry.getValue()));
        forgetOld(nowMillis);
    }

    /** Looks up a request that came just now, or has to be looked at again since the one that it followed did not succeed. */
    Finding look(PendingPrompt request, PendingPrompts pending, long nowMillis) {
        forgetOld(nowMillis);
        String key = key(request.prompt());
        String fingerprint = fingerprint(request.prompt());
        Optional<StoredAnswer> first = Optional.ofNullable(store.get(key)).map(serde::decode);
        Optional<PendingEntry> firstPending = first.flatMap(known -> pending.find(known.origin()));
        if (first.flatMap(StoredAnswer::completion).isEmpty() && firstPending.isEmpty()) {
            store.put(key, serde.encode(new StoredAnswer(request.origin(), fingerprint, nowMillis, Optional.empty())));
            return new Finding.First();
        }
        StoredAnswer known = first.orElseThrow();
        if (!known.fingerprint().equals(fingerprint)) {
            return new Finding.Rejected(
                    "id: expected one that is new, found that of a different request at " + place(known.origin()));
        }
        if (limits.rejects()) {
            return new Finding.Rejected("duplicate: the same request came before, at " + place(known.origin()));
        }
        return known.completion()
                .<Finding>map(Finding.Answered::new)
                .orElseGet(() -> new Finding.Follows(firstPending.orElseThrow()));
    }

    /** A prompt has ended: if it was the first of its id, its completion is kept or its id forgotten. */
    void ended(PendingPrompt request, CompletionRecord completion, long nowMillis) {
        String key = key(request.prompt());
        byte[] stored = store.get(key);
        if (stored == null) {
            return;
        }
        StoredAnswer known = serde.decode(stored);
        if (!known.origin().equals(request.origin())) {
            return;
        }
        if (completion.status() != Generation.Status.SUCCEEDED) {
            store.delete(key);
            return;
        }
        byte[] answered = serde.encode(
                new StoredAnswer(request.origin(), known.fingerprint(), nowMillis, Optional.of(completion)));
        store.put(key, answered);
        keep(key, new Kept(nowMillis, size(key, answered)));
        forgetOld(nowMillis);
    }

    private void keep(String key, Kept kept) {
        answers.put(key, kept);
        bytes += kept.bytes();
    }

    private void forgetOld(long nowMillis) {
        Iterator<Map.Entry<String, Kept>> oldest = answers.entrySet().iterator();
        while (oldest.hasNext()) {
            var entry = oldest.next();
            boolean isOld =
                    nowMillis - entry.getValue().timestamp() >= limits.window().toMillis();
            if (!isOld && bytes <= limits.maxBytes()) {
                return;
            }
            oldest.remove();
            bytes -= entry.getValue().bytes();
            store.delete(entry.getKey());
        }
    }

    private static int size(String key, byte[] value) {
        return key.length() + value.length;
    }

    private static String key(Prompt prompt) {
        return prompt.tenant() + "\0" + prompt.id();
    }

    private static String place(Origin origin) {
        return origin.topic() + "-" + origin.partition() + " offset " + origin.offset();
    }

    /** Of all that the answer depends on. */
    private String fingerprint(Prompt prompt) {
        Prompt asked = new Prompt(
                prompt.id(), prompt.input(), prompt.options(), 0, Optional.empty(), prompt.tenant(), "", Map.of());
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(prompts.encode(asked)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
