package io.llamastreams.topology.prompt;

import io.llamastreams.serving.Prompt;
import io.llamastreams.serving.PromptInput;
import io.llamastreams.serving.options.Task;
import java.util.List;

/**
 * How much work prompts are, as far as that can be told without the tokenizer: prompts that wait are many, and each is encoded
 * only when its turn comes.
 *
 * @param textLength characters of text to be encoded
 * @param tokens known by number: prompts given as token ids, and the most new tokens that are asked for
 */
record PromptLoad(long textLength, long tokens) {
    static final PromptLoad NONE = new PromptLoad(0, 0);

    static PromptLoad of(Prompt prompt) {
        long length = switch (prompt.input()) {
            case PromptInput.Text text -> text.text().length();
            case PromptInput.Messages messages ->
                messages.messages().stream()
                        .mapToLong(message -> message.content().length())
                        .sum();
            case PromptInput.Tokens tokens -> 0;
        };
        long given = prompt.input() instanceof PromptInput.Tokens tokens
                ? tokens.ids().size()
                : 0;
        return switch (prompt.options().task()) {
            case Task.Generate generate -> {
                long texts = Math.max(1, prompt.options().samples().made());
                yield new PromptLoad(
                        length, given + texts * Math.max(0, prompt.options().maxNewTokens()));
            }
            case Task.Label label -> new PromptLoad(length + length(label.answers()), given);
            case Task.Continuations continuations -> new PromptLoad(length + length(continuations.texts()), given);
            case Task.Embed embed -> new PromptLoad(length, given);
        };
    }

    private static long length(List<String> texts) {
        return texts.stream().mapToLong(String::length).sum();
    }

    PromptLoad plus(PromptLoad other) {
        return new PromptLoad(textLength + other.textLength, tokens + other.tokens);
    }

    PromptLoad minus(PromptLoad other) {
        return new PromptLoad(textLength - other.textLength, tokens - other.tokens);
    }
}
