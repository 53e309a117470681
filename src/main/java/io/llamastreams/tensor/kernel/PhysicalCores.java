package io.llamastreams.tensor.kernel;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many threads compute best: one for each physical core that this process may use, since two on one core share its
 * arithmetic and its caches. Any thread.
 *
 * <p>Cores come from Linux's {@code topology/thread_siblings_list} of each processor, the processors that the process is bound to
 * from {@code /proc/self/status}, and a container's quota from the JVM, whose count of processors is never exceeded. Where
 * Linux does not tell, or there is none, that count is the answer.
 */
public final class PhysicalCores {
    private static final Path PROCESSORS = Path.of("/sys/devices/system/cpu");
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Pattern ALLOWED = Pattern.compile("(?m)^Cpus_allowed_list:[ \\t]*(\\S+)$");
    private static final Pattern RANGE = Pattern.compile("(\\d{1,5})(?:-(\\d{1,5}))?");

    private PhysicalCores() {}

    /** Physical cores that this process may use, at least 1. */
    public static int count() {
        return count(PROCESSORS, STATUS, Runtime.getRuntime().availableProcessors());
    }

    /**
     * For tests.
     *
     * @param processors folder with {@code cpu0}, {@code cpu1}, ...
     * @param status file with the line {@code Cpus_allowed_list}
     * @param available processors by the JVM's count
     */
    static int count(Path processors, Path status, int available) {
        try {
            int cores = cores(processors, allowed(status)).size();
            return cores == 0 ? available : Math.min(cores, available);
        } catch (IOException | DirectoryIteratorException e) {
            return available; // no Linux, or one that hides this
        }
    }

    /** For each core with a processor that is allowed, its list of processors. */
    private static Set<String> cores(Path processors, Optional<BitSet> allowed) throws IOException {
        Set<String> cores = new HashSet<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(processors, "cpu[0-9]*")) {
            for (Path folder : folders) {
                Path siblings = folder.resolve("topology").resolve("thread_siblings_list");
                // a processor that is switched off has no topology
                if (isAllowed(folder, allowed) && Files.exists(siblings)) {
                    cores.add(Files.readString(siblings).strip());
                }
            }
        }
        return cores;
    }

    private static boolean isAllowed(Path folder, Optional<BitSet> allowed) {
        String number = folder.getFileName().toString().substring("cpu".length());
        return number.matches("\\d{1,5}") && (allowed.isEmpty() || allowed.get().get(Integer.parseInt(number)));
    }

    /** Processors that the process is bound to; empty if the file does not tell in a form that is known. */
    private static Optional<BitSet> allowed(Path status) throws IOException {
        Matcher line = ALLOWED.matcher(Files.readString(status));
        if (!line.find()) {
            return Optional.empty();
        }
        BitSet allowed = new BitSet();
        for (String range : line.group(1).split(",", -1)) {
            Matcher bounds = RANGE.matcher(range);
            if (!bounds.matches()) {
                return Optional.empty();
            }
            int first = Integer.parseInt(bounds.group(1));
            int last = bounds.group(2) == null ? first : Integer.parseInt(bounds.group(2));
            if (last < first) {
                return Optional.empty();
            }
            allowed.set(first, last + 1);
        }
        return Optional.of(allowed);
    }
}
