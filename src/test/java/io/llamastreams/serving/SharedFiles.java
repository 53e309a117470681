package io.llamastreams.serving;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Files of the data folder beside the repository; a test that needs one that is missing says so and is skipped. */
final class SharedFiles {
    private SharedFiles() {}

    static Path file(String name) {
        Path file = Path.of(System.getProperty("shared.dir", "../shared"), "data", name);
        Assumptions.assumeTrue(Files.exists(file), () -> "needs the shared test data: " + file);
        return file;
    }
}
