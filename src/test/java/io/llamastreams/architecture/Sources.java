package io.llamastreams.architecture;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.MonitorInstruction;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Turns the small sources that break a rule into class files, and looks for what ArchUnit does not model. */
final class Sources {

    private static final Pattern PACKAGE_AND_NAME =
            Pattern.compile("package (?<package>[\\w.]+);\\s*(?:public )?class (?<name>\\w+)");

    private static final JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();

    /** One for all compilations: it keeps the class path's jars open. */
    private static final StandardJavaFileManager FILES = COMPILER.getStandardFileManager(null, null, null);

    private Sources() {}

    /**
     * Compiles against the test class path.
     *
     * @throws IllegalArgumentException if the compiler refuses one of the sources
     */
    static Path compile(Path folder, List<String> sources) {
        StringWriter messages = new StringWriter();
        List<String> options = List.of("-d", folder.toString(), "-proc:none", "--add-modules", "jdk.incubator.vector");
        List<JavaFileObject> units = sources.stream().map(Sources::unit).toList();
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (!COMPILER.getTask(messages, FILES, null, options, null, units).call()) {
            throw new IllegalArgumentException(messages + " in " + sources);
        }
        return folder;
    }

    /** Names of the classes below {@code folder} that hold a {@code synchronized} block. */
    static List<String> classesThatEnterMonitors(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".class"))
                    .map(Sources::parse)
                    .filter(Sources::entersMonitor)
                    .map(model -> model.thisClass().asInternalName().replace('/', '.'))
                    .toList();
        }
    }

    private static ClassModel parse(Path file) {
        try {
            return ClassFile.of().parse(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean entersMonitor(ClassModel model) {
        return model.methods().stream()
                .flatMap(method -> method.code().stream())
                .flatMap(code -> code.elementStream())
                .anyMatch(element ->
                        element instanceof MonitorInstruction monitor && monitor.opcode() == Opcode.MONITORENTER);
    }

    private static JavaFileObject unit(String source) {
        Matcher head = PACKAGE_AND_NAME.matcher(source);
        if (!head.find()) {
            throw new IllegalArgumentException("expected a package and a class in: " + source);
        }
        String path = (head.group("package") + "." + head.group("name")).replace('.', '/');
        return new SimpleJavaFileObject(URI.create("string:///" + path + ".java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return source;
            }
        };
    }
}
