package io.llamastreams.faults.clock;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** The time of day of one process after another. One thread at a time. */
public final class ProcessClock {
    private static final List<String> CLASSES = List.of("ClockAgent", "ClockAgent$CallsReplaced", "JumpingClock");

    private final Path agent;
    private final Path offsetFile;

    /**
     * A clock that is right.
     *
     * @param folder for the agent and for what it reads
     * @param name unlike those of other clocks in the folder
     */
    public ProcessClock(Path folder, String name) {
        agent = folder.resolve(name + "-clock.jar").toAbsolutePath();
        offsetFile = folder.resolve(name + ".clock").toAbsolutePath();
        writeAgent();
    }

    private void writeAgent() {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(new Attributes.Name("Premain-Class"), ClockAgent.class.getName());
        try (OutputStream file = Files.newOutputStream(agent);
                JarOutputStream jar = new JarOutputStream(file, manifest)) {
            for (String name : CLASSES) {
                jar.putNextEntry(
                        new JarEntry(ProcessClock.class.getPackageName().replace('.', '/') + "/" + name + ".class"));
                try (InputStream bytes = ProcessClock.class.getResourceAsStream(name + ".class")) {
                    bytes.transferTo(jar);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The flag for Java with which a process has this clock. */
    public String flag() {
        return "-javaagent:" + agent + "=" + offsetFile;
    }

    /** Sets the clock; a running process has the new time within a moment. */
    public void set(Duration ahead) {
        Path temporary = offsetFile.resolveSibling(offsetFile.getFileName() + ".tmp");
        try {
            Files.writeString(temporary, Long.toString(ahead.toMillis()));
            Files.move(temporary, offsetFile, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
