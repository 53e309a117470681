package io.llamastreams.model.load;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Files of the data folder beside the repository, described in the design under "Data for tests". */
public final class SharedData {
    private SharedData() {}

    /** Skips the test, by name, where the file is missing. */
    public static Path file(String name) {
        Path file = Path.of(System.getProperty("shared.dir", "../shared"), "data", name);
        Assumptions.assumeTrue(Files.exists(file), () -> "needs " + file);
        return file;
    }
}
