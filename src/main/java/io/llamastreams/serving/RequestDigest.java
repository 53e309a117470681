package io.llamastreams.serving;

import io.llamastreams.serving.options.CanonicalForm;
import io.llamastreams.serving.options.GenerationOptions;
import io.llamastreams.serving.options.RequestOption;
import io.llamastreams.serving.options.RequestOptions;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * SHA-256 of a request in one canonical form. Stateless.
 *
 * <p>The form is UTF-8, one line {@code name=value} for each parameter, in one order, whatever the request names, so a default
 * that is written out is the same as one that is not; see {@link RequestOption.DigestLine}. A number is written as Java writes
 * it, a text as its length in bytes, a colon and itself, a list in brackets with commas between, what is not there as a minus.
 * What does not change a text has no line: id, priority, deadline, tenant, batch, attributes. The seed is the one that is used;
 * the chat form counts for dialogues only.
 */
public final class RequestDigest {
    private final StringBuilder form = new StringBuilder();

    private RequestDigest() {}

    /**
     * How a text is asked for.
     *
     * @param chat digest of the form in which dialogues are set
     */
    static String parameters(Prompt prompt, String chat) {
        RequestDigest digest = new RequestDigest();
        GenerationOptions options = prompt.options().withSeed(prompt.seed());
        digest.line("task", RequestOptions.TASK.canonicalValue(options).orElse("generate"));
        for (RequestOption<?> option : RequestOptions.SINGLE) {
            option.canonicalValue(options).ifPresent(value -> digest.line(option.name(), value));
        }
        digest.line(
                "structure", RequestOptions.STRUCTURE.canonicalValue(options).orElse("-"));
        digest.line("chat", prompt.input() instanceof PromptInput.Messages ? chat : "-");
        return sha256(digest.form.toString());
    }

    /** What is to be continued. */
    static String input(PromptInput input) {
        return sha256(
                switch (input) {
                    case PromptInput.Text given -> "text=" + CanonicalForm.text(given.text());
                    case PromptInput.Messages given ->
                        "messages="
                                + CanonicalForm.list(
                                        given.messages(),
                                        message -> CanonicalForm.text(message.role())
                                                + CanonicalForm.text(message.content()));
                    case PromptInput.Tokens given -> "tokens=" + CanonicalForm.list(given.ids(), String::valueOf);
                });
    }

    /** Of any text, such as a chat template. */
    public static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }

    private void line(String name, Object value) {
        form.append(name).append('=').append(value).append('\n');
    }
}
