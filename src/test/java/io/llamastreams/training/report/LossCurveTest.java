package io.llamastreams.training.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class LossCurveTest {

    @Test
    void drawsEachReportOfAShortRun() throws Exception {
        Document picture = parsed(LossCurve.svg("Run", phase("pretrain", 40, 10)));
        assertThat(points(picture, "training-loss")).containsExactly(40);
        assertThat(points(picture, "learning-rate")).containsExactly(40);
        assertThat(points(picture, "held-out-loss")).containsExactly(4);
        assertThat(elements(picture, "circle"))
                .as("4 measurements and the legend")
                .hasSize(5);
    }

    @Test
    void setsPhasesSideBySide() throws Exception {
        List<TrainingReport> reports = new ArrayList<>(phase("pretrain", 300, 100));
        reports.addAll(phase("chat", 60, 20));
        Document picture = parsed(LossCurve.svg("Run", reports));
        assertThat(points(picture, "training-loss")).containsExactly(300, 60);
        assertThat(texts(picture)).contains("pretrain", "chat");
        double[] pretrain = xOf(elements(picture, "polyline").get(1));
        double[] chat = xOf(elements(picture, "polyline").get(4));
        assertThat(pretrain).isSorted();
        assertThat(chat).isSorted();
        assertThat(pretrain[299]).isLessThan(chat[0]);
        assertThat(chat[59] - chat[0]).as("readable").isGreaterThan(150);
    }

    @Test
    void thinsLongRunsAndStaysSmall() throws Exception {
        List<TrainingReport> reports = new ArrayList<>();
        for (String name : List.of("first", "second", "third")) {
            reports.addAll(phase(name, 100_000, 50));
        }
        String svg = LossCurve.svg("Run", reports);
        assertThat(svg).hasSizeLessThan(100_000);
        Document picture = parsed(svg);
        assertThat(points(picture, "training-loss").stream()
                        .mapToInt(Integer::intValue)
                        .sum())
                .isBetween(300, 600);
        double[] first = xOf(elements(picture, "polyline").get(1));
        assertThat(first[first.length - 1]).as("the last point stays").isGreaterThan(first[first.length - 2]);
        assertThat(elements(picture, "circle")).as("the legend's only").hasSize(1);
    }

    @Test
    void labelsAxesWithRoundNumbers() throws Exception {
        Document picture = parsed(LossCurve.svg("Run", phase("pretrain", 1_000, 0)));
        // Losses go from 1 + 5 / 2 down to 1 + 5 / 1001, rates up to 1e-3.
        assertThat(texts(picture, "loss")).containsExactly("1", "1.2", "1.5", "2", "2.5", "3", "4");
        assertThat(texts(picture, "rate")).containsExactly("0", "2e-4", "4e-4", "6e-4", "8e-4", "1e-3");
        assertThat(texts(picture, "step")).startsWith("0", "100").endsWith("900", "1,000");
        assertThat(texts(picture))
                .contains("step", "learning rate", "loss (nats per token, logarithmic)", "training loss");
        assertThat(texts(picture)).as("legend of what is not there").doesNotContain("held-out loss");
    }

    @Test
    void isLinearWhereTheLossHardlyChanges() throws Exception {
        List<TrainingReport> tail = phase("pretrain", 1_000, 0).subList(500, 1_000);
        Document picture = parsed(LossCurve.svg("Run", tail));
        assertThat(texts(picture)).contains("loss (nats per token)");
        assertThat(texts(picture, "loss"))
                .containsExactly("1.004", "1.005", "1.006", "1.007", "1.008", "1.009", "1.010");
    }

    @Test
    void leavesOutNumbersThatAreNotFinite() throws Exception {
        List<TrainingReport> reports = new ArrayList<>(phase("pretrain", 9, 0));
        reports.add(new TrainingReport(
                "pretrain", 10, 1, Double.NaN, Double.POSITIVE_INFINITY, 1, 1, 1, OptionalDouble.of(Double.NaN)));
        Document picture = parsed(LossCurve.svg("Run", reports));
        assertThat(points(picture, "training-loss")).containsExactly(9);
        assertThat(points(picture, "learning-rate")).containsExactly(9);
        assertThat(points(picture, "held-out-loss")).isEmpty();
    }

    @Test
    void drawsAFrameWhereThereIsNothing() throws Exception {
        assertThat(texts(parsed(LossCurve.svg("Run", List.of())), "loss")).isNotEmpty();
        assertThat(points(parsed(LossCurve.svg("Run", phase("pretrain", 1, 1))), "held-out-loss"))
                .containsExactly(1);
    }

    @Test
    void takesAnyTitle() throws Exception {
        String title = "<a> & \"b\" ]]> é \uD83D\uDE00";
        assertThat(texts(parsed(LossCurve.svg(title, phase("pretrain", 3, 0))))).contains(title);
        assertThat(texts(parsed(LossCurve.svg("a\u0000b\uD83Dc\uFFFF", List.of()))))
                .contains("a?b?c?");
    }

    @Test
    void writesNumbersAlikeEverywhere() {
        List<TrainingReport> reports = phase("pretrain", 1_234, 100);
        String here = LossCurve.svg("Run", reports);
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.GERMANY);
            assertThat(LossCurve.svg("Run", reports)).isEqualTo(here);
        } finally {
            Locale.setDefault(before);
        }
    }

    /** Loss 1 + 5 / (step + 1) and a rate that rises to 1e-3; held out every so many steps, 0 for never. */
    private static List<TrainingReport> phase(String name, int steps, int heldOutEvery) {
        return IntStream.rangeClosed(1, steps)
                .mapToObj(step -> {
                    double loss = 1 + 5.0 / (step + 1);
                    boolean measured = heldOutEvery > 0 && step % heldOutEvery == 0;
                    return new TrainingReport(
                            name,
                            step,
                            100L * step,
                            loss,
                            1e-3 * step / steps,
                            1,
                            1_000,
                            step,
                            measured ? OptionalDouble.of(loss + 0.1) : OptionalDouble.empty());
                })
                .toList();
    }

    private static Document parsed(String svg) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        return factory.newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
    }

    private static List<Element> elements(Document picture, String tag) {
        NodeList nodes = picture.getElementsByTagName(tag);
        return IntStream.range(0, nodes.getLength())
                .mapToObj(i -> (Element) nodes.item(i))
                .toList();
    }

    /** Numbers of points of each line of this name. */
    private static List<Integer> points(Document picture, String name) {
        return elements(picture, "polyline").stream()
                .filter(line -> line.getAttribute("class").equals(name))
                .map(line -> xOf(line).length)
                .toList();
    }

    private static double[] xOf(Element line) {
        return List.of(line.getAttribute("points").split(" ")).stream()
                .mapToDouble(point -> Double.parseDouble(point.substring(0, point.indexOf(','))))
                .toArray();
    }

    private static List<String> texts(Document picture, String name) {
        return elements(picture, "text").stream()
                .filter(text -> text.getAttribute("class").equals(name))
                .map(Element::getTextContent)
                .toList();
    }

    private static List<String> texts(Document picture) {
        return elements(picture, "text").stream().map(Element::getTextContent).toList();
    }
}
