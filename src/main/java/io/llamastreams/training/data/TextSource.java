package io.llamastreams.training.data;

/** Texts to pre-train on, by number. */
@FunctionalInterface
public interface TextSource {

    /**
     * A text; the same for the same number, at any time. A source that has fewer begins anew.
     *
     * @param index from 0
     */
    String text(long index);
}
