package io.llamastreams.topology.prompt;

import io.llamastreams.serving.Answer;
import io.llamastreams.serving.Choice;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.GenerationListener;
import io.llamastreams.serving.ModelDigests;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.PromptInput;
import io.llamastreams.serving.Submission;
import io.llamastreams.serving.Usage;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Function;

/** An engine that does what a test tells it, at once, on the test's thread. */
public final class FakeEngine implements PromptSessions {
    /** All prompts that were accepted, in order, over all sessions. */
    public final List<Prompt> submitted = new ArrayList<>();

    final List<FakeSession> sessions = new ArrayList<>();

    /** Requests at most inside, of all sessions together. */
    public int capacity = Integer.MAX_VALUE;

    /** Answer to a submission instead of accepting it. */
    public Function<Prompt, Optional<Submission>> answer = prompt -> Optional.empty();

    public final FakeTime time = new FakeTime();

    /** What a session does while somebody waits. */
    public Runnable whileAwaited = () -> {};

    @Override
    public PromptSession open() {
        FakeSession session = new FakeSession();
        sessions.add(session);
        return session;
    }

    @Override
    public String modelName() {
        return "fake-model";
    }

    @Override
    public String kvType() {
        return "f16";
    }

    @Override
    public int[] promptIds(PromptInput input) {
        return input.toString().chars().toArray();
    }

    @Override
    public ModelDigests digests() {
        return new ModelDigests("m".repeat(64), "t".repeat(64), "c".repeat(64));
    }

    /** The session of the last task that was started. */
    public FakeSession session() {
        return sessions.getLast();
    }

    static Generation succeeded(String id, String text) {
        return new Generation(
                id,
                Generation.Status.SUCCEEDED,
                new Answer.Texts(Choice.only(text, List.of(7, 8), Optional.of("stop"), List.of())),
                new Usage(3, 1, 2, 10, 20, 30),
                99,
                "");
    }

    public final class FakeSession implements PromptSession {
        public final List<Prompt> running = new ArrayList<>();
        private final Queue<Generation> ends = new ArrayDeque<>();
        public boolean closed;

        /** The oldest running prompt succeeds with this text. */
        public void finishOldest(String text) {
            ends.add(succeeded(running.removeFirst().id(), text));
        }

        public void finishAll() {
            while (!running.isEmpty()) {
                finishOldest("text");
            }
        }

        /** The oldest running prompt fails. */
        public void failOldest(String error) {
            ends.add(Generation.failed(running.removeFirst().id(), error));
        }

        /** What the texts of running prompts have, and what they had when they were submitted. */
        final Map<String, List<Integer>> made = new HashMap<>();

        /** Ends it with what {@link #made} has of it, as the engine does. */
        @Override
        public void cancel(String id) {
            if (running.removeIf(prompt -> prompt.id().equals(id))) {
                ends.add(new Generation(
                        id,
                        Generation.Status.CANCELLED,
                        new Answer.Texts(Choice.only("so far", resumable(id), Optional.of("cancelled"), List.of())),
                        new Usage(3, 1, resumable(id).size(), 10, 20, 30),
                        99,
                        ""));
            }
        }

        @Override
        public List<Integer> resumable(String id) {
            return made.getOrDefault(id, List.of());
        }

        @Override
        public Submission submit(Prompt prompt, List<Integer> before) {
            made.put(prompt.id(), before);
            Optional<Submission> special = answer.apply(prompt);
            if (special.isPresent()) {
                return special.get();
            }
            if (sessions.stream().mapToInt(FakeSession::inFlight).sum() >= capacity) {
                return new Submission.Busy("full");
            }
            running.add(prompt);
            submitted.add(prompt);
            return new Submission.Accepted(3);
        }

        @Override
        public int poll(GenerationListener listener, int maxEvents) {
            int events = 0;
            while (events < maxEvents && !ends.isEmpty()) {
                listener.onEnd(ends.remove());
                events++;
            }
            return events;
        }

        @Override
        public boolean await(Duration timeout) {
            whileAwaited.run();
            boolean ready = !ends.isEmpty() || running.isEmpty();
            if (!ready) {
                time.await(timeout);
            }
            return ready;
        }

        private int inFlight() {
            return running.size() + ends.size();
        }

        @Override
        public void close() {
            closed = true;
            running.clear();
            ends.clear();
        }
    }
}
