package io.llamastreams.topology.prompt;

import io.llamastreams.serving.GenerationListener;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.Submission;
import java.time.Duration;
import java.util.List;

/** What a task needs of its session with the engine; see {@link io.llamastreams.serving.session.TextSession}. One owner thread. */
public interface PromptSession extends AutoCloseable {

    Submission submit(Prompt prompt, List<Integer> made);

    void cancel(String id);

    List<Integer> resumable(String id);

    int poll(GenerationListener listener, int maxEvents);

    boolean await(Duration timeout);

    @Override
    void close();
}
