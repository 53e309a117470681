package io.llamastreams.serving.options;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;

/** How values stand in what a digest is taken of; never changes. Stateless. */
public final class CanonicalForm {
    private CanonicalForm() {}

    /** Length in bytes, a colon, and the text: no two texts, and no two rows of them, read alike. */
    public static String text(String value) {
        return value.getBytes(StandardCharsets.UTF_8).length + ":" + value;
    }

    public static <T> String list(List<T> values, Function<T, String> form) {
        return "[" + String.join(",", values.stream().map(form).toList()) + "]";
    }
}
