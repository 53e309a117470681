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
 * The lines of the demonstration's prompt file. All are held, so that texts can be shown behind what they continue.
 *
 * @param accepted lines that are prompts, in the file's order
 * @param refused lines that are none
 */
public record DemoPrompts(List<Prompt> accepted, List<RequestLine.Refused> refused) {

    public DemoPrompts {
        accepted = List.copyOf(accepted);
        refused = List.copyOf(refused);
    }

    /** Reads all lines; the caller closes them. */
    public static DemoPrompts read(RequestSource lines) throws IOException {
        List<Prompt> accepted = new ArrayList<>();
        List<RequestLine.Refused> refused = new ArrayList<>();
        for (Optional<RequestLine> line = lines.next(); line.isPresent(); line = lines.next()) {
            switch (line.get()) {
                case RequestLine.Accepted good -> accepted.add(good.prompt());
                case RequestLine.Refused bad -> refused.add(bad);
            }
        }
        return new DemoPrompts(accepted, refused);
    }

    public int size() {
        return accepted.size() + refused.size();
    }

    /** What each prompt says, by id: its text, or the last message of a dialogue; token ids say nothing. */
    public Map<String, String> texts() {
        Map<String, String> texts = new HashMap<>();
        for (Prompt prompt : accepted) {
            texts.put(prompt.id(), text(prompt.input()));
        }
        return texts;
    }

    private static String text(PromptInput input) {
        return switch (input) {
            case PromptInput.Text text -> text.text();
            case PromptInput.Messages messages ->
                messages.messages().isEmpty()
                        ? ""
                        : messages.messages().getLast().content();
            case PromptInput.Tokens ignored -> "";
        };
    }
}
