package io.llamastreams.serving.options;

import java.util.List;

/** What is to be done with a prompt. */
public sealed interface Task {

    /** Continue it. */
    record Generate() implements Task {}

    /** Tell how likely each of these answers is as its continuation, compared with the others. */
    record Label(List<String> answers) implements Task {
        public Label {
            answers = List.copyOf(answers);
        }
    }

    /** Tell how likely each of these texts is as its continuation, each for itself. */
    record Continuations(List<String> texts) implements Task {
        public Continuations {
            texts = List.copyOf(texts);
        }
    }

    /** Embed it: the mean of its last hidden states. */
    record Embed() implements Task {}
}
