package io.llamastreams.training.data;

/** Dialogues to fine-tune on, by number. */
@FunctionalInterface
public interface DialogueSource {

    /**
     * A dialogue; the same for the same number, at any time. A source that has fewer begins anew.
     *
     * @param index from 0
     */
    Dialogue dialogue(long index);
}
