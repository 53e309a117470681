package io.llamastreams.training.report;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The reports of a run in a file of JSON lines, one line each, in order. A line is in the file once {@link #append} returns.
 * Training thread only.
 *
 * <pre>
 * {"phase":"pretrain","step":120,"tokens":983040,"loss":2.5,"rate":0.0019,"gradientNorm":0.8,
 *     "tokensPerSecond":5432.1,"seconds":181.0,"heldOutLoss":2.625}           (in one line)
 * </pre>
 *
 * {@code heldOutLoss} is there only where it was measured; numbers that are not finite, which JSON does not know, are null.
 * Only lines of this very form are read.
 */
public final class TrainingLog implements AutoCloseable {

    private static final String INTEGER = "(\\d{1,18})";
    private static final String NUMBER = "(-?\\d+(?:\\.\\d+)?(?:E-?\\d+)?|null)";
    private static final Pattern LINE =
            Pattern.compile("\\{\"phase\":\"([A-Za-z0-9 ._-]+)\",\"step\":(\\d{1,9}),\"tokens\":"
                    + INTEGER + ",\"loss\":" + NUMBER + ",\"rate\":" + NUMBER + ",\"gradientNorm\":" + NUMBER
                    + ",\"tokensPerSecond\":" + NUMBER + ",\"seconds\":" + NUMBER + "(?:,\"heldOutLoss\":" + NUMBER
                    + ")?\\}");

    private final Writer out;

    private TrainingLog(Writer out) {
        this.out = out;
    }

    /** Begins a log; an older file is emptied. */
    public static TrainingLog create(Path file) throws IOException {
        return new TrainingLog(Files.newBufferedWriter(file));
    }

    /**
     * Goes on with a log from a checkpoint: reports after it are dropped, since they come again. Without a file a log begins.
     *
     * @param earlierPhases phases that were done before this one: all their reports stay
     * @param phase the phase that is resumed
     * @param phaseSteps steps done in it: reports up to this step stay
     * @throws TrainingLogException if the file is no log; it has not been changed then
     */
    public static TrainingLog resume(Path file, Set<String> earlierPhases, String phase, int phaseSteps)
            throws IOException {
        if (!Files.exists(file)) {
            return create(file);
        }
        StringBuilder kept = new StringBuilder();
        for (TrainingReport report : read(file)) {
            boolean before =
                    report.phase().equals(phase) ? report.step() <= phaseSteps : earlierPhases.contains(report.phase());
            if (before) {
                kept.append(line(report));
            }
        }
        // Beside the file first: a stop in between must not cost the reports of hours.
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        Files.writeString(temporary, kept);
        Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
        return new TrainingLog(Files.newBufferedWriter(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND));
    }

    /** Adds one report and hands it to the system. */
    public void append(TrainingReport report) throws IOException {
        out.write(line(report));
        out.flush();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }

    /**
     * All reports of a file. A last line without an end is left out: the run stopped while it was written.
     *
     * @throws TrainingLogException if a line is no report
     */
    public static List<TrainingReport> read(Path file) throws IOException {
        // Foreign bytes shall fail as a line, not as an encoding.
        String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        List<TrainingReport> reports = new ArrayList<>();
        int begin = 0;
        for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', begin)) {
            String line = text.substring(begin, end);
            Matcher matcher = LINE.matcher(line);
            if (!matcher.matches()) {
                throw new TrainingLogException(file, reports.size() + 1, line);
            }
            reports.add(report(matcher));
            begin = end + 1;
        }
        return reports;
    }

    private static TrainingReport report(Matcher line) {
        return new TrainingReport(
                line.group(1),
                Integer.parseInt(line.group(2)),
                Long.parseLong(line.group(3)),
                number(line.group(4)),
                number(line.group(5)),
                number(line.group(6)),
                number(line.group(7)),
                number(line.group(8)),
                line.group(9) == null ? OptionalDouble.empty() : OptionalDouble.of(number(line.group(9))));
    }

    private static double number(String text) {
        return text.equals("null") ? Double.NaN : Double.parseDouble(text);
    }

    private static String line(TrainingReport report) {
        StringBuilder line = new StringBuilder(200);
        line.append("{\"phase\":\"").append(report.phase());
        line.append("\",\"step\":").append(report.step());
        line.append(",\"tokens\":").append(report.tokens());
        line.append(",\"loss\":").append(json(report.loss()));
        line.append(",\"rate\":").append(json(report.rate()));
        line.append(",\"gradientNorm\":").append(json(report.gradientNorm()));
        line.append(",\"tokensPerSecond\":").append(json(report.tokensPerSecond()));
        line.append(",\"seconds\":").append(json(report.seconds()));
        report.heldOutLoss().ifPresent(loss -> line.append(",\"heldOutLoss\":").append(json(loss)));
        return line.append("}\n").toString();
    }

    /** The shortest text that reads back as the same number, which Java and JSON write alike. */
    private static String json(double number) {
        return Double.isFinite(number) ? Double.toString(number) : "null";
    }
}
