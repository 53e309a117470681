package io.llamastreams.topology;

import io.llamastreams.serving.GenerationListener;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.Submission;
import java.time.Duration;

/** What a task needs of its session with the engine; see {@link io.llamastreams.serving.TextSession}. One owner thread. */
interface PromptSession extends AutoCloseable {

    Submission submit(Prompt prompt);

    int poll(GenerationListener listener, int maxEvents);

    boolean await(Duration timeout);

    @Override
    void close();
}
