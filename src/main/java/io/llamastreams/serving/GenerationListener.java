package io.llamastreams.serving;

/** Told by {@code TextSession.poll} what has come of the session's prompts, on the thread that polls. */
public interface GenerationListener {

    /**
     * More text of a prompt: whole characters, and never part of a stop string. All deltas together are the text of the
     * generation, unless it fails. Told only where one text is made; of several nobody could tell whose it is.
     *
     * @param delta not empty
     */
    default void onText(String id, String delta) {}

    /** The end of a prompt, once for each that was accepted; nothing of it follows. */
    void onEnd(Generation generation);
}
