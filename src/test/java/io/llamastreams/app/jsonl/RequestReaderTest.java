package io.llamastreams.app.jsonl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RequestReaderTest {
    @TempDir
    Path folder;

    private static List<RequestLine> read(byte[] file) throws IOException {
        List<RequestLine> lines = new ArrayList<>();
        try (RequestSource source =
                new RequestReader(new ByteArrayInputStream(file), InstantSource.system(), warning -> {})) {
            drain(source, lines);
        }
        return lines;
    }

    private static void drain(RequestSource source, List<RequestLine> lines) throws IOException {
        for (Optional<RequestLine> line = source.next(); line.isPresent(); line = source.next()) {
            lines.add(line.get());
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void goesOnAfterABadLine() throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(utf8("{\"id\":\"a\",\"prompt\":\"x\"}\r\n\n   \nnonsense\n"));
        file.writeBytes(new byte[] {'"', (byte) 0xC3, '"', '\n'});
        file.writeBytes(utf8("{\"id\":\"b\",\"prompt\":\"ä\"}"));
        List<RequestLine> lines = read(file.toByteArray());
        assertThat(lines).extracting(RequestLine::id).containsExactly("a", "line-4", "line-5", "b");
        assertThat(((RequestLine.Refused) lines.get(2)).reason()).isEqualTo("line 5: not UTF-8");
    }

    @Test
    void readsNothingFromAnEmptyFile() throws IOException {
        assertThat(read(new byte[0])).isEmpty();
        assertThat(read(utf8("\n\n"))).isEmpty();
    }

    @Test
    void dropsAByteOrderMark() throws IOException {
        assertThat(read(utf8("\uFEFF{\"id\":\"a\",\"prompt\":\"x\"}\n")))
                .extracting(RequestLine::id)
                .containsExactly("a");
    }

    @Test
    void givesTheSameLinesInAnOrderThatTheSeedDecides() throws IOException {
        StringBuilder text = new StringBuilder("\uFEFF");
        for (int i = 0; i < 100; i++) {
            text.append("{\"id\":\"")
                    .append(i)
                    .append("\",\"prompt\":\"")
                    .append("ä".repeat(i))
                    .append("\"}\n");
            text.append(i % 7 == 0 ? "\n" : i % 9 == 0 ? "nonsense\n" : "");
        }
        text.append("{\"id\":\"last\",\"prompt\":\"no line end\"}");
        Path file = Files.write(folder.resolve("in.jsonl"), utf8(text.toString()));
        List<RequestLine> inOrder = read(utf8(text.toString()));
        List<RequestLine> shuffled = shuffled(file, 1);
        assertThat(shuffled).containsExactlyInAnyOrderElementsOf(inOrder).isNotEqualTo(inOrder);
        assertThat(shuffled(file, 1)).isEqualTo(shuffled);
        assertThat(shuffled(file, 2)).isNotEqualTo(shuffled);
    }

    private static List<RequestLine> shuffled(Path file, long seed) throws IOException {
        List<RequestLine> lines = new ArrayList<>();
        try (RequestSource source = new ShuffledRequests(file, seed, InstantSource.system(), warning -> {})) {
            drain(source, lines);
        }
        return lines;
    }

    @Test
    void saysWhetherTheNextLineWouldHaveToBeWaitedFor() throws IOException {
        try (PipedOutputStream writer = new PipedOutputStream();
                RequestSource source =
                        new RequestReader(new PipedInputStream(writer), InstantSource.system(), warning -> {})) {
            assertThat(source.mayBlock()).isTrue();
            writer.write(utf8("{\"id\":\"a\",\"prompt\":\"\"}\n"));
            assertThat(source.mayBlock()).isFalse();
            assertThat(source.next()).isPresent();
            assertThat(source.mayBlock()).isTrue();
        }
    }

    @Test
    void skipsALineThatIsTooLongAndKeepsThePlaceOfTheNext() throws IOException {
        try (LineReader lines = new LineReader(new ByteArrayInputStream(utf8("abc\nabcdef\n\nxy")), 4)) {
            assertThat(lines.next()).isTrue();
            assertThat(StandardCharsets.UTF_8.decode(lines.bytes()).toString()).isEqualTo("abc");
            assertThat(lines.next()).isTrue();
            assertThat(lines.isTooLong()).isTrue();
            assertThat(lines.next()).isTrue();
            assertThat(lines.isTooLong()).isFalse();
            assertThat(lines.bytes().hasRemaining()).isFalse();
            assertThat(lines.next()).isTrue();
            assertThat(lines.number()).isEqualTo(4);
            assertThat(lines.lineOffset()).isEqualTo(12);
            assertThat(lines.next()).isFalse();
            assertThat(lines.number()).isEqualTo(4);
        }
    }

    @Test
    void splitsTheSameHoweverTheBytesArrive() throws IOException {
        long seed = 42;
        Random random = new Random(seed);
        for (int round = 0; round < 50; round++) {
            StringBuilder text = new StringBuilder();
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                String line = "x".repeat(random.nextInt(4) == 0 ? random.nextInt(9000) : random.nextInt(10));
                expected.add(line);
                text.append(line).append('\n');
            }
            List<String> found = new ArrayList<>();
            try (LineReader lines = new LineReader(dripping(utf8(text.toString()), random), 1 << 20)) {
                while (lines.next()) {
                    found.add(StandardCharsets.UTF_8.decode(lines.bytes()).toString());
                }
            }
            assertThat(found).as("seed %d round %d", seed, round).isEqualTo(expected);
        }
    }

    private static InputStream dripping(byte[] bytes, Random random) {
        return new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(length, 1 + random.nextInt(700)));
            }
        };
    }
}
