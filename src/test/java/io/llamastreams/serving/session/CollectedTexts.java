package io.llamastreams.serving.session;

import io.llamastreams.serving.Generation;
import io.llamastreams.serving.GenerationListener;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Keeps what a session tells, and notices what it must never tell. */
final class CollectedTexts implements GenerationListener {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    final Map<String, StringBuilder> deltas = new HashMap<>();
    final Map<String, Generation> ends = new HashMap<>();

    @Override
    public void onText(String id, String delta) {
        if (delta.isEmpty() || ends.containsKey(id)) {
            throw new AssertionError(id + ": \"" + delta + "\" is empty or comes after the end");
        }
        deltas.computeIfAbsent(id, key -> new StringBuilder()).append(delta);
    }

    @Override
    public void onEnd(Generation generation) {
        if (ends.putIfAbsent(generation.id(), generation) != null) {
            throw new AssertionError(generation.id() + ": a second end");
        }
        String told = deltas.getOrDefault(generation.id(), new StringBuilder()).toString();
        boolean isOnlyText = generation.choices().size() <= 1;
        if (isOnlyText && generation.status() != Generation.Status.FAILED && !told.equals(generation.text())) {
            throw new AssertionError(generation.id() + ": told \"" + told + "\", ended \"" + generation.text() + "\"");
        }
    }

    /** Polls until nothing is in flight. */
    static CollectedTexts of(TextSession session) {
        CollectedTexts texts = new CollectedTexts();
        texts.pollAll(session);
        return texts;
    }

    void pollAll(TextSession session) {
        while (session.inFlight() > 0) {
            pollSome(session);
        }
    }

    void pollSome(TextSession session) {
        if (!session.await(PATIENCE)) {
            throw new AssertionError("nothing came in " + PATIENCE);
        }
        session.poll(this, 1000);
    }
}
