package io.llamastreams.app.training;

import io.llamastreams.training.data.Dialogue;
import io.llamastreams.training.data.DialogueSource;
import io.llamastreams.training.data.TextSource;
import java.util.List;

/**
 * What a run learns from.
 *
 * @param digest tells other data apart, since a run must go on with the data that it began with
 * @param texts for the vocabulary and for pre-training
 * @param dialogues for fine-tuning; their words are in the vocabulary too
 * @param secondDialogues for the second round of fine-tuning
 * @param heldOutTexts measured, never learnt; may be none
 * @param heldOutDialogues likewise
 */
public record TrainingSources(
        String digest,
        TextSource texts,
        DialogueSource dialogues,
        DialogueSource secondDialogues,
        List<String> heldOutTexts,
        List<Dialogue> heldOutDialogues) {

    public TrainingSources {
        heldOutTexts = List.copyOf(heldOutTexts);
        heldOutDialogues = List.copyOf(heldOutDialogues);
    }
}
