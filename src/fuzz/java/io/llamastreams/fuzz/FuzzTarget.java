package io.llamastreams.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What is fuzzed. */
enum FuzzTarget {
    GGUF(GgufFuzz.class, 16_384),
    TOKENIZER(TokenizerFuzz.class, 8_192),
    RECORDS(RecordsFuzz.class, 4_096),
    GRAMMAR(GrammarFuzz.class, 512),
    CONFIGURATION(ConfigurationFuzz.class, 4_096);

    private static final Path CORPUS = Path.of("src/test/resources/fuzz");

    private final Class<?> type;
    private final int maxBytes;

    FuzzTarget(Class<?> type, int maxBytes) {
        this.type = type;
        this.maxBytes = maxBytes;
    }

    String className() {
        return type.getName();
    }

    /** Longest input that the fuzzer makes. */
    int maxBytes() {
        return maxBytes;
    }

    void run(byte[] bytes) throws IOException {
        switch (this) {
            case GGUF -> GgufFuzz.fuzzerTestOneInput(bytes);
            case TOKENIZER -> TokenizerFuzz.fuzzerTestOneInput(bytes);
            case RECORDS -> RecordsFuzz.fuzzerTestOneInput(bytes);
            case GRAMMAR -> GrammarFuzz.fuzzerTestOneInput(bytes);
            case CONFIGURATION -> ConfigurationFuzz.fuzzerTestOneInput(bytes);
        }
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
