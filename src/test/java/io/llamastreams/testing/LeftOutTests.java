package io.llamastreams.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestSource;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/**
 * Writes each test that was not run, with its reason, to the file that the system property {@code left.out.file} names;
 * the build shows it at its end. JUnit finds this class through {@code META-INF/services}. Without the property it does
 * nothing.
 */
public final class LeftOutTests implements TestExecutionListener {

    private final Path file = pathOrNull(System.getProperty("left.out.file"));

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        write(test, reason);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (result.getStatus() == TestExecutionResult.Status.ABORTED) {
            write(test, result.getThrowable().map(Throwable::getMessage).orElse("no reason given"));
        }
    }

    private void write(TestIdentifier test, String reason) {
        if (file == null) {
            return;
        }
        String name = test.getSource().map(LeftOutTests::name).orElse(test.getDisplayName());
        String firstLine =
                reason.lines().findFirst().orElse("no reason given").replaceFirst("^Assumption failed: ", "");
        try {
            Files.createDirectories(file.getParent());
            Files.write(file, List.of(name + ": " + firstLine), UTF_8, CREATE, APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String name(TestSource source) {
        return switch (source) {
            case MethodSource method -> simple(method.getClassName()) + "." + method.getMethodName();
            case ClassSource type -> simple(type.getClassName());
            default -> source.toString();
        };
    }

    private static String simple(String className) {
        return className.substring(className.lastIndexOf('.') + 1);
    }

    private static Path pathOrNull(String path) {
        return path == null ? null : Path.of(path);
    }
}
