package io.llamastreams.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.llamastreams.app.JarProcess.Result;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.model.load.TinyModel;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Bulk generation as a process of its own: files, pipes, Ctrl-C. */
class BatchIT {
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    @TempDir
    Path folder;

    private static String requests(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "{\"id\":\"r" + i + "\",\"prompt\":\"Story " + i + "\",\"max_new_tokens\":100}\n")
                .collect(Collectors.joining());
    }

    private static Object[] batch(Object in, Object out) {
        return new Object[] {"batch", "--model", TinyModel.f32(), "--in", in, "--out", out, "--threads", 1};
    }

    @Test
    void answersAFileAndKeepsStandardOutputClean() throws IOException, InterruptedException {
        Path in = Files.writeString(folder.resolve("in.jsonl"), requests(50));
        Path out = folder.resolve("out.jsonl");
        Result result = new JarProcess(folder).run(batch(in, out)).succeeded();
        assertThat(result.out()).isEmpty();
        assertThat(result.err().lines().reduce((first, last) -> last).orElseThrow())
                .startsWith("50 requests: 50 succeeded, ")
                .endsWith(" -> " + out);
        assertThat(result.err()).doesNotContain("WARN", "INFO");
        assertThat(Files.readAllLines(out)).hasSize(50);
    }

    @Test
    void aPipeIsAnsweredWhileItIsStillWritten() throws IOException, InterruptedException {
        JarProcess jar = new JarProcess(folder);
        Process process = jar.start(batch("-", "-"));
        try (OutputStream input = process.getOutputStream()) {
            for (int i = 1; i <= 3; i++) {
                input.write(("{\"id\":\"r" + i + "\",\"prompt\":\"Once\",\"max_new_tokens\":5}\n")
                        .getBytes(StandardCharsets.UTF_8));
                input.flush();
                int answered = i;
                await().atMost(TIMEOUT)
                        .until(() -> Files.readAllLines(folder.resolve("out")).size() == answered);
            }
        }
        Result result = jar.end(process).succeeded();
        assertThat(result.out().lines()).hasSize(3).allMatch(line -> line.contains("\"status\":\"SUCCEEDED\""));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void ctrlCLeavesWhatWasDone() throws IOException, InterruptedException {
        Path in = Files.writeString(folder.resolve("in.jsonl"), requests(200_000));
        Path out = folder.resolve("out.jsonl");
        JarProcess jar = new JarProcess(folder);
        Process process = jar.start(batch(in, out));
        await().atMost(TIMEOUT).until(() -> Files.exists(out) && Files.size(out) > 10_000);
        assertThat(new ProcessBuilder("kill", "-INT", Long.toString(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
        Result result = jar.end(process);
        assertThat(result.exitCode()).isEqualTo(128 + 2);
        assertThat(result.err()).contains("warning: interrupted", " succeeded, ");
        List<String> lines = Files.readAllLines(out);
        assertThat(lines.size()).isBetween(10, 199_999);
        for (String line : lines) {
            assertThat(Json.read(line).get("status").asText()).isEqualTo("SUCCEEDED");
        }
        assertThat(result.err()).contains(lines.size() + " requests: " + lines.size() + " succeeded");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aFullDiskIsOneError() throws IOException, InterruptedException {
        Path in = Files.writeString(folder.resolve("in.jsonl"), requests(3));
        Result result = new JarProcess(folder).run(batch(in, "/dev/full"));
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err())
                .contains("error: ")
                .contains("No space left on device")
                .doesNotContain("\tat ");
    }
}
