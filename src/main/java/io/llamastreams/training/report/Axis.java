package io.llamastreams.training.report;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/**
 * An axis from {@code low} to {@code high} with ticks at round numbers, rising.
 *
 * @param logarithmic whether equal distances are equal factors; {@code low} is above 0 then
 */
record Axis(BigDecimal low, BigDecimal high, List<BigDecimal> ticks, boolean logarithmic) {

    /** Ticks of a linear axis are multiples of one of these, times a power of ten. */
    private static final List<BigDecimal> ROUND_STEPS = numbers("1", "2", "5", "10");

    /** Ticks of a logarithmic axis are these times the powers of ten: the more powers, the fewer. */
    private static final List<BigDecimal> FINE_FACTORS =
            numbers("1", "1.2", "1.5", "2", "2.5", "3", "4", "5", "6", "8");

    private static final List<BigDecimal> COARSE_FACTORS = numbers("1", "2", "5");
    private static final List<BigDecimal> POWERS_ALONE = numbers("1");

    Axis {
        ticks = List.copyOf(ticks);
    }

    private static List<BigDecimal> numbers(String... texts) {
        return List.of(texts).stream().map(BigDecimal::new).toList();
    }

    /** Linear, both ends are ticks: the narrowest such axis that holds {@code low} and {@code high}. */
    static Axis linear(double low, double high, int maxTicks) {
        BigDecimal tick = tick(high > low ? high - low : Math.max(Math.abs(high), 1), maxTicks);
        BigDecimal bottom = multiple(low, tick, RoundingMode.FLOOR);
        BigDecimal top = multiple(high, tick, RoundingMode.CEILING).max(bottom.add(tick));
        return new Axis(bottom, top, multiples(bottom, top, tick), false);
    }

    /** Logarithmic, both ends are ticks; {@code low} above 0 and below {@code high}. */
    static Axis logarithmic(double low, double high) {
        double range = high / low;
        List<BigDecimal> factors = range <= 30 ? FINE_FACTORS : range <= 1e4 ? COARSE_FACTORS : POWERS_ALONE;
        List<BigDecimal> ticks = new ArrayList<>();
        for (int power = exponent(low); ; power++) {
            for (BigDecimal factor : factors) {
                BigDecimal at = plain(factor.scaleByPowerOfTen(power));
                if (at.doubleValue() <= low) {
                    ticks.clear(); // the last one at or below is the first tick
                }
                ticks.add(at);
                if (at.doubleValue() >= high) {
                    return new Axis(ticks.getFirst(), at, ticks, true);
                }
            }
        }
    }

    /** Linear from 0 exactly to {@code high}; ticks are whole numbers. */
    static Axis ofSteps(int high, int maxTicks) {
        BigDecimal end = BigDecimal.valueOf(Math.max(high, 1));
        BigDecimal tick = tick(end.doubleValue(), maxTicks).max(BigDecimal.ONE);
        return new Axis(BigDecimal.ZERO, end, multiples(BigDecimal.ZERO, end, tick), false);
    }

    /** The smallest round distance that comes no more than {@code maxTicks} times. */
    private static BigDecimal tick(double span, int maxTicks) {
        int power = exponent(span / maxTicks);
        for (BigDecimal step : ROUND_STEPS) {
            BigDecimal tick = plain(step.scaleByPowerOfTen(power));
            if (tick.doubleValue() * maxTicks >= span) {
                return tick;
            }
        }
        return BigDecimal.ONE.scaleByPowerOfTen(power + 1); // span fell beside by a rounding
    }

    private static BigDecimal multiple(double number, BigDecimal tick, RoundingMode mode) {
        return BigDecimal.valueOf(number).divide(tick, 0, mode).multiply(tick);
    }

    private static List<BigDecimal> multiples(BigDecimal from, BigDecimal to, BigDecimal tick) {
        List<BigDecimal> ticks = new ArrayList<>();
        for (BigDecimal at = from; at.compareTo(to) <= 0; at = at.add(tick)) {
            ticks.add(at);
        }
        return ticks;
    }

    /** Of the first digit: 2 for 345, -1 for 0.5. */
    private static int exponent(double number) {
        BigDecimal exact = new BigDecimal(number);
        return exact.precision() - exact.scale() - 1;
    }

    /** Without zeros at the end of a fraction, and without an exponent. */
    private static BigDecimal plain(BigDecimal number) {
        BigDecimal stripped = number.stripTrailingZeros();
        return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
    }

    /** 0 at the low end, 1 at the high end. */
    double fraction(double number) {
        double from = low.doubleValue();
        double to = high.doubleValue();
        return logarithmic ? StrictMath.log(number / from) / StrictMath.log(to / from) : (number - from) / (to - from);
    }
}
