package io.llamastreams.tiles;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Java with repetitions, for one tile.
 *
 * <pre>
 * each row: CODE                the line for each row; "each next row" leaves out the first, "each vector" is the same of vectors
 * each row, vector {            all lines up to the closing brace, for each vector of each row
 *     CODE
 * }
 * {rows}                        how many
 * {row}                         the number of the row, from 0
 * {+row}  {+row*stride}         "" for the first, then " + 1" or " + stride", then " + 2" or " + 2 * stride" ...
 * {v}                           letter of the vector: a, b
 * {+v}  {+v*2L}                 "", and for b how far its numbers lie from those of a: such as " + L", " + 2L * L"
 * &lt;name&gt;                        a line that stands for other lines
 * </pre>
 *
 * @param vectorRows name of the constant that tells the weight rows of a vector
 */
record TileTemplate(int rows, int vectors, String vectorRows) {
    private static final Pattern EACH = Pattern.compile("each (row|next row|vector|row, vector)( \\{|: (.*))");
    private static final Pattern ROW_OFFSET = Pattern.compile("\\{\\+row(?:\\*([^}]+))?}");
    private static final Pattern VECTOR_OFFSET = Pattern.compile("\\{\\+v(?:\\*([^}]+))?}");
    private static final Pattern PART = Pattern.compile("<(\\w+)>");
    private static final String INDENT = "    ";

    /** Puts parts into the lines that stand for them, indented likewise; a part that is empty leaves no line. */
    static String fill(String text, Map<String, String> parts) {
        StringBuilder filled = new StringBuilder();
        for (String line : text.lines().toList()) {
            Matcher part = PART.matcher(line.strip());
            if (part.matches()) {
                String found = parts.get(part.group(1));
                if (found == null) {
                    throw new IllegalArgumentException("part: expected one of " + parts.keySet() + ", found " + line);
                }
                filled.append(indented(found, indentOf(line)));
            } else {
                filled.append(line).append('\n');
            }
        }
        return filled.toString();
    }

    /** Lines further to the right; empty ones stay empty. */
    static String indented(String text, int spaces) {
        StringBuilder indented = new StringBuilder();
        text.lines()
                .forEach(line -> indented.append((" ".repeat(spaces) + line).stripTrailing())
                        .append('\n'));
        return indented.toString();
    }

    /** Writes all repetitions out. */
    String expand(String text) {
        StringBuilder expanded = new StringBuilder();
        expand(text.lines().toList(), expanded);
        return expanded.toString().replace("{rows}", Integer.toString(rows));
    }

    private void expand(List<String> lines, StringBuilder out) {
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            Matcher each = EACH.matcher(line.strip());
            if (!each.matches()) {
                out.append(line).append('\n');
                continue;
            }
            List<String> body = new ArrayList<>();
            if (each.group(3) != null) {
                body.add(" ".repeat(indentOf(line)) + each.group(3));
            } else {
                String end = " ".repeat(indentOf(line)) + "}";
                for (i++; !lines.get(i).equals(end); i++) {
                    body.add(lines.get(i).substring(INDENT.length()));
                }
            }
            repeat(each.group(1), body, out);
        }
    }

    private void repeat(String what, List<String> body, StringBuilder out) {
        switch (what) {
            case "vector" -> {
                for (int vector = 0; vector < vectors; vector++) {
                    expand(ofVector(body, vector), out);
                }
            }
            case "row, vector" -> {
                for (int row = 0; row < rows; row++) {
                    repeat("vector", ofRow(body, row), out);
                }
            }
            case "row", "next row" -> {
                for (int row = what.equals("row") ? 0 : 1; row < rows; row++) {
                    expand(ofRow(body, row), out);
                }
            }
            default -> throw new IllegalArgumentException("each: expected row or vector, found " + what);
        }
    }

    private List<String> ofVector(List<String> lines, int vector) {
        return lines.stream()
                .map(line -> VECTOR_OFFSET
                        .matcher(line)
                        .replaceAll(offset -> vector == 0 ? "" : " + " + times(offset.group(1), vectorRows))
                        .replace("{v}", vector == 0 ? "a" : "b"))
                .toList();
    }

    private static String times(String factor, String number) {
        return factor == null ? number : factor + " * " + number;
    }

    private static List<String> ofRow(List<String> lines, int row) {
        return lines.stream()
                .map(line -> ROW_OFFSET
                        .matcher(line)
                        .replaceAll(offset -> row == 0 ? "" : " + " + rowTimes(row, offset.group(1)))
                        .replace("{row}", Integer.toString(row)))
                .toList();
    }

    private static String rowTimes(int row, String stride) {
        if (stride == null) {
            return Integer.toString(row);
        }
        return row == 1 ? stride : row + " * " + stride;
    }

    private static int indentOf(String line) {
        return line.length() - line.stripLeading().length();
    }
}
