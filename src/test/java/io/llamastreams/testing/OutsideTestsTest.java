package io.llamastreams.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the repository carries is enough for nearly all tests. */
class OutsideTestsTest {
    private static final int MOST = 15;

    @Test
    void fewTestsNeedFilesFromOutside() {
        JavaClasses tests =
                new ClassFileImporter(List.of(new ImportOption.OnlyIncludeTests())).importPackages("io.llamastreams");
        List<String> outside = tests.stream()
                .flatMap(type -> type.getMethods().stream())
                .filter(method -> method.isAnnotatedWith(Outside.class))
                .map(JavaMethod::getFullName)
                .toList();
        assertThat(outside).hasSizeBetween(1, MOST);
    }

    @Test
    void noOtherCodeLooksForThem() throws IOException {
        List<String> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(Path.of("src"))) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".java")).toList()) {
                if (Files.readString(file).contains("\"shared" + ".dir\"")) {
                    found.add(file.getFileName().toString());
                }
            }
        }
        assertThat(found).containsExactly("OutsideFiles.java");
    }
}
