package io.llamastreams.serving.chat;

import io.llamastreams.model.load.ModelFormatException;
import io.llamastreams.serving.PromptInput;
import io.llamastreams.serving.template.PythonText;
import io.llamastreams.tokenizer.Tokenizer;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Llama 2's chat form. Source: Meta's llama repository, generation.py, chat_completion:
 *
 * <pre>
 *   BOS [INST] {user} [/INST] {assistant} EOS   BOS [INST] {user} [/INST]
 * </pre>
 *
 * with turns stripped of white space around them, and a system turn as {@code <<SYS>>\n{system}\n<</SYS>>\n\n} in front of
 * the first user turn. BOS and EOS come from here alone. The form's own marks inside a turn are text of a user like any other
 * and stay as they are, where the reference refuses the whole dialogue.
 */
public final class ChatForm {
    private static final String BEGIN_INSTRUCTION = "[INST]";
    private static final String END_INSTRUCTION = "[/INST]";
    private static final String BEGIN_SYSTEM = "<<SYS>>\n";
    private static final String END_SYSTEM = "\n<</SYS>>\n\n";
    private static final String SYSTEM = "system";
    private static final String USER = "user";
    private static final String ASSISTANT = "assistant";

    private ChatForm() {}

    /** This form, with a model's tokens. */
    public static ChatFormat with(Tokenizer tokenizer) {
        return messages -> problem(messages)
                .<ChatFormat.Setting>map(ChatFormat.Setting.Refused::new)
                .orElseGet(() -> new ChatFormat.Setting.Ready(tokens(tokenizer, messages)));
    }

    /** Why these messages have no chat form; empty if they have. */
    public static Optional<String> problem(List<PromptInput.Message> messages) {
        if (messages.isEmpty()) {
            return Optional.of("messages: expected at least one, found none");
        }
        int first = firstTurn(messages);
        for (int i = first; i < messages.size(); i++) {
            String expected = (i - first) % 2 == 0 ? USER : ASSISTANT;
            String found = messages.get(i).role();
            if (!found.equals(expected)) {
                String orSystem = i == 0 ? "system or " : "";
                return Optional.of("messages[" + i + "].role: expected " + orSystem + expected + ", found \""
                        + ModelFormatException.quote(found) + "\"");
            }
        }
        if ((messages.size() - first) % 2 == 0) {
            return Optional.of("messages: expected a user turn at the end, found \""
                    + ModelFormatException.quote(messages.getLast().role()) + "\"");
        }
        return Optional.empty();
    }

    /** Token ids of messages that have no {@link #problem}. */
    public static int[] tokens(Tokenizer tokenizer, List<PromptInput.Message> messages) {
        int first = firstTurn(messages);
        String system = first == 0 ? "" : BEGIN_SYSTEM + messages.getFirst().content() + END_SYSTEM;
        IntStream.Builder ids = IntStream.builder();
        for (int i = first; i < messages.size(); i += 2) {
            String user = (i == first ? system : "") + messages.get(i).content();
            String turn = BEGIN_INSTRUCTION + " " + PythonText.strip(user) + " " + END_INSTRUCTION;
            boolean answered = i + 1 < messages.size();
            if (answered) {
                turn += " " + PythonText.strip(messages.get(i + 1).content()) + " ";
            }
            for (int id : tokenizer.encodeWithBos(turn)) {
                ids.add(id);
            }
            if (answered) {
                ids.add(tokenizer.eosId());
            }
        }
        return ids.build().toArray();
    }

    private static int firstTurn(List<PromptInput.Message> messages) {
        return messages.getFirst().role().equals(SYSTEM) ? 1 : 0;
    }
}
