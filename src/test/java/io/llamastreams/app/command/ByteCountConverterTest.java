package io.llamastreams.app.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import picocli.CommandLine.TypeConversionException;

class ByteCountConverterTest {
    private final ByteCountConverter converter = new ByteCountConverter();

    @Test
    void readsWhatUsersWrite() {
        assertThat(converter.convert("65536")).isEqualTo(65536);
        assertThat(converter.convert("512M")).isEqualTo(512L << 20);
        assertThat(converter.convert("8g")).isEqualTo(8L << 30);
        assertThat(converter.convert("8GiB")).isEqualTo(8L << 30);
        assertThat(converter.convert("1T")).isEqualTo(1L << 40);
        assertThat(converter.convert("3k")).isEqualTo(3072);
    }

    @Test
    void refusesTheRest() {
        for (String text : new String[] {"", "M", "-1", "1.5G", "8X", "99999999999T", "99999999999999999999"}) {
            assertThatThrownBy(() -> converter.convert(text)).as(text).isInstanceOf(TypeConversionException.class);
        }
    }
}
