package io.llamastreams.tensor.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import jdk.incubator.vector.VectorSpecies;
import org.junit.jupiter.api.Test;

/** Which classes there are once for each width of vectors. */
class WidthLoaderTest {
    private static final int[] WIDTHS = {128, 256, 512};

    /** A class that stayed the one of the processor's width would mix vectors of two widths, or box them. */
    @Test
    void loadsEveryClassOfThePackageAnewForEachWidth() throws Exception {
        List<String> names = classNames();
        assertThat(names).contains(Lanes.class.getName(), VectorKernels.class.getName());
        for (int bits : WIDTHS) {
            WidthLoader loader = WidthLoader.of(bits);
            for (String name : names) {
                Class<?> loaded = loader.loadClass(name);
                if (name.equals(WidthLoader.class.getName())) {
                    assertThat(loaded).isSameAs(WidthLoader.class);
                } else {
                    assertThat(loaded.getClassLoader()).as(name).isSameAs(loader);
                    assertThat(loader.loadClass(name)).isSameAs(loaded);
                }
            }
        }
    }

    @Test
    void tellsEachClassItsWidth() throws Exception {
        for (int bits : WIDTHS) {
            Class<?> lanes = WidthLoader.of(bits).loadClass(Lanes.class.getName());
            Field floats = lanes.getDeclaredField("F");
            floats.setAccessible(true);
            assertThat(((VectorSpecies<?>) floats.get(null)).vectorBitSize()).isEqualTo(bits);
        }
    }

    /** Classes outside the package are those of the program, or its objects could not be handed over. */
    @Test
    void leavesOtherPackagesAlone() throws Exception {
        Class<?> outside = io.llamastreams.tensor.kernel.Kernels.class;
        assertThat(WidthLoader.of(128).loadClass(outside.getName())).isSameAs(outside);
    }

    private static List<String> classNames() throws IOException, URISyntaxException {
        Path classes = Path.of(WidthLoader.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        String packageName = WidthLoader.class.getPackageName();
        try (Stream<Path> files = Files.list(classes.resolve(packageName.replace('.', '/')))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".class") && !name.equals("package-info.class"))
                    .map(name -> packageName + "." + name.substring(0, name.length() - ".class".length()))
                    .sorted()
                    .toList();
        }
    }
}
