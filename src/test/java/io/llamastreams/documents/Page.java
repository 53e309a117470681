package io.llamastreams.documents;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Markdown file as far as the checks look at it: as much of the language as the documents use.
 *
 * @param name of the file, for problems
 * @param headings their texts, without marks
 * @param explicitAnchors ids of {@code <a id="..."></a>}
 */
record Page(
        Path file,
        String name,
        List<String> headings,
        Set<String> explicitAnchors,
        List<Link> links,
        List<Fence> fences,
        List<Span> spans) {

    private static final Pattern FENCE = Pattern.compile("^( *)```(\\w*)$");
    private static final Pattern HEADING = Pattern.compile("^#+ (.*)$");
    private static final Pattern ANCHOR = Pattern.compile("<a id=\"([^\"]+)\"></a>");
    private static final Pattern SPAN = Pattern.compile("`([^`]+)`");
    private static final Pattern LINK = Pattern.compile("!?\\[[^\\]]*\\]\\(([^)\\s]+)\\)");

    /** @param line from 1 */
    record Link(String target, int line) {}

    /** What stands between two lines of three back-ticks. */
    record Fence(String language, List<String> lines, int line) {}

    /** What stands between two back-ticks in running text, or is written as preformatted lines by four blanks. */
    record Span(String text, int line) {}

    static Page read(Path file) throws IOException {
        return parse(file, Files.readString(file));
    }

    static Page parse(Path file, String text) {
        List<String> headings = new ArrayList<>();
        Set<String> anchors = new HashSet<>();
        List<Link> links = new ArrayList<>();
        List<Fence> fences = new ArrayList<>();
        List<Span> spans = new ArrayList<>();
        List<String> lines = text.lines().toList();
        StringBuilder paragraph = new StringBuilder();
        int paragraphLine = 1;
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            Matcher fence = FENCE.matcher(line);
            boolean isRow = line.startsWith("|");
            if (fence.matches()) {
                readText(paragraph, paragraphLine, links, spans);
                int end = i + 1;
                while (!lines.get(end).strip().equals("```")) {
                    end++;
                }
                fences.add(new Fence(fence.group(2), lines.subList(i + 1, end), i + 1));
                i = end;
                continue;
            }
            if (line.isBlank() || isRow || paragraph.isEmpty()) {
                readText(paragraph, paragraphLine, links, spans);
                paragraphLine = i + 1;
            }
            Matcher heading = HEADING.matcher(line);
            if (heading.matches()) {
                headings.add(heading.group(1));
            }
            Matcher anchor = ANCHOR.matcher(line);
            while (anchor.find()) {
                anchors.add(anchor.group(1));
            }
            paragraph.append(line).append('\n');
        }
        readText(paragraph, paragraphLine, links, spans);
        return new Page(file, file.toString(), headings, anchors, links, fences, spans);
    }

    /** Links and code of a paragraph, which may go on over the ends of lines; the builder is empty afterwards. */
    private static void readText(StringBuilder paragraph, int line, List<Link> links, List<Span> spans) {
        Matcher span = SPAN.matcher(paragraph);
        while (span.find()) {
            spans.add(new Span(span.group(1).replaceAll("\\s+", " "), line));
        }
        Matcher link = LINK.matcher(SPAN.matcher(paragraph).replaceAll("code"));
        while (link.find()) {
            links.add(new Link(link.group(1), line));
        }
        paragraph.setLength(0);
    }

    /** Ids of headings as GitHub makes them. */
    Set<String> headingAnchors() {
        Set<String> result = new HashSet<>();
        for (String heading : headings) {
            result.add(heading.toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\p{L}\\p{N} _-]", "")
                    .replace(' ', '-'));
        }
        return result;
    }

    String place(int line) {
        return name + ":" + line + ": ";
    }
}
