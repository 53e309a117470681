package io.llamastreams.testing;

import static org.junit.jupiter.api.extension.ConditionEvaluationResult.disabled;
import static org.junit.jupiter.api.extension.ConditionEvaluationResult.enabled;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Files that the repository does not carry, and whether those of an {@link Outside} test are there. */
public final class OutsideFiles implements ExecutionCondition {

    /** In the folder {@code data} of the folder that the system property {@code shared.dir} names; it may be missing. */
    public static Path file(String name) {
        return Path.of(System.getProperty("shared.dir", "../shared"), "data", name);
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        Optional<Path> missing = AnnotationSupport.findAnnotation(context.getElement(), Outside.class).stream()
                .flatMap(outside -> Arrays.stream(outside.value()))
                .map(OutsideFiles::file)
                .filter(file -> !Files.exists(file))
                .findFirst();
        return missing.map(file -> disabled("needs a file that is not part of the repository: " + file))
                .orElseGet(() -> enabled("its files are there"));
    }
}
