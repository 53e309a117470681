package io.llamastreams.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What is fuzzed. */
enum FuzzTarget {
    GGUF(GgufFuzz.class, 16_384, GgufFuzz::fuzzerTestOneInput),
    TOKENIZER(TokenizerFuzz.class, 8_192, TokenizerFuzz::fuzzerTestOneInput),
    RECORDS(RecordsFuzz.class, 4_096, RecordsFuzz::fuzzerTestOneInput),
    GRAMMAR(GrammarFuzz.class, 512, GrammarFuzz::fuzzerTestOneInput),
    CONFIGURATION(ConfigurationFuzz.class, 4_096, ConfigurationFuzz::fuzzerTestOneInput);

    private static final Path CORPUS = Path.of("src/test/resources/fuzz");

    private final Class<?> type;
    private final int maxBytes;
    private final Input input;

    /** Tries one input. */
    @FunctionalInterface
    interface Input {
        void run(byte[] bytes) throws IOException;
    }

    FuzzTarget(Class<?> type, int maxBytes, Input input) {
        this.type = type;
        this.maxBytes = maxBytes;
        this.input = input;
    }

    String className() {
        return type.getName();
    }

    /** Longest input that the fuzzer makes. */
    int maxBytes() {
        return maxBytes;
    }

    void run(byte[] bytes) throws IOException {
        input.run(bytes);
    }

    /** Folder of the inputs that every build tries. */
    Path corpus() {
        return CORPUS.resolve(name().toLowerCase(Locale.ROOT));
    }

    List<Path> inputs() throws IOException {
        try (Stream<Path> files = Files.list(corpus())) {
            return files.sorted().toList();
        }
    }
}
