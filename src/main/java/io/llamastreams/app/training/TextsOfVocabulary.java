package io.llamastreams.app.training;

import io.llamastreams.app.terminal.Progress;
import io.llamastreams.serving.PromptInput;
import io.llamastreams.training.data.Dialogue;
import java.util.Iterator;
import java.util.NoSuchElementException;

/** The texts that a vocabulary is learnt from: some texts, then some dialogues with their answers. */
final class TextsOfVocabulary implements Iterator<String> {
    private final TrainingSources sources;
    private final int texts;
    private final int dialogues;
    private final Progress progress;
    private int done;

    TextsOfVocabulary(TrainingSources sources, int texts, int dialogues, Progress progress) {
        this.sources = sources;
        this.texts = texts;
        this.dialogues = dialogues;
        this.progress = progress;
    }

    @Override
    public boolean hasNext() {
        return done < texts + dialogues;
    }

    @Override
    public String next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        progress.advance(1);
        int number = done++;
        return number < texts
                ? sources.texts().text(number)
                : text(sources.dialogues().dialogue(number - texts));
    }

    /** In the chat form's words, so that its marks become pieces as often used words do. */
    private static String text(Dialogue dialogue) {
        StringBuilder text = new StringBuilder();
        for (PromptInput.Message message : dialogue.messages()) {
            switch (message.role()) {
                case "system" ->
                    text.append("[INST] <<SYS>>\n").append(message.content()).append("\n<</SYS>>\n\n");
                case "user" -> text.append(message.content()).append(" [/INST] ");
                default -> text.append(message.content()).append('\n');
            }
        }
        return text.append(dialogue.answer()).toString();
    }
}
