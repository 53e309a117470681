package io.llamastreams.app.command;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Numbers of bytes as users write them: 65536, 512M, 8G; the letters are powers of 1024. */
final class ByteCountConverter implements ITypeConverter<Long> {
    private static final Pattern FORM = Pattern.compile("(\\d+)([KMGTkmgt]?)(?:i?[Bb])?");
    private static final String LETTERS = "KMGT";

    @Override
    public Long convert(String text) {
        Matcher matcher = FORM.matcher(text.strip());
        if (!matcher.matches()) {
            throw new TypeConversionException("expected a number of bytes such as 512M or 8G, found '" + text + "'");
        }
        try {
            int power = matcher.group(2).isEmpty()
                    ? 0
                    : LETTERS.indexOf(matcher.group(2).toUpperCase(java.util.Locale.ROOT)) + 1;
            return Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << (10 * power));
        } catch (ArithmeticException | NumberFormatException e) {
            throw new TypeConversionException("expected less than 2^63 bytes, found '" + text + "'");
        }
    }
}
