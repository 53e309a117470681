package io.llamastreams.documents;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Where documents lie; paths are relative to the repository, in whose root tests run. */
final class Documents {
    static final Path README = Path.of("README.md");
    static final Path SITE = Path.of("src/site/markdown");
    static final Path SITE_RESOURCES = Path.of("src/site/resources");
    private static final Path GITHUB = Path.of(".github");
    private static final Path DEPLOY = Path.of("deploy");

    private Documents() {}

    static List<Page> pages() {
        List<Page> pages = new ArrayList<>();
        List.of(README, GITHUB, SITE)
                .forEach(place -> filesBelow(place).stream()
                        .filter(file -> file.toString().endsWith(".md"))
                        .map(Documents::read)
                        .forEach(pages::add));
        return pages;
    }

    /** Files that show commands in comments. */
    static List<Path> deployFiles() {
        return filesBelow(DEPLOY);
    }

    static boolean isOfSite(Path file) {
        return file.startsWith(SITE);
    }

    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Path> filesBelow(Path place) {
        try (Stream<Path> files = Files.walk(place)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Page read(Path file) {
        try {
            return Page.read(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
