package io.llamastreams.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The corpus, and seeded damage to it, without a fuzzer. */
class FuzzCorpusTest {
    private static final int ROUNDS = 20;

    @ParameterizedTest
    @EnumSource(FuzzTarget.class)
    void everyInputOfTheCorpusKeepsTheTargetsPromises(FuzzTarget target) throws IOException {
        assertThat(target.inputs()).isNotEmpty();
        for (Path file : target.inputs()) {
            byte[] input = Files.readAllBytes(file);
            assertThatCode(() -> target.run(input)).as(file.toString()).doesNotThrowAnyException();
        }
    }

    @ParameterizedTest
    @EnumSource(FuzzTarget.class)
    void damagedInputsKeepThemToo(FuzzTarget target) throws IOException {
        Random random = new Random(7);
        for (Path file : target.inputs()) {
            for (int round = 0; round < ROUNDS; round++) {
                byte[] input = Files.readAllBytes(file);
                for (int i = 0; i <= round % 4 && input.length > 0; i++) {
                    input[random.nextInt(input.length)] = (byte) random.nextInt();
                }
                byte[] cut = Arrays.copyOf(input, round % 5 == 4 ? random.nextInt(input.length + 1) : input.length);
                assertThatCode(() -> target.run(cut))
                        .as("%s, round %d of seed 7", file, round)
                        .doesNotThrowAnyException();
            }
        }
    }
}
