package io.llamastreams.topology.prompt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrefixPlacementTest {

    @Test
    void sameBeginningsMeetOnOnePartitionWhileThatHasRoom() {
        PrefixPlacement placement = new PrefixPlacement(6);
        Map<Long, Set<Integer>> places = new HashMap<>();
        for (int i = 0; i < 6_000; i++) {
            long prefix = i % 60;
            places.computeIfAbsent(prefix, key -> new HashSet<>()).add(placement.place(prefix));
        }
        assertThat(places.values().stream().mapToInt(Set::size).average().orElseThrow())
                .as("partitions of a beginning")
                .isLessThan(1.7);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 6, 7, 12})
    void noPartitionGetsMuchMoreThanItsShareWhateverTheBeginnings(int partitions) {
        Random random = new Random(partitions);
        for (int beginnings : new int[] {1, 2, 10, 1000}) {
            PrefixPlacement placement = new PrefixPlacement(partitions);
            int[] counts = new int[partitions];
            int prompts = 1_000;
            for (int i = 0; i < prompts; i++) {
                // the first beginning is as common as all others together
                counts[placement.place(random.nextBoolean() ? 0 : random.nextInt(beginnings))]++;
            }
            int most = Arrays.stream(counts).max().orElseThrow();
            assertThat(most)
                    .as("%d beginnings on %d partitions", beginnings, partitions)
                    .isLessThanOrEqualTo(prompts * 5 / 4 / partitions + 34);
        }
    }

    @Test
    void commonBeginningOverflowsToOnePartitionAfterTheOther() {
        PrefixPlacement placement = new PrefixPlacement(6);
        assertThat(IntStream.range(0, 32)
                        .map(i -> placement.place(7))
                        .distinct()
                        .count())
                .isEqualTo(1);
        // Of 432 prompts none of the six gets more than 5/4 of a sixth and 32: four have room for them all.
        assertThat(IntStream.range(0, 400)
                        .map(i -> placement.place(7))
                        .distinct()
                        .count())
                .isEqualTo(4);
    }

    @Test
    void choiceIsAFunctionOfThePromptsBefore() {
        PrefixPlacement one = new PrefixPlacement(6);
        PrefixPlacement other = new PrefixPlacement(6);
        Random random = new Random(3);
        for (int i = 0; i < 5_000; i++) {
            long prefix = random.nextInt(40);
            assertThat(one.place(prefix)).isEqualTo(other.place(prefix)).isBetween(0, 5);
        }
    }
}
