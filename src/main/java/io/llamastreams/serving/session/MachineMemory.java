package io.llamastreams.serving.session;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What memory the machine, or the container, has. Any thread. */
final class MachineMemory {
    private static final Path LINUX = Path.of("/proc/meminfo");

    private MachineMemory() {}

    /** Bytes of memory, used or not: the container's limit where there is one. */
    static long totalBytes() {
        return system().getTotalMemorySize();
    }

    /**
     * Bytes that can be taken off the heap without driving anybody else out, once the Java heap has all that it may take.
     *
     * <p>Linux counts memory that holds cached files as used, although it can be taken; so its own estimate is asked first.
     * It knows nothing of a container's limit, under which the JDK's number is the right one.
     */
    static long availableBytes() {
        long free = system().getFreeMemorySize();
        long total = system().getTotalMemorySize();
        if (linuxBytes("MemTotal") == total) {
            free = Math.max(free, linuxBytes("MemAvailable"));
        }
        Runtime runtime = Runtime.getRuntime();
        long heapToCome = runtime.maxMemory() - runtime.totalMemory();
        return Math.max(0, free - heapToCome);
    }

    private static OperatingSystemMXBean system() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    }

    /** A line of {@code /proc/meminfo} such as {@code MemTotal:  24684092 kB}, or -1 where there is none. */
    private static long linuxBytes(String name) {
        try {
            Matcher line =
                    Pattern.compile("(?m)^" + name + ":\\s+(\\d{1,15}) kB$").matcher(Files.readString(LINUX));
            return line.find() ? Long.parseLong(line.group(1)) << 10 : -1;
        } catch (IOException e) {
            return -1; // no Linux
        }
    }
}
