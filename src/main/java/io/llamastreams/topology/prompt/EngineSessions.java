package io.llamastreams.topology.prompt;

import io.llamastreams.serving.GenerationListener;
import io.llamastreams.serving.ModelDigests;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.PromptInput;
import io.llamastreams.serving.Submission;
import io.llamastreams.serving.session.TextEngine;
import io.llamastreams.serving.session.TextSession;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/**
 * Sessions with a real engine. Any thread.
 *
 * @param clock that deadlines are on
 */
public record EngineSessions(TextEngine engine, InstantSource clock) implements PromptSessions {

    @Override
    public PromptSession open() {
        return new Session(engine.openSession(clock));
    }

    @Override
    public String modelName() {
        return engine.modelName();
    }

    @Override
    public String kvType() {
        return engine.kvType().toString();
    }

    @Override
    public int[] promptIds(PromptInput input) {
        try {
            return engine.promptIds(input);
        } catch (RuntimeException e) {
            return new int[0]; // it will be refused or fail, wherever it goes
        }
    }

    @Override
    public ModelDigests digests() {
        return engine.digests();
    }

    private record Session(TextSession session) implements PromptSession {
        @Override
        public Submission submit(Prompt prompt, List<Integer> made) {
            return session.submit(prompt, made);
        }

        @Override
        public void cancel(String id) {
            session.cancel(id);
        }

        @Override
        public List<Integer> resumable(String id) {
            return session.resumable(id);
        }

        @Override
        public int poll(GenerationListener listener, int maxEvents) {
            return session.poll(listener, maxEvents);
        }

        @Override
        public boolean await(Duration timeout) {
            return session.await(timeout);
        }

        @Override
        public void close() {
            session.close();
        }
    }
}
