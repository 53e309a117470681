package io.llamastreams.serving;

import java.util.List;
import java.util.Optional;

/** What came of a prompt. */
public sealed interface Answer {

    /** Nothing: it was refused, failed, or ended before there was anything to tell. */
    record Nothing() implements Answer {}

    /**
     * Texts.
     *
     * @param choices at least one
     * @param prompt how likely the prompt is, if that was asked for and computed
     */
    record Texts(List<Choice> choices, Optional<PromptScores> prompt) implements Answer {
        public Texts {
            choices = List.copyOf(choices);
        }

        /** One text. */
        public Texts(Choice only) {
            this(List.of(only), Optional.empty());
        }
    }

    /**
     * How likely given continuations are, in their order.
     *
     * @param label the likeliest of answers that are compared, of equals the first; empty where nothing is compared
     */
    record Scores(List<Score> scores, Optional<String> label) implements Answer {
        public Scores {
            scores = List.copyOf(scores);
        }
    }

    /** The prompt's embedding; its length is the model's width, and nothing was scaled. */
    record Embedding(List<Float> values) implements Answer {
        public Embedding {
            values = List.copyOf(values);
        }
    }

    /** The texts; none if this is something else. */
    default List<Choice> choices() {
        return List.of();
    }
}
