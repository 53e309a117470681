package io.llamastreams.serving.chat;

import java.nio.file.Path;

/** Where the form comes from in which dialogues are set. */
public sealed interface ChatTemplateSource {

    /** Llama 2's own, as Meta's reference builds it. */
    record Llama2() implements ChatTemplateSource {
        @Override
        public String toString() {
            return LLAMA2;
        }
    }

    /** The template that the model's file brings along. */
    record Model() implements ChatTemplateSource {
        @Override
        public String toString() {
            return MODEL;
        }
    }

    /** A template in a file of its own. */
    record File(Path path) implements ChatTemplateSource {
        @Override
        public String toString() {
            return path.toString();
        }
    }

    String LLAMA2 = "llama2";
    String MODEL = "model";

    /** {@value #LLAMA2}, {@value #MODEL}, or else the name of a file. */
    static ChatTemplateSource parse(String text) {
        return switch (text) {
            case LLAMA2 -> new Llama2();
            case MODEL -> new Model();
            default -> new File(Path.of(text));
        };
    }
}
