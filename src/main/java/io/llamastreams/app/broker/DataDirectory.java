package io.llamastreams.app.broker;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A broker's data directory while it is in use: locked against others, and deleted at the end if it is temporary.
 *
 * <p>Kafka locks its directories too, but a combined broker and controller only after its metadata log was opened, when
 * a second one on the same directory has already harmed the first.
 */
final class DataDirectory implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(DataDirectory.class);
    private static final String LOCK_FILE = ".llama-streams.lock";

    private final Path path;
    private final boolean temporary;
    private final FileChannel lockFile;

    private DataDirectory(Path path, boolean temporary, FileChannel lockFile) {
        this.path = path;
        this.temporary = temporary;
        this.lockFile = lockFile;
    }

    /** Makes an empty directory that {@link #close} deletes. */
    static DataDirectory temporary() throws IOException {
        return lock(Files.createTempDirectory("llama-streams-broker-"), true);
    }

    /**
     * Locks a directory, which is made where it is missing.
     *
     * @throws EmbeddedBrokerException if another broker uses it
     */
    static DataDirectory of(Path path) throws IOException {
        Files.createDirectories(path);
        return lock(path, false);
    }

    private static DataDirectory lock(Path path, boolean temporary) throws IOException {
        FileChannel lockFile =
                FileChannel.open(path.resolve(LOCK_FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (!isLocked(lockFile)) {
            lockFile.close();
            throw new EmbeddedBrokerException(
                    path + ": expected a free directory, found another broker using it", null);
        }
        return new DataDirectory(path, temporary, lockFile);
    }

    private static boolean isLocked(FileChannel file) throws IOException {
        try {
            // Held until the channel closes.
            FileLock lock = file.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    Path path() {
        return path;
    }

    @Override
    public void close() {
        try {
            lockFile.close();
            if (temporary) {
                delete();
            }
        } catch (IOException e) {
            log.warn("data directory not left in order: directory={} reason={}", path, e.toString());
        }
    }

    private void delete() throws IOException {
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
