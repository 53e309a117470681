package io.llamastreams.serving;

/**
 * What a text was made of, as SHA-256 in 64 hexadecimal digits each; empty where it is not known. The same digests, engine
 * version and number format of keys and values give the same bits.
 *
 * @param model the model's file, as {@code sha256sum} gives it
 * @param tokenizer the vocabulary, wherever it lies: see {@link io.llamastreams.tokenizer.VocabularyDigest}
 * @param parameters how the text was asked for, defaults and seed included: see {@link RequestDigest}
 * @param prompt what was to be continued
 */
public record Digests(String model, String tokenizer, String parameters, String prompt) {
    public static final Digests NONE = new Digests("", "", "", "");
}
