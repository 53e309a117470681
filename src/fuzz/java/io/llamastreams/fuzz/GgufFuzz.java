package io.llamastreams.fuzz;

import io.llamastreams.model.load.ModelDescription;
import io.llamastreams.model.load.ModelFormatException;
import io.llamastreams.model.load.ModelLoader;
import io.llamastreams.model.load.WeightStorage;
import io.llamastreams.serving.session.ModelVocabulary;
import io.llamastreams.tensor.kernel.WorkerPool;
import io.llamastreams.tokenizer.Tokenizer;
import io.llamastreams.tokenizer.Vocabulary;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The reader of GGUF files. The input is how the file begins; zeros stand behind it, so that a sound header has its weights.
 * A file is read, or refused by {@link ModelFormatException} in one line that names it, and costs heap in proportion to its
 * header only, whatever sizes it claims.
 */
public final class GgufFuzz {
    private static final int ZEROS = 400_000;
    private static final long MOST_BYTES = 8L << 20;
    private static final int MOST_BYTES_PER_BYTE = 256;

    private static final WorkerPool WORKERS = new WorkerPool(1);
    private static final Path FILE = temporary();

    private GgufFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        Files.write(FILE, input);
        try (RandomAccessFile file = new RandomAccessFile(FILE.toFile(), "rw")) {
            file.setLength(input.length + ZEROS);
        }
        Allocation.atMost(MOST_BYTES + (long) MOST_BYTES_PER_BYTE * input.length, () -> {
            refusable(() -> ModelLoader.look(FILE, ModelDescription::of));
            refusable(() -> ModelLoader.load(FILE, WeightStorage.MAPPED, WORKERS, ModelLoader.Progress.NONE)
                    .model()
                    .close());
        });
        refusable(() -> {
            Vocabulary vocabulary = ModelVocabulary.read(FILE);
            int[] ids = new Tokenizer(vocabulary).encode("Hello, it is 7 o'clock");
            for (int id : ids) {
                Expect.that(id >= 0 && id < vocabulary.size(), "a known token, found " + id);
            }
        });
    }

    private static void refusable(Runnable reading) {
        try {
            reading.run();
        } catch (ModelFormatException e) {
            Expect.oneLine(e);
            Expect.that(e.getMessage().startsWith(FILE.toString()), "the file's name, found " + e.getMessage());
        }
    }

    private static Path temporary() {
        try {
            Path file = Files.createTempFile("llama-fuzz", ".gguf");
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
