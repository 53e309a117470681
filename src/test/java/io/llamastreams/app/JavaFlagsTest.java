package io.llamastreams.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The flags of Java that the engine needs: told in one file, and read from there by all that start Java. */
class JavaFlagsTest {
    private static final Path FILE = Path.of("src/main/resources/io/llamastreams/app/java.args");

    /** Where files that start Java lie; documents may name a flag. */
    private static final List<Path> PLACES = Stream.of("pom.xml", ".ci", ".mvn", "deploy", "src")
            .map(Path::of)
            .filter(Files::exists)
            .toList();

    @Test
    void mainReadsThemAsJavaDoes() throws IOException {
        assertThat(Main.flags())
                .startsWith("--add-modules", "jdk.incubator.vector")
                .hasSize(4)
                .allMatch(flag -> !flag.contains("#"));
        // These tests are started with the file itself.
        assertThat(ManagementFactory.getRuntimeMXBean().getInputArguments())
                .contains("--add-modules=jdk.incubator.vector")
                .containsAll(Main.flags().subList(2, 4));
    }

    @Test
    void noOtherFileTellsThem() throws IOException {
        List<String> flags = Main.flags().subList(2, 4);
        for (Path place : PLACES) {
            try (Stream<Path> files = Files.walk(place)) {
                assertThat(files.filter(Files::isRegularFile)
                                .filter(file -> !file.toString().endsWith(".md"))
                                .filter(file -> flags.stream().anyMatch(read(file)::contains)))
                        .allMatch(FILE::equals);
            }
        }
    }

    @Test
    void buildAndImageTakeThemFromTheFile() {
        assertThat(read(Path.of("pom.xml"))).contains("/" + FILE + "\"</engine.jvm.args>");
        assertThat(read(Path.of("deploy/Dockerfile")))
                .contains("jar xf llama-streams.jar io/llamastreams/app/java.args")
                .contains("RUN java @/opt/llama-streams/java.args ")
                .contains("ENTRYPOINT [\"java\", \"@/opt/llama-streams/java.args\", ");
    }

    /** Byte for byte: some files of tests are no text. */
    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
