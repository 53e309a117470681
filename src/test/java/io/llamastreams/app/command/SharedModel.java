package io.llamastreams.app.command;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** The small trained model that lies outside the repository. */
final class SharedModel {

    private SharedModel() {}

    /** Skips the test, by name, where the model is not there. */
    static Path stories260K() {
        Path model = Path.of(System.getProperty("shared.dir", "../shared"), "data", "stories260K-f32.gguf")
                .toAbsolutePath()
                .normalize();
        assumeTrue(Files.exists(model), "needs " + model);
        return model;
    }
}
