package io.llamastreams.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheFlagsTest {
    @TempDir
    Path folder;

    private File cache() throws IOException {
        return Files.writeString(folder.resolve("p.aot"), "").toFile();
    }

    @Test
    void aCacheThatIsThereIsUsedInSilence() throws IOException {
        File cache = cache();
        assertThat(Main.cacheFlags(cache, List.of("-Xmx1g", "-Dx=-XX:AOTCache=y")))
                .containsExactly(
                        "-Dllamastreams.cache=" + cache, "-XX:AOTCache=" + cache, "-Xlog:aot*=off", "-Xlog:cds*=off");
    }

    @Test
    void aCacheThatIsNotThereIsNamedOnly() {
        File cache = folder.resolve("p.aot").toFile();
        assertThat(Main.cacheFlags(cache, List.of())).containsExactly("-Dllamastreams.cache=" + cache);
        assertThat(Main.cacheFlags(null, List.of())).isEmpty();
    }

    @Test
    void theUsersOwnPlansWithCachesComeFirst() throws IOException {
        File cache = cache();
        for (String flag : List.of(
                "-XX:AOTCache=mine.aot",
                "-XX:AOTCacheOutput=mine.aot",
                "-XX:AOTMode=off",
                "-Xshare:off",
                "-XX:SharedArchiveFile=mine.jsa",
                "-XX:+AutoCreateSharedArchive")) {
            assertThat(Main.cacheFlags(cache, List.of("-Xmx1g", flag)))
                    .as(flag)
                    .containsExactly("-Dllamastreams.cache=" + cache);
        }
    }
}
