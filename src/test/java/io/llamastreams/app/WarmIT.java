package io.llamastreams.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.app.JarProcess.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The cache of {@code java -jar llama-streams.jar warm}: used where it fits, and where not, nobody notices. */
class WarmIT {
    private static final Path TARGET = Path.of("target").toAbsolutePath();
    private static final String[] QUESTION = {"tickets", "--count", "2"};

    @TempDir
    Path folder;

    @Test
    void whatItMakesIsUsedUntilSomethingChanges() throws IOException, InterruptedException {
        Path jar = copyOfTheProgram();
        Path cache = folder.resolve("llama-streams.aot");
        String expected = ask(jar, false);

        Result made = process(jar).run("warm").succeeded();
        assertThat(made.out()).isEmpty();
        assertThat(made.err()).contains(cache + ", ", " MB; later starts use it");
        assertThat(cache).isNotEmptyFile();
        try (var files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .filteredOn(name -> name.startsWith("llama-streams.aot"))
                    .containsExactly("llama-streams.aot");
        }
        assertThat(ask(jar, true)).isEqualTo(expected);

        Path good = Files.copy(cache, folder.resolve("kept"));
        Files.write(cache, new byte[1000]);
        assertThat(ask(jar, false)).as("a file that is no cache").isEqualTo(expected);
        Files.copy(good, cache, StandardCopyOption.REPLACE_EXISTING);
        try (var channel = Files.newByteChannel(cache, StandardOpenOption.WRITE)) {
            channel.truncate(Files.size(cache) / 2);
        }
        assertThat(ask(jar, false)).as("half a cache").isEqualTo(expected);
        Files.copy(good, cache, StandardCopyOption.REPLACE_EXISTING);
        assertThat(ask(jar, true)).as("the cache again").isEqualTo(expected);
        Files.setLastModifiedTime(jar, FileTime.from(Instant.parse("2030-01-01T00:00:00Z")));
        assertThat(ask(jar, false)).as("another jar").isEqualTo(expected);
    }

    /** Asks for tickets, and looks where Java takes the program's classes from. */
    private String ask(Path jar, boolean fromCache) throws IOException, InterruptedException {
        Path classes = folder.resolve("classes.log");
        Result result = process(jar)
                .javaFlags("-Xlog:class+load:file=" + classes)
                .run((Object[]) QUESTION)
                .succeeded();
        assertThat(result.err()).isEmpty();
        assertThat(Files.readString(classes).lines().filter(line -> line.contains(" io.llamastreams.app.tickets.")))
                .isNotEmpty()
                .map(line -> line.contains("shared objects file"))
                .allMatch(shared -> fromCache || !shared)
                .contains(fromCache);
        Files.delete(classes);
        return result.out();
    }

    private JarProcess process(Path jar) {
        return new JarProcess(folder).jar(jar);
    }

    /** Beside which a cache may be put without other tests using it. */
    private Path copyOfTheProgram() throws IOException {
        new JarProcess(folder);
        Files.createSymbolicLink(folder.resolve("lib"), TARGET.resolve("lib"));
        return Files.copy(TARGET.resolve("llama-streams.jar"), folder.resolve("llama-streams.jar"));
    }
}
