package io.llamastreams.app.demo;

import io.llamastreams.app.jsonl.RequestLine;
import io.llamastreams.app.jsonl.RequestSource;
import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.PromptInput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The lines of the demonstration's prompt file. All are held, so that texts can be shown behind what they continue, and answers
 * beside what was expected.
 *
 * @param lines in the file's order, those that are no prompts among them
 */
public record DemoPrompts(List<RequestLine> lines) {

    public DemoPrompts {
        lines = List.copyOf(lines);
    }

    /** Reads all lines; the caller closes them. */
    public static DemoPrompts read(RequestSource source) throws IOException {
        List<RequestLine> lines = new ArrayList<>();
        for (Optional<RequestLine> line = source.next(); line.isPresent(); line = source.next()) {
            lines.add(line.get());
        }
        return new DemoPrompts(lines);
    }

    public int size() {
        return lines.size();
    }

    /** Those that go to the worker. */
    List<Prompt> accepted() {
        return lines.stream()
                .filter(RequestLine.Accepted.class::isInstance)
                .map(line -> ((RequestLine.Accepted) line).prompt())
                .toList();
    }

    /** Those that end before. */
    List<RequestLine.Refused> refused() {
        return lines.stream()
                .filter(RequestLine.Refused.class::isInstance)
                .map(RequestLine.Refused.class::cast)
                .toList();
    }

    /** What each prompt says, by id. A dialogue's last turn is ended by a line feed: its answer is no continuation. */
    public Map<String, String> texts() {
        Map<String, String> texts = new HashMap<>();
        for (RequestLine line : lines) {
            if (line instanceof RequestLine.Accepted accepted) {
                boolean dialogue = accepted.prompt().input() instanceof PromptInput.Messages;
                texts.put(line.id(), line.question() + (dialogue ? "\n" : ""));
            }
        }
        return texts;
    }
}
