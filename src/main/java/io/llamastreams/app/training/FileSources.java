package io.llamastreams.app.training;

import com.fasterxml.jackson.databind.JsonNode;
import io.llamastreams.app.accuracy.ExpectedRequests;
import io.llamastreams.app.client.PromptFile;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.app.jsonl.RequestLine;
import io.llamastreams.app.jsonl.RequestSource;
import io.llamastreams.app.jsonl.TextReader;
import io.llamastreams.app.terminal.CommandFailure;
import io.llamastreams.serving.PromptInput;
import io.llamastreams.training.data.Dialogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Training data of the user's: files of texts and dialogues, held in memory, gone through over and over. */
public final class FileSources {
    private FileSources() {}

    /**
     * Reads everything.
     *
     * @param texts a {@code {"text"}} in a line
     * @param dialogues lines as for {@code eval}, with {@code messages} and {@code expected}
     * @param heldOut likewise
     * @param warnings takes a sentence for each unknown field name
     * @throws CommandFailure if a file is empty, or a line is no dialogue
     * @throws IOException also if a line is not of its form; the message names it
     */
    public static TrainingSources read(
            Path texts, Optional<Path> dialogues, Optional<Path> heldOut, Consumer<String> warnings)
            throws IOException {
        List<String> allTexts = texts(texts);
        List<Dialogue> allDialogues = dialogues.isPresent() ? dialogues(dialogues.get(), warnings) : List.of();
        return new TrainingSources(
                digest(texts) + (dialogues.isPresent() ? digest(dialogues.get()) : ""),
                index -> allTexts.get((int) (index % allTexts.size())),
                index -> allDialogues.get((int) (index % allDialogues.size())),
                index -> allDialogues.get((int) (index % allDialogues.size())),
                List.of(),
                heldOut.isPresent() ? dialogues(heldOut.get(), warnings) : List.of());
    }

    private static List<String> texts(Path file) throws IOException {
        List<String> texts = new ArrayList<>();
        try (TextReader reader = new TextReader(Files.newInputStream(file), file.toString())) {
            for (Optional<String> text = reader.next(); text.isPresent(); text = reader.next()) {
                texts.add(text.get());
            }
        }
        requireSome(file, "texts", texts);
        return texts;
    }

    private static List<Dialogue> dialogues(Path file, Consumer<String> warnings) throws IOException {
        List<Dialogue> dialogues = new ArrayList<>();
        try (RequestSource lines = new ExpectedRequests(
                PromptFile.named(file.toString()).open(InstantSource.system(), warnings), file.toString())) {
            for (Optional<RequestLine> line = lines.next(); line.isPresent(); line = lines.next()) {
                dialogues.add(dialogue(file, line.get()));
            }
        }
        requireSome(file, "dialogues", dialogues);
        return dialogues;
    }

    private static Dialogue dialogue(Path file, RequestLine line) {
        return switch (line) {
            case RequestLine.Accepted accepted ->
                new Dialogue(
                        messages(file, accepted), answer(accepted.expected().orElseThrow()));
            case RequestLine.Refused refused -> throw new CommandFailure(file + ": " + refused.reason());
        };
    }

    private static List<PromptInput.Message> messages(Path file, RequestLine.Accepted line) {
        return switch (line.prompt().input()) {
            case PromptInput.Messages messages -> messages.messages();
            case PromptInput.Text ignored -> throw noMessages(file, line);
            case PromptInput.Tokens ignored -> throw noMessages(file, line);
        };
    }

    private static CommandFailure noMessages(Path file, RequestLine.Accepted line) {
        return new CommandFailure(file + ": " + line.id() + ": expected messages, found another prompt");
    }

    /** Text as it is, an object as compact JSON. */
    private static String answer(JsonNode expected) {
        return expected.isTextual() ? expected.asText() : Json.write(expected);
    }

    private static void requireSome(Path file, String things, List<?> found) {
        if (found.isEmpty()) {
            throw new CommandFailure(file + ": expected " + things + ", found none");
        }
    }

    private static String digest(Path file) throws IOException {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
