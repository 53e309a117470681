package io.llamastreams.app.accuracy;

import com.fasterxml.jackson.databind.JsonNode;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.app.terminal.Paragraph;
import io.llamastreams.evaluation.Accuracy;
import io.llamastreams.evaluation.Expected;
import io.llamastreams.evaluation.Proportion;
import io.llamastreams.evaluation.Verdict;
import io.llamastreams.serving.Generation;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Shares and examples for people. Main thread. */
public final class AccuracyView {
    private static final int COLUMNS = 79;
    private static final int NAME_COLUMNS = 12;
    /** Of a value that is longer, the rest is left out. */
    private static final int MAX_VALUE_LINES = 12;

    private static final int VALUE_COLUMNS = (COLUMNS - 2 - NAME_COLUMNS - 2) / 2;

    private final PrintStream out;
    private final boolean colour;

    /** @param colour whether the terminal understands escape codes */
    public AccuracyView(PrintStream out, boolean colour) {
        this.out = out;
        this.colour = colour;
    }

    /** A table of the shares, a line each. */
    public void show(Accuracy accuracy) {
        out.println(emphasised("accuracy") + "  (answers compared with the expected ones)");
        if (accuracy.hasFields()) {
            row("valid JSON", accuracy.jsonValid());
            row("every field right", accuracy.allFieldsRight());
            accuracy.fields().forEach((field, share) -> row("  " + Paragraph.printable(field), share));
        }
        row("exactly the text", accuracy.exactMatch());
    }

    private void row(String name, Proportion share) {
        out.printf(Locale.ROOT, "  %-20s %5.1f %%  %d of %d%n", name, percent(share), share.part(), share.whole());
    }

    /** To the nearest tenth, but 100.0 is all and 0.0 is none. */
    private static double percent(Proportion share) {
        double percent = Math.floor(1000.0 * share.part() / share.whole() + 0.5) / 10;
        if (share.part() < share.whole()) {
            percent = Math.min(percent, 99.9);
        }
        return share.part() > 0 ? Math.max(percent, 0.1) : percent;
    }

    /** An example: what was asked, and what was expected beside what came. */
    public void show(Example example) {
        Generation generation = example.generation();
        out.println(emphasised(Paragraph.printable(generation.id())) + "  "
                + (example.verdict().isRight() ? "right" : "wrong"));
        if (!example.question().isEmpty()) {
            paragraph(example.question());
        }
        if (generation.status() != Generation.Status.SUCCEEDED) {
            columns(false, "", "expected", "answer");
            columns(true, "", example.expected().text(), generation.status() + ": " + generation.error());
            return;
        }
        switch (example.verdict()) {
            case Verdict.OfFields ofFields -> {
                if (ofFields.jsonValid()) {
                    fields((Expected.Fields) example.expected(), ofFields);
                } else {
                    texts(example, "answer: not JSON");
                }
            }
            case Verdict.OfText ignored -> texts(example, "answer");
        }
    }

    private void texts(Example example, String answer) {
        columns(false, "", "expected", answer);
        columns(
                !example.verdict().isRight(),
                "",
                example.expected().text(),
                example.generation().text());
    }

    private void fields(Expected.Fields expected, Verdict.OfFields verdict) {
        columns(false, "", "expected", "answer");
        expected.values().forEach((field, value) -> {
            JsonNode found = verdict.found().get(field);
            columns(
                    !verdict.fieldsRight().get(field),
                    field,
                    Json.write(value),
                    found == null ? "(missing)" : Json.write(found));
        });
        verdict.found().forEach((field, value) -> {
            if (!expected.values().containsKey(field)) {
                columns(true, field, "(no such field)", Json.write(value));
            }
        });
    }

    private void paragraph(String text) {
        Paragraph paragraph = new Paragraph(COLUMNS);
        paragraph.add(text, false);
        out.print(paragraph.render(colour));
    }

    /** A row of the comparison; long values go on in lines below. What is wrong has a mark before it. */
    private void columns(boolean wrong, String name, String expected, String answer) {
        List<String> left = lines(expected);
        List<String> right = lines(answer);
        for (int i = 0; i < Math.max(left.size(), right.size()); i++) {
            String line = String.format(
                            Locale.ROOT,
                            "%s %-" + NAME_COLUMNS + "s %-" + VALUE_COLUMNS + "s %s",
                            wrong && i == 0 ? "!" : " ",
                            i == 0 ? Paragraph.printable(name) : "",
                            i < left.size() ? left.get(i) : "",
                            i < right.size() ? right.get(i) : "")
                    .stripTrailing();
            out.println(wrong ? emphasised(line) : line);
        }
    }

    /** Lines of a column, broken at spaces and after commas where there are some. */
    private static List<String> lines(String value) {
        List<String> lines = new ArrayList<>();
        String rest = Paragraph.printable(value);
        while (rest.length() > VALUE_COLUMNS && lines.size() < MAX_VALUE_LINES) {
            int space = rest.lastIndexOf(' ', VALUE_COLUMNS);
            int afterComma = rest.lastIndexOf(',', VALUE_COLUMNS - 1) + 1;
            int end = Math.max(space, afterComma);
            end = end > 0 ? end : VALUE_COLUMNS;
            lines.add(rest.substring(0, end));
            rest = rest.substring(end == space ? end + 1 : end);
        }
        lines.add(rest.length() > VALUE_COLUMNS ? "..." : rest);
        return lines;
    }

    private String emphasised(String text) {
        return colour ? Paragraph.BOLD + text + Paragraph.PLAIN : text;
    }
}
