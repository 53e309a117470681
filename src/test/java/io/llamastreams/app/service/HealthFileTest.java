package io.llamastreams.app.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HealthFileTest {

    @TempDir
    private Path folder;

    private long nanos = Long.MAX_VALUE - 10; // runs over soon, as a nano clock may

    private HealthFile health(Path file) {
        return HealthFile.of(Optional.of(file), () -> nanos);
    }

    @Test
    void isThereFromTheFirstBeatToTheEnd() throws IOException {
        Path file = folder.resolve("health");
        Files.writeString(file, "left by another process");
        try (HealthFile health = health(file)) {
            assertThat(file).doesNotExist();
            health.beat();
            assertThat(file).exists();
        }
        assertThat(file).doesNotExist();
    }

    @Test
    void isWrittenOnceInAnInterval() throws IOException {
        Path file = folder.resolve("health");
        try (HealthFile health = health(file)) {
            health.beat();
            Files.delete(file);
            nanos += HealthFile.INTERVAL.toNanos() - 1;
            health.beat();
            assertThat(file).doesNotExist();
            nanos += 1;
            health.beat();
            assertThat(file).exists();
        }
    }

    @Test
    void serviceGoesOnWhereTheFileCannotBeWritten() {
        try (HealthFile health = health(folder.resolve("missing/health"))) {
            assertThatCode(health::beat).doesNotThrowAnyException();
        }
    }

    @Test
    void nothingIsWrittenWhereNobodyWatches() {
        try (HealthFile health = HealthFile.of(Optional.empty(), () -> nanos)) {
            assertThatCode(health::beat).doesNotThrowAnyException();
        }
    }
}
