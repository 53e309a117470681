package io.llamastreams.tiles;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A class of tiles that is to be written.
 *
 * @param comment the Javadoc's text
 * @param constants members before the methods
 * @param methods with their Javadoc
 */
record JavaClass(String name, String comment, String constants, List<String> methods) {
    private static final String PACKAGE = "io.llamastreams.tensor.vector";

    /** What tiles may import, in the order of the file; a class imports what it names. */
    private static final List<String> STATIC_IMPORTS = Stream.of(
                    "B", "F", "HALF", "HALF_SCALE", "I", "L", "LE", "S", "W", "WB")
            .map(constant -> PACKAGE + ".Lanes." + constant)
            .toList();

    private static final List<String> IMPORTS = List.of(
            "io.llamastreams.tensor.kernel.AttentionScratch",
            "io.llamastreams.tensor.kernel.KvLayer",
            "io.llamastreams.tensor.kernel.MultiplyScratch",
            "io.llamastreams.tensor.kernel.PackedInput",
            "io.llamastreams.tensor.kernel.PanelMatrix",
            "io.llamastreams.tensor.kernel.TrainingKernels",
            "java.lang.foreign.MemorySegment",
            "jdk.incubator.vector.ByteVector",
            "jdk.incubator.vector.FloatVector",
            "jdk.incubator.vector.IntVector",
            "jdk.incubator.vector.ShortVector",
            "jdk.incubator.vector.VectorOperators");

    /** The whole file. */
    String text() {
        StringBuilder members = new StringBuilder();
        members.append(TileTemplate.indented(constants, 4));
        members.append("\n    private ").append(name).append("() {}\n");
        for (String method : methods) {
            members.append('\n').append(TileTemplate.indented(method, 4));
        }
        return """
                package %s;

                %s
                %s
                %sfinal class %s {
                %s}
                """.formatted(
                        PACKAGE,
                        imports("import static ", STATIC_IMPORTS, members),
                        imports("import ", IMPORTS, members),
                        javadoc(),
                        name,
                        members);
    }

    private static String imports(String keyword, List<String> names, CharSequence members) {
        String code = members.toString().replaceAll("(?m)^ *(/\\*\\*|\\*|//).*", "");
        return names.stream()
                .filter(name -> code.matches("(?s).*\\b" + name.substring(name.lastIndexOf('.') + 1) + "\\b.*"))
                .map(name -> keyword + name + ";\n")
                .collect(Collectors.joining());
    }

    private String javadoc() {
        String all = comment + "\n<p>Written by src/tiles, where changes belong.\n";
        return all.lines()
                .map(line -> (" * " + line).stripTrailing())
                .collect(Collectors.joining("\n", "/**\n", "\n */\n"));
    }
}
