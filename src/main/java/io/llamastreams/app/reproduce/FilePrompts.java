package io.llamastreams.app.reproduce;

import io.llamastreams.app.jsonl.RequestLine;
import io.llamastreams.app.jsonl.RequestsById;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;

/** Prompts of a file of request lines, by their ids. One thread. */
public final class FilePrompts implements PromptSource {
    private final RequestsById requests;

    public FilePrompts(Path file) throws IOException {
        requests = new RequestsById(file, InstantSource.system());
    }

    @Override
    public Optional<RequestLine.Accepted> find(Recorded completion) throws IOException {
        return requests.find(completion.id());
    }

    @Override
    public void close() throws IOException {
        requests.close();
    }
}
