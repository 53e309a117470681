package io.llamastreams.serving.options;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The page on options has the table that the list gives; {@code -Ddocs.write=true} writes it anew, as it does other tables. */
class OptionsPageTest {
    private static final Path PAGE = Path.of("src/site/markdown/options.md");
    private static final String BEGIN = "<!-- options: generated -->\n";
    private static final String END = "<!-- options: end -->\n";

    @Test
    void tableIsThatOfTheList() throws IOException {
        String page = Files.readString(PAGE);
        assertThat(page).containsOnlyOnce(BEGIN).containsOnlyOnce(END);
        int begin = page.indexOf(BEGIN) + BEGIN.length();
        int end = page.indexOf(END);
        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(PAGE, page.substring(0, begin) + table() + page.substring(end));
        } else {
            assertThat(page.substring(begin, end))
                    .as("%s is written anew by -Dtest=OptionsPageTest -Ddocs.write=true", PAGE)
                    .isEqualTo(table());
        }
    }

    private static String table() {
        StringBuilder table = new StringBuilder("""
                | field | flag | value | default | range | meaning |
                | --- | --- | --- | --- | --- | --- |
                """);
        for (RequestOption<?> option : RequestOptions.ALL) {
            List<String> cells = List.of(
                    code(option.name()),
                    code(flag(option.flag())),
                    option.type().title(),
                    option.defaultValue().map(OptionsPageTest::text).orElse(""),
                    option.type().range(),
                    option.meaning());
            table.append("| ")
                    .append(String.join(" | ", cells).replace("  ", " "))
                    .append(" |\n");
        }
        return table.toString();
    }

    private static String flag(RequestOption.Flag flag) {
        return flag.label().isEmpty() ? flag.name() : flag.name() + " " + flag.label();
    }

    /** Nothing for what is empty; whole numbers without a point. */
    private static String text(Object value) {
        if (value.equals(List.of()) || value.equals(Map.of())) {
            return "";
        }
        return value instanceof Double number ? OptionProblems.plain(number) : value.toString();
    }

    private static String code(String text) {
        return "`" + text + "`";
    }
}
