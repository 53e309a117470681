package io.llamastreams.serving.request;

import io.llamastreams.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Words that must not occur, as tokens. Any thread. */
final class BadWordTokens {

    private BadWordTokens() {}

    /**
     * The ways in which a word is usually written in tokens: with a space before it, as in the midst of a text, and without, as
     * at its begin or behind a quotation mark. As in vLLM, other ways to cut it into tokens are not looked for.
     *
     * @param word spaces before it do not count
     */
    static List<List<Integer>> spellings(Tokenizer tokenizer, String word) {
        String bare = word.stripLeading();
        return Stream.of(tokenizer.encodeInside(" " + bare), tokenizer.encodeInside(bare))
                .map(ids -> Arrays.stream(ids).boxed().toList())
                .distinct()
                .toList();
    }
}
