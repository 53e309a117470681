package io.llamastreams.training.report;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * A picture, in SVG, of the losses and the rate over the steps of a run.
 *
 * <pre>
 *  title                        legend
 *        pretrain            chat
 *  loss | \.               | \       | rate
 *       |   `--.__         |  `-.__  |
 *       |         `------  |       ` |
 *       0    1000   2000   0   200      steps
 * </pre>
 *
 * Phases stand side by side with axes of their own below and common ones at the sides. Any thread.
 */
public final class LossCurve {
    private static final int WIDTH = 960;
    private static final int HEIGHT = 440;
    private static final int LEFT = 64;
    private static final int RIGHT = WIDTH - 76;
    private static final int TOP = 84;
    private static final int BOTTOM = HEIGHT - 60;
    private static final int GAP = 36;

    /** Distance of labels below, in picture units, so that they do not touch. */
    private static final int UNITS_PER_STEP_TICK = 52;

    /** No phase is narrower than this share of the panels' width divided by their number. */
    private static final double NARROWEST = 0.5;

    /** Points of all phases together, per line: a picture has no more to show, and stays far below 100 KB. */
    private static final int MAX_POINTS = 600;

    /** More held-out measurements than this in a phase are a line without dots. */
    private static final int MAX_DOTS = 60;

    private static final String TRAINING_COLOUR = "#1f6feb";
    private static final String HELD_OUT_COLOUR = "#d1480f";
    private static final String RATE_COLOUR = "#7d8590";

    private final StringBuilder svg = new StringBuilder(32_768);
    private final Map<String, List<TrainingReport>> phases;
    private final Axis losses;
    private final Axis rates;

    private record Point(double step, double value) {}

    /** Where one phase is drawn. */
    private record Panel(double left, double right, Axis steps) {
        double x(double step) {
            return left + steps.fraction(step) * (right - left);
        }
    }

