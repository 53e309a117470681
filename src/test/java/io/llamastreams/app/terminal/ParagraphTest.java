package io.llamastreams.app.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ParagraphTest {

    @Test
    void breaksLinesAtWordsAndAtLineFeeds() {
        Paragraph paragraph = new Paragraph(12);
        paragraph.add("one two three\nfour", false);
        assertThat(paragraph.render(false)).isEqualTo("  one two\n  three\n  four\n");
    }

    @Test
    void joinsWhatComesWithoutASpaceEvenWhenItIsTooLong() {
        Paragraph paragraph = new Paragraph(8);
        paragraph.add("Thomas li", false);
        paragraph.add("ked it", true);
        assertThat(paragraph.render(true)).isEqualTo("  Thomas\n  li\u001B[1mked\n  it\u001B[0m\n");
    }

    @Test
    void breaksLongJsonBetweenItsFields() {
        Paragraph paragraph = new Paragraph(20);
        paragraph.add("x {\"a\":\"b,c\",\"d\":[1,2],\"e\":\"f, g\"}", false);
        assertThat(paragraph.render(false)).isEqualTo("  x {\"a\":\"b,c\",\n  \"d\":[1,2],\"e\":\"f,\n  g\"}\n");
        Paragraph shorter = new Paragraph(18);
        shorter.add("words and [1,\"a\"]", false);
        assertThat(shorter.render(false)).isEqualTo("  words and\n  [1,\"a\"]\n");
    }

    @Test
    void letsNoControlCharacterThrough() {
        Paragraph paragraph = new Paragraph(40);
        paragraph.add("a\u001B[2Jb\u0007 \u009Bc", false);
        assertThat(paragraph.render(false)).isEqualTo("  a\uFFFD[2Jb\uFFFD \uFFFDc\n");
    }

    @Test
    void showsNothingAsAnEmptyLine() {
        assertThat(new Paragraph(40).render(true)).isEqualTo("\n");
    }
}
