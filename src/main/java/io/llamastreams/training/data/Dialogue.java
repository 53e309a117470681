package io.llamastreams.training.data;

import io.llamastreams.serving.PromptInput;
import java.util.List;

/**
 * An example to fine-tune on: what is said to the model, and what it is to answer.
 *
 * @param messages as in a request: a system turn or none, then user and assistant by turns, a user's at the end
 * @param answer what the model is to say next, without the end-of-text token
 */
public record Dialogue(List<PromptInput.Message> messages, String answer) {

    public Dialogue {
        messages = List.copyOf(messages);
    }
}
