package io.llamastreams.serving.chat;

import io.llamastreams.model.load.GgufMetadata;
import io.llamastreams.model.load.ModelFormatException;
import io.llamastreams.serving.RequestDigest;
import io.llamastreams.serving.template.TemplateException;
import io.llamastreams.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens the form in which a service sets dialogues. */
public final class ChatFormats {
    private static final String TEMPLATE_KEY = "tokenizer.chat_template";
    private static final int MAX_TEMPLATE_BYTES = 1 << 20;

    private ChatFormats() {}

    /**
     * The form, tried on a first dialogue.
     *
     * @param metadata of the model's file
     * @throws ModelFormatException if there is no such template, or it cannot be used
     */
    public static ChatFormat open(
            ChatTemplateSource source, Tokenizer tokenizer, GgufMetadata metadata, Path modelFile) {
        return switch (source) {
            case ChatTemplateSource.Llama2 llama2 -> ChatForm.with(tokenizer);
            case ChatTemplateSource.Model model -> template(modelFile, ofModel(metadata, modelFile), tokenizer);
            case ChatTemplateSource.File file -> template(file.path(), read(file.path()), tokenizer);
        };
    }

    /**
     * SHA-256 of the form: of its template's source, or of the name of Llama 2's own.
     *
     * @throws ModelFormatException if there is no such template
     */
    public static String digest(ChatTemplateSource source, GgufMetadata metadata, Path modelFile) {
        return RequestDigest.sha256(
                switch (source) {
                    case ChatTemplateSource.Llama2 llama2 -> ChatTemplateSource.LLAMA2;
                    case ChatTemplateSource.Model model -> ofModel(metadata, modelFile);
                    case ChatTemplateSource.File file -> read(file.path());
                });
    }

    private static String ofModel(GgufMetadata metadata, Path modelFile) {
        return metadata.string(TEMPLATE_KEY)
                .orElseThrow(() -> ModelFormatException.expected(
                        modelFile, "key " + TEMPLATE_KEY, "a chat template", "no such key"));
    }

    private static ChatFormat template(Path file, String source, Tokenizer tokenizer) {
        try {
            TemplateFormat format = new TemplateFormat(source, tokenizer);
            format.check();
            return format;
        } catch (TemplateException e) {
            throw new ModelFormatException(file, "chat template: " + ModelFormatException.quote(e.getMessage()), e);
        }
    }

    private static String read(Path file) {
        try {
            if (Files.size(file) > MAX_TEMPLATE_BYTES) {
                throw ModelFormatException.expected(
                        file, "chat template", "at most " + MAX_TEMPLATE_BYTES + " bytes", Files.size(file));
            }
            return Files.readString(file);
        } catch (IOException e) {
            throw new ModelFormatException(
                    file, "chat template: cannot be read: " + ModelFormatException.quote(e.toString()), e);
        }
    }
}
