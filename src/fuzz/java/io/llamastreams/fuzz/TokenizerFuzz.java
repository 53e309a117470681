package io.llamastreams.fuzz;

import io.llamastreams.serving.session.ModelVocabulary;
import io.llamastreams.tokenizer.SentencePieceModel;
import io.llamastreams.tokenizer.TextDecoder;
import io.llamastreams.tokenizer.Tokenizer;
import io.llamastreams.tokenizer.TokenizerFormatException;
import io.llamastreams.tokenizer.Vocabulary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The tokenizer. The first byte chooses: a {@code tokenizer.model} is read or refused by {@link TokenizerFormatException}; or a
 * text is encoded with the built-in model's vocabulary, and decodes to itself, also token by token; or any ids are decoded.
 */
public final class TokenizerFuzz {
    private static final Path MODEL = Path.of("src/main/resources/io/llamastreams/app/demo/support-tickets.gguf");
    private static final Tokenizer BUILT_IN = new Tokenizer(ModelVocabulary.read(MODEL));
    private static final Path FILE = temporary();
    private static final long MOST_BYTES = 4L << 20;
    private static final int MOST_BYTES_PER_BYTE = 512;

    private TokenizerFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        if (input.length == 0) {
            return;
        }
        byte[] rest = Arrays.copyOfRange(input, 1, input.length);
        switch (input[0] & 3) {
            case 0 -> readModel(rest);
            case 1, 2 -> roundTrip(BUILT_IN, new String(rest, StandardCharsets.UTF_8));
            default -> decode(rest);
        }
    }

    private static void readModel(byte[] bytes) throws IOException {
        Files.write(FILE, bytes);
        Allocation.atMost(MOST_BYTES + (long) MOST_BYTES_PER_BYTE * bytes.length, () -> {
            try {
                Vocabulary vocabulary = SentencePieceModel.read(FILE);
                Tokenizer tokenizer = new Tokenizer(vocabulary);
                for (int id : tokenizer.encodePrompt("Hello, it is 7 o'clock \u00e4\ud83d\ude00")) {
                    Expect.that(id >= 0 && id < vocabulary.size(), "a known token, found " + id);
                }
            } catch (TokenizerFormatException e) {
                Expect.oneLine(e);
            }
        });
    }

    private static void roundTrip(Tokenizer tokenizer, String text) {
        int[] ids = tokenizer.encode(text);
        // U+2581 is how pieces write a space.
        String expected = text.replace('\u2581', ' ');
        Expect.that(tokenizer.decode(ids).equals(expected), "the text itself, found " + tokenizer.decode(ids));
        TextDecoder decoder = tokenizer.newDecoder(true);
        StringBuilder pieces = new StringBuilder();
        for (int id : ids) {
            Expect.that(!tokenizer.isControl(id), "no control token, found " + id);
            decoder.append(id, pieces);
        }
        Expect.that(pieces.append(decoder.flush()).toString().equals(expected), "the text itself, piece by piece");
        Expect.that(tokenizer.fewestTokens(text) <= ids.length, "no more tokens foretold than found");
        byte[] utf8 = expected.getBytes(StandardCharsets.UTF_8);
        Expect.that(ids.length <= utf8.length + 1, "at most a token for each byte, found " + ids.length);
    }

    private static void decode(byte[] bytes) {
        int[] ids = new int[bytes.length / 2];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = ((bytes[2 * i] & 0xFF) << 8 | bytes[2 * i + 1] & 0xFF) % BUILT_IN.vocabularySize();
        }
        String text = BUILT_IN.decode(ids);
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        Expect.that(
                new String(utf8, StandardCharsets.UTF_8).equals(text),
                "text without halves of characters, found " + text);
        roundTrip(BUILT_IN, text);
    }

    private static Path temporary() {
        try {
            Path file = Files.createTempFile("llama-fuzz", ".model");
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
