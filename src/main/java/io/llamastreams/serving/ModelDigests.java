package io.llamastreams.serving;

/**
 * What an engine makes texts of, as SHA-256 in 64 hexadecimal digits each.
 *
 * @param model the model's file
 * @param tokenizer the vocabulary
 * @param chat the form in which dialogues are set; its name where it is Llama 2's own
 */
public record ModelDigests(String model, String tokenizer, String chat) {

    /** Of a text that is made of this prompt. */
    public Digests of(Prompt prompt) {
        return new Digests(
                model, tokenizer, RequestDigest.parameters(prompt, chat), RequestDigest.input(prompt.input()));
    }
}
