package io.llamastreams.serving;

import java.util.List;

/** What a request wants continued. */
public sealed interface PromptInput {

    /** Plain text; BOS is put before it, and nothing in it is read as a special token. */
    record Text(String text) implements PromptInput {}

    /** A dialogue, set in the model's chat form. */
    record Messages(List<Message> messages) implements PromptInput {
        public Messages {
            messages = List.copyOf(messages);
        }
    }

    /** Token ids, taken as they are: BOS only if it is among them. */
    record Tokens(List<Integer> ids) implements PromptInput {
        public Tokens {
            ids = List.copyOf(ids);
        }
    }

    /**
     * One turn of a dialogue.
     *
     * @param role system, user or assistant; the chat form says which it knows
     */
    record Message(String role, String content) {}
}
