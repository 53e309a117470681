package io.llamastreams.training.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingLogTest {

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void nameFile() {
        file = folder.resolve("training.jsonl");
    }

    @Test
    void readsBackWhatItWrote() throws IOException {
        List<TrainingReport> reports = List.of(
                report("pretrain", 0, 9.0109131),
                new TrainingReport(
                        "pretrain", 10, 5_000_000_000L, 1e-9, 3e-4, 0.1 + 0.2, 1.5e7, 12, OptionalDouble.of(2.625)),
                report("chat tuning_2.b-c", 1, -0.5),
                new TrainingReport(
                        "chat", 2, 0, Double.NaN, 0, Double.NaN, Double.NaN, 0, OptionalDouble.of(Double.NaN)));
        write(reports);
        assertThat(TrainingLog.read(file)).isEqualTo(reports);
    }

    @Test
    void writesLinesThatAreJson() throws IOException {
        write(List.of(
                new TrainingReport("pretrain", 120, 983_040, 2.5, 1.9e-3, 0.8, 5432.1, 181, OptionalDouble.of(2.625)),
                new TrainingReport(
                        "pretrain",
                        130,
                        983_041,
                        1e-7,
                        1e-5,
                        Double.POSITIVE_INFINITY,
                        1e9,
                        0,
                        OptionalDouble.empty())));
        List<String> lines = Files.readAllLines(file);
        assertThat(lines.getFirst())
                .isEqualTo("{\"phase\":\"pretrain\",\"step\":120,\"tokens\":983040,\"loss\":2.5,\"rate\":0.0019,"
                        + "\"gradientNorm\":0.8,\"tokensPerSecond\":5432.1,\"seconds\":181.0,\"heldOutLoss\":2.625}");
        JsonNode second = new ObjectMapper().readTree(lines.getLast());
        assertThat(second.get("loss").doubleValue()).isEqualTo(1e-7);
        assertThat(second.get("gradientNorm").isNull()).isTrue();
        assertThat(second.has("heldOutLoss")).isFalse();
    }

    @Test
    void hasEachLineInTheFileAtOnce() throws IOException {
        try (TrainingLog log = TrainingLog.create(file)) {
            log.append(report("pretrain", 1, 3));
            assertThat(TrainingLog.read(file)).hasSize(1);
            log.append(report("pretrain", 2, 2));
            assertThat(TrainingLog.read(file)).hasSize(2);
        }
    }

    @Test
    void dropsWhatComesAfterTheResumedStep() throws IOException {
        write(List.of(
                report("pretrain", 10, 3),
                report("pretrain", 20, 2),
                report("chat", 10, 1),
                report("chat", 20, 0.5),
                report("code", 10, 0.25)));
        try (TrainingLog log = TrainingLog.resume(file, Set.of("pretrain"), "chat", 19)) {
            log.append(report("chat", 20, 0.75));
        }
        assertThat(TrainingLog.read(file))
                .containsExactly(
                        report("pretrain", 10, 3),
                        report("pretrain", 20, 2),
                        report("chat", 10, 1),
                        report("chat", 20, 0.75));
        TrainingLog.resume(file, Set.of(), "pretrain", 10).close();
        assertThat(TrainingLog.read(file)).containsExactly(report("pretrain", 10, 3));
    }

    @Test
    void leavesOutALineThatAStopCutShort() throws IOException {
        write(List.of(report("pretrain", 10, 3), report("pretrain", 20, 2)));
        String whole = Files.readString(file);
        int firstEnd = whole.indexOf('\n') + 1;
        for (int length = firstEnd; length < whole.length(); length++) {
            Files.writeString(file, whole.substring(0, length));
            assertThat(TrainingLog.read(file)).containsExactly(report("pretrain", 10, 3));
            TrainingLog.resume(file, Set.of(), "pretrain", 50).close();
            assertThat(Files.readString(file)).isEqualTo(whole.substring(0, firstEnd));
        }
    }

    @Test
    void beginsWhereThereIsNoFileToResume() throws IOException {
        TrainingLog.resume(file, Set.of(), "pretrain", 50).close();
        assertThat(TrainingLog.read(file)).isEmpty();
    }

    @Test
    void rejectsLinesThatAreNoReports() throws IOException {
        write(List.of(report("pretrain", 10, 3)));
        String good = Files.readString(file);
        for (String bad : List.of(
                "",
                "{}",
                "\u0000\u00FF",
                good.strip() + " ",
                good.replace(":3.0", ":x").strip())) {
            Files.writeString(file, good + bad + "\n" + good);
            assertThatExceptionOfType(TrainingLogException.class)
                    .isThrownBy(() -> TrainingLog.resume(file, Set.of(), "pretrain", 50))
                    .withMessageStartingWith(file + ": line 2: expected a report of training, found ");
            assertThat(Files.readString(file)).isEqualTo(good + bad + "\n" + good);
        }
    }

    @Test
    void rejectsReportsThatWouldNotReadBack() {
        assertThatIllegalArgumentException().isThrownBy(() -> report("quo\"te", 1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> report("", 1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> report("pretrain", -1, 1));
    }

    private void write(List<TrainingReport> reports) throws IOException {
        try (TrainingLog log = TrainingLog.create(file)) {
            for (TrainingReport report : reports) {
                log.append(report);
            }
        }
    }

    private static TrainingReport report(String phase, int step, double loss) {
        return new TrainingReport(
                phase, step, 1_000L * step, loss, 1e-3, 0.5, 2e4, 0.05 * step, OptionalDouble.empty());
    }
}
