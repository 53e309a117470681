package io.llamastreams.app.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompletionSinkTest {
    @TempDir
    Path folder;

    private long nowNanos;

    @Test
    void linesReachTheFileWithinASecond() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (CompletionSink sink = CompletionFile.of(bytes, () -> nowNanos)) {
            sink.write(0, "a");
            nowNanos = Duration.ofMillis(999).toNanos();
            sink.write(1, "b");
            assertThat(bytes.size()).isZero();
            nowNanos = Duration.ofSeconds(1).toNanos();
            sink.write(2, "\u00e4");
            assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo("a\nb\n\u00e4\n");
            sink.write(3, "c");
            sink.flush();
            assertThat(bytes.toString(StandardCharsets.UTF_8)).endsWith("c\n");
        }
    }

    @Test
    void anExistingFileIsReplaced() throws IOException {
        Path file = Files.writeString(folder.resolve("out"), "old and longer\n");
        try (CompletionSink sink = CompletionFile.of(file, () -> nowNanos)) {
            sink.write(0, "new");
        }
        assertThat(file).hasContent("new\n");
    }

    @Test
    void putsLinesInOrderHoweverTheyCome() throws IOException {
        for (long seed = 0; seed < 20; seed++) {
            List<Integer> order =
                    new ArrayList<>(IntStream.range(0, 200).boxed().toList());
            Collections.shuffle(order, new Random(seed));
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (CompletionSink sink = new InOrder(CompletionFile.of(bytes, () -> nowNanos))) {
                for (int index : order) {
                    sink.write(index, "line " + index);
                }
            }
            assertThat(bytes.toString(StandardCharsets.UTF_8))
                    .as("seed %d", seed)
                    .isEqualTo(IntStream.range(0, 200)
                            .mapToObj(i -> "line " + i + "\n")
                            .collect(Collectors.joining()));
        }
    }

    @Test
    void writesWhatWasHeldBackWhenItEndsEarly() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (CompletionSink sink = new InOrder(CompletionFile.of(bytes, () -> nowNanos))) {
            long limit = sink.indexLimit();
            sink.write(0, "0");
            assertThat(sink.indexLimit()).isEqualTo(limit + 1);
            sink.write(5, "5");
            sink.write(3, "3");
            assertThat(sink.indexLimit()).isEqualTo(limit + 1);
        }
        assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo("0\n3\n5\n");
    }
}
