package io.llamastreams.faults;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A folder that is a file system of its own, in memory, and so can be full. Mounting takes root's rights on Linux; without them
 * it is an ordinary folder that cannot. One thread.
 */
final class SmallDisk implements AutoCloseable {

    /** All stores are in memory: a worker has some small files here. */
    private static final int MEGABYTES = 8;

    private final Path folder;
    private final Path ballast;
    private final boolean mounted;
    private final Thread unmounter = new Thread(this::unmount, "unmount-small-disk");

    /** @param folder is made; what an earlier run left mounted there is taken away */
    SmallDisk(Path folder) {
        this.folder = folder;
        ballast = folder.resolve("ballast");
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        mounted = succeeds("mount", "-t", "tmpfs", "-o", "size=" + MEGABYTES + "m", "tmpfs", folder.toString());
        if (mounted) {
            Runtime.getRuntime().addShutdownHook(unmounter);
        }
    }

    /** Takes away what a run that was killed left mounted. */
    static void unmount(Path folder) {
        if (Files.exists(folder)) {
            succeeds("umount", "-l", folder.toString());
        }
    }

    Path folder() {
        return folder;
    }

    /** Whether it can be full. */
    boolean isSmall() {
        return mounted;
    }

    /** Leaves not a byte of room. */
    void fill() {
        byte[] block = new byte[64 * 1024];
        try {
            for (int size = block.length; size >= 1; size /= 2) {
                append(block, size);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As many blocks of a size as there is room for. */
    private void append(byte[] block, int size) throws IOException {
        try (OutputStream out = Files.newOutputStream(ballast, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            for (long written = 0; written <= MEGABYTES * 1024L * 1024; written += size) {
                try {
                    out.write(block, 0, size);
                } catch (IOException e) {
                    return; // full
                }
            }
        }
        throw new IOException(folder + ": expected no more room than " + MEGABYTES + " MB, found more");
    }

    /** Gives the room back. */
    void free() {
        try {
            Files.deleteIfExists(ballast);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void unmount() {
        unmount(folder);
    }

    private static boolean succeeds(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor() == 0;
        } catch (IOException e) {
            return false; // no such program
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void close() {
        if (mounted) {
            unmount();
            Runtime.getRuntime().removeShutdownHook(unmounter);
        }
    }
}
