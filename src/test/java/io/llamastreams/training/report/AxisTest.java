package io.llamastreams.training.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AxisTest {

    @Test
    void endsAtRoundNumbersAroundTheRange() {
        assertThat(labels(Axis.linear(1.13, 7.64, 7))).containsExactly("1", "2", "3", "4", "5", "6", "7", "8");
        assertThat(labels(Axis.linear(0, 2e-3, 5))).containsExactly("0.0000", "0.0005", "0.0010", "0.0015", "0.0020");
        assertThat(labels(Axis.linear(0.61, 0.69, 5))).containsExactly("0.60", "0.62", "0.64", "0.66", "0.68", "0.70");
        assertThat(labels(Axis.linear(-3, 3, 4))).containsExactly("-4", "-2", "0", "2", "4");
        assertThat(labels(Axis.linear(120, 3_456, 4))).containsExactly("0", "1000", "2000", "3000", "4000");
        assertThat(labels(Axis.linear(5, 5, 5))).containsExactly("5", "6");
        assertThat(labels(Axis.linear(0, 0, 5))).containsExactly("0.0", "0.2");
    }

    @Test
    void thinsTicksOfALogarithmicAxisWithItsRange() {
        assertThat(labels(Axis.logarithmic(1.13, 3.2))).containsExactly("1", "1.2", "1.5", "2", "2.5", "3", "4");
        assertThat(labels(Axis.logarithmic(0.3, 0.8))).containsExactly("0.3", "0.4", "0.5", "0.6", "0.8");
        assertThat(labels(Axis.logarithmic(0.03, 7)))
                .containsExactly("0.02", "0.05", "0.1", "0.2", "0.5", "1", "2", "5", "10");
        assertThat(labels(Axis.logarithmic(1e-4, 7))).containsExactly("0.0001", "0.001", "0.01", "0.1", "1", "10");
        assertThat(labels(Axis.logarithmic(10, 30))).startsWith("10").endsWith("30");
    }

    @Test
    void countsStepsInWholeNumbersFromZero() {
        assertThat(labels(Axis.ofSteps(3_000, 6))).containsExactly("0", "500", "1000", "1500", "2000", "2500", "3000");
        assertThat(labels(Axis.ofSteps(640, 3))).containsExactly("0", "500");
        assertThat(labels(Axis.ofSteps(2, 10))).containsExactly("0", "1", "2");
        assertThat(labels(Axis.ofSteps(0, 1))).containsExactly("0", "1");
        assertThat(Axis.ofSteps(640, 3).fraction(640)).isEqualTo(1);
    }

    @Test
    void placesNumbersBetweenItsEnds() {
        Axis linear = Axis.linear(0, 4, 4);
        assertThat(linear.fraction(0)).isZero();
        assertThat(linear.fraction(1)).isEqualTo(0.25);
        Axis logarithmic = Axis.logarithmic(1, 100);
        assertThat(logarithmic.fraction(1)).isZero();
        assertThat(logarithmic.fraction(10)).isCloseTo(0.5, within(1e-12));
        assertThat(logarithmic.fraction(100)).isEqualTo(1);
    }

    @Test
    void holdsAnyRangeWithFewTicks() {
        long seed = 11;
        Random random = new Random(seed);
        for (int i = 0; i < 10_000; i++) {
            double low = Math.pow(10, 12 * random.nextDouble() - 8);
            double high = low * (2 + Math.pow(10, 6 * random.nextDouble() - 3));
            for (Axis axis : List.of(Axis.linear(low, high, 7), Axis.logarithmic(low, high))) {
                String which = "seed " + seed + ", round " + i + ": " + axis;
                assertThat(axis.fraction(low)).as(which).isBetween(-1e-9, 1.0);
                assertThat(axis.fraction(high)).as(which).isBetween(0.0, 1 + 1e-9);
                assertThat(axis.ticks()).as(which).hasSizeBetween(2, 20).isSorted();
                assertThat(axis.ticks().getFirst()).as(which).isEqualTo(axis.low());
                assertThat(axis.ticks().getLast()).as(which).isEqualTo(axis.high());
            }
        }
    }

    private static List<String> labels(Axis axis) {
        return axis.ticks().stream().map(BigDecimal::toPlainString).toList();
    }
}
