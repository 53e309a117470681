package io.llamastreams.tiles;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The program: writes all classes of tiles into a folder of sources, and leaves alone those that are there already. */
public final class WriteTiles {
    private static final String PACKAGE = "io/llamastreams/tensor/vector";

    private WriteTiles() {}

    /** @param args the folder of sources, which holds nothing else */
    public static void main(String[] args) throws IOException {
        Path folder = Files.createDirectories(Path.of(args[0]).resolve(PACKAGE));
        Set<Path> written = new HashSet<>();
        for (JavaClass tiles : classes()) {
            Path file = folder.resolve(tiles.name() + ".java");
            written.add(file);
            // A newer file would have everything compiled anew.
            if (!Files.exists(file) || !Files.readString(file).equals(tiles.text())) {
                Files.writeString(file, tiles.text());
            }
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(file -> !written.contains(file)).toList()) {
                Files.delete(file);
            }
        }
    }

    private static List<JavaClass> classes() {
        return Stream.of(
                        Stream.of(PlainTilesText.javaClass(), TrainingTilesText.javaClass()),
                        BlockTiles.TABLE.stream().map(BlockTiles::javaClass),
                        KeyValueTiles.TABLE.stream().map(KeyValueTiles::javaClass))
                .flatMap(classes -> classes)
                .toList();
    }
}