    private LossCurve(List<TrainingReport> reports) {
        phases = new LinkedHashMap<>();
        for (TrainingReport report : reports) {
            phases.computeIfAbsent(report.phase(), name -> new ArrayList<>()).add(report);
        }
        double[] lossRange = {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
        double[] rateRange = {0, 0};
        for (TrainingReport report : reports) {
            widen(lossRange, report.loss());
            widen(lossRange, report.heldOutLoss().orElse(Double.NaN));
            widen(rateRange, report.rate());
        }
        losses = lossAxis(lossRange[0], lossRange[1]);
        rates = Axis.linear(0, rateRange[1], 5);
    }

    /** A loss falls fast and then slowly: where it does, equal factors show the second part, too. */
    private static Axis lossAxis(double low, double high) {
        if (!(low <= high)) {
            return Axis.linear(0, 1, 5); // nothing was measured
        }
        return low > 0 && high >= 2 * low ? Axis.logarithmic(low, high) : Axis.linear(low, high, 7);
    }

    private static void widen(double[] range, double number) {
        if (Double.isFinite(number)) {
            range[0] = Math.min(range[0], number);
            range[1] = Math.max(range[1], number);
        }
    }

    /**
     * The picture as the text of a file.
     *
     * @param reports in their order, such as {@link TrainingLog#read} gives them; numbers that are not finite are left out
     */
    public static String svg(String title, List<TrainingReport> reports) {
        return new LossCurve(reports).draw(title);
    }

    private String draw(String title) {
        add(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\"",
                WIDTH, HEIGHT, WIDTH, HEIGHT);
        add(" role=\"img\" font-family=\"Helvetica, Arial, sans-serif\" font-size=\"13\" fill=\"#24292f\">\n");
        add("<title>%s</title>\n", escape(title));
        add("<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>\n", WIDTH, HEIGHT);
        add("<text x=\"%d\" y=\"30\" font-size=\"18\" font-weight=\"bold\">%s</text>\n", LEFT, escape(title));
        legend();
        List<Panel> panels = panels();
        int i = 0;
        for (Map.Entry<String, List<TrainingReport>> phase : phases.entrySet()) {
            Panel panel = panels.get(i++);
            frame(phase.getKey(), panel);
            lines(phase.getValue(), panel);
        }
        sideLabels();
        return svg.append("</svg>\n").toString();
    }

    /** Widths by the numbers of steps, but none too narrow to read. */
    private List<Panel> panels() {
        double room = RIGHT - LEFT - (double) GAP * (phases.size() - 1);
        double least = NARROWEST * room / phases.size();
        long allSteps = phases.values().stream().mapToLong(LossCurve::steps).sum();
        List<Panel> panels = new ArrayList<>();
        double left = LEFT;
        for (List<TrainingReport> phase : phases.values()) {
            int steps = steps(phase);
            double width = least + (room - least * phases.size()) * steps / Math.max(1, allSteps);
            int ticks = Math.max(1, (int) (width / UNITS_PER_STEP_TICK));
            panels.add(new Panel(left, left + width, Axis.ofSteps(steps, ticks)));
            left += width + GAP;
        }
        return panels;
    }

    private static int steps(List<TrainingReport> phase) {
        return phase.stream().mapToInt(TrainingReport::step).max().orElse(0);
    }

    private void legend() {
        int y = 54;
        legendLine(LEFT, y, TRAINING_COLOUR, 2, "training loss");
        legendLine(LEFT + 140, y, RATE_COLOUR, 1, "learning rate (right)");
        if (phases.values().stream()
                .flatMap(List::stream)
                .anyMatch(report -> report.heldOutLoss().isPresent())) {
            legendLine(LEFT + 330, y, HELD_OUT_COLOUR, 2, "held-out loss");
            dot(LEFT + 330 + 12, y - 4);
        }
    }

    private void legendLine(int x, int y, String colour, int width, String text) {
        add("<path d=\"M%d %dh24\" stroke=\"%s\" stroke-width=\"%d\"%s/>", x, y - 4, colour, width, dashes(width));
        add("<text x=\"%d\" y=\"%d\">%s</text>\n", x + 30, y, text);
    }

    private static String dashes(int width) {
        return width == 1 ? " stroke-dasharray=\"4 3\"" : "";
    }

    private void frame(String phase, Panel panel) {
        double width = panel.right() - panel.left();
        add("<g stroke=\"#d8dee4\">\n");
        for (BigDecimal loss : losses.ticks()) {
            add("<path d=\"M%s %sh%s\"/>\n", number(panel.left()), number(lossY(loss.doubleValue())), number(width));
        }
        for (BigDecimal step : panel.steps().ticks()) {
            add("<path d=\"M%s %dV%d\"/>\n", number(panel.x(step.doubleValue())), TOP, BOTTOM);
        }
        add("</g>\n");
        add(
                "<rect x=\"%s\" y=\"%d\" width=\"%s\" height=\"%d\" fill=\"none\" stroke=\"#8c959f\"/>\n",
                number(panel.left()), TOP, number(width), BOTTOM - TOP);
        add("<g text-anchor=\"middle\">\n");
        double middle = (panel.left() + panel.right()) / 2;
        add("<text x=\"%s\" y=\"%d\" font-weight=\"bold\">%s</text>\n", number(middle), TOP - 8, escape(phase));
        for (BigDecimal step : panel.steps().ticks()) {
            add(
                    "<text class=\"step\" x=\"%s\" y=\"%d\">%,d</text>\n",
                    number(panel.x(step.doubleValue())), BOTTOM + 20, step.longValueExact());
        }
        add("</g>\n");
    }

    private void sideLabels() {
        add("<g text-anchor=\"end\">\n");
        for (BigDecimal loss : losses.ticks()) {
            add(
                    "<text class=\"loss\" x=\"%d\" y=\"%s\">%s</text>\n",
                    LEFT - 8, number(lossY(loss.doubleValue()) + 4), loss.toPlainString());
        }
        add("</g>\n<g fill=\"%s\">\n", RATE_COLOUR);
        for (BigDecimal rate : rates.ticks()) {
            add(
                    "<text class=\"rate\" x=\"%d\" y=\"%s\">%s</text>\n",
                    RIGHT + 8, number(rateY(rate.doubleValue()) + 4), rateLabel(rate));
        }
        int middle = (TOP + BOTTOM) / 2;
        add("</g>\n<g text-anchor=\"middle\">\n");
        add(
                "<text x=\"18\" y=\"%d\" transform=\"rotate(-90 18 %d)\">%s</text>\n",
                middle, middle, losses.logarithmic() ? "loss (nats per token, logarithmic)" : "loss (nats per token)");
        add(
                "<text x=\"%d\" y=\"%d\" transform=\"rotate(90 %d %d)\" fill=\"%s\">learning rate</text>\n",
                WIDTH - 14, middle, WIDTH - 14, middle, RATE_COLOUR);
        add("<text x=\"%d\" y=\"%d\">step</text>\n</g>\n", (LEFT + RIGHT) / 2, BOTTOM + 44);
    }

    private static String rateLabel(BigDecimal rate) {
        String label = TrainingProgress.scientific(rate.doubleValue());
        return rate.signum() == 0 ? "0" : label.replace(".0e", "e");
    }

    private void lines(List<TrainingReport> phase, Panel panel) {
        int points = Math.max(3, (int) (MAX_POINTS * (panel.right() - panel.left()) / (RIGHT - LEFT)));
        List<Point> rate = thinned(phase, TrainingReport::rate, points);
        polyline("learning-rate", rate, panel, rates, RATE_COLOUR, 1);
        List<Point> training = thinned(phase, TrainingReport::loss, points);
        polyline("training-loss", training, panel, losses, TRAINING_COLOUR, 2);
        List<Point> heldOut = thinned(phase, report -> report.heldOutLoss().orElse(Double.NaN), points);
        polyline("held-out-loss", heldOut, panel, losses, HELD_OUT_COLOUR, 2);
        if (heldOut.size() <= MAX_DOTS) {
            for (Point point : heldOut) {
                dot(panel.x(point.step()), lossY(point.value()));
            }
        }
    }

    private void dot(double x, double y) {
        add("<circle cx=\"%s\" cy=\"%s\" r=\"3\" fill=\"%s\"/>\n", number(x), number(y), HELD_OUT_COLOUR);
    }

    /** The first and the last point as they are, and means of equally many neighbours between. */
    private static List<Point> thinned(
            List<TrainingReport> phase, ToDoubleFunction<TrainingReport> value, int maxPoints) {
        List<Point> all = new ArrayList<>();
        for (TrainingReport report : phase) {
            double number = value.applyAsDouble(report);
            if (Double.isFinite(number)) {
                all.add(new Point(report.step(), number));
            }
        }
        if (all.size() <= maxPoints) {
            return all;
        }
        List<Point> inner = all.subList(1, all.size() - 1);
        int groups = maxPoints - 2;
        List<Point> thinned = new ArrayList<>();
        thinned.add(all.getFirst());
        for (int i = 0; i < groups; i++) {
            int from = (int) ((long) inner.size() * i / groups);
            int to = (int) ((long) inner.size() * (i + 1) / groups);
            thinned.add(mean(inner.subList(from, to)));
        }
        thinned.add(all.getLast());
        return thinned;
    }

    private static Point mean(List<Point> points) {
        return new Point(
                points.stream().mapToDouble(Point::step).average().orElseThrow(),
                points.stream().mapToDouble(Point::value).average().orElseThrow());
    }

    private void polyline(String name, List<Point> points, Panel panel, Axis axis, String colour, int width) {
        if (points.isEmpty()) {
            return;
        }
        add(
                "<polyline class=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"%d\"%s stroke-linejoin=\"round\" points=\"",
                name, colour, width, dashes(width));
        String separator = "";
        for (Point point : points) {
            svg.append(separator).append(number(panel.x(point.step()))).append(',');
            svg.append(number(y(axis, point.value())));
            separator = " ";
        }
        svg.append("\"/>\n");
    }

    private double lossY(double loss) {
        return y(losses, loss);
    }

    private double rateY(double rate) {
        return y(rates, rate);
    }

    private static double y(Axis axis, double value) {
        return BOTTOM - axis.fraction(value) * (BOTTOM - TOP);
    }

    @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency
    private void add(String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values));
    }

    private static String number(double coordinate) {
        return String.format(Locale.ROOT, "%.1f", coordinate);
    }

    /** Text fit for XML: characters that it does not know at all are shown as question marks. */
    private static String escape(String text) {
        return text.replaceAll("[\\p{Cntrl}\\uFFFE\\uFFFF]|\\p{Cs}", "?")
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;");
    }
}
