package io.llamastreams.app;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Replaces the running Java by another, in the same process, as {@code execv(3)} does. Linux only; called by {@link Main}
 * through reflection, on the main thread.
 *
 * <pre>
 *   first Java                      second Java
 *   saved = dup(2), 2 = /dev/null   starts, and warns of incubator modules into nothing
 *   execv -------------------------> main: 2 = saved
 * </pre>
 *
 * No flag turns that warning off, and it would be the first line of every command. What else Java has to say while it starts,
 * the first one has said already.
 */
public final class ProcessImage {
    /** Tells the second Java where standard error has been put. */
    private static final String SAVED_ERROR_PROPERTY = "llamastreams.stderr";

    private static final int STANDARD_ERROR = 2;
    private static final int O_RDONLY = 0;
    private static final int O_WRONLY = 1;
    private static final int O_ACCMODE = 3;

    private static TerminationSignals signals;

    private ProcessImage() {}

    /** First of all, and some time before {@link #replaceOrReturn}. */
    public static void prepare() {
        signals = TerminationSignals.giveToSystem();
    }

    /**
     * Becomes {@code java} with the given flags and main class and the user's arguments; comes back only if that is not
     * possible here.
     *
     * <p>In the POSIX locale Java can neither read nor print anything but ASCII. There the new Java is given the same
     * locale with UTF-8, and the arguments are passed on as the bytes that the user typed.
     *
     * @param argumentCount how many arguments the user gave to the program
     */
    public static void replaceOrReturn(List<String> java, String mainClass, int argumentCount) {
        int savedError = -1;
        try (Arena arena = Arena.ofConfined()) {
            List<byte[]> arguments = rawArguments(argumentCount);
            Charset charset = Charset.forName(System.getProperty("sun.jnu.encoding"));
            if (charset.equals(StandardCharsets.US_ASCII)) {
                setEnvironment(arena, "LC_ALL", "C.UTF-8");
            }
            List<String> command = new ArrayList<>(java);
            savedError = mayStartSilently(java) ? silence(arena) : -1;
            if (savedError >= 0) {
                command.add("-D" + SAVED_ERROR_PROPERTY + "=" + savedError);
            }
            command.add(mainClass);
            List<byte[]> strings = new ArrayList<>();
            command.forEach(part -> strings.add(part.getBytes(charset)));
            strings.addAll(arguments);
            TerminationSignals.waitForEndThatHasBegun();
            execute(arena, strings);
        } catch (IOException | UnsupportedOperationException e) {
            // Main starts a child instead.
            return;
        } finally {
            restore(savedError);
            signals.takeBack();
        }
    }

    /** In the second Java: gives standard error back, if it was put aside. */
    static void restoreStandardError() {
        restore(Integer.getInteger(SAVED_ERROR_PROPERTY, -1));
    }

    /**
     * Not with an agent, which may fail at a second start because the first still holds its port; and not where standard
     * error was closed, since that number then belongs to the first file that Java has opened.
     */
    private static boolean mayStartSilently(List<String> java) throws IOException {
        boolean hasAgent = java.stream().anyMatch(flag -> flag.startsWith("-agent") || flag.startsWith("-javaagent"));
        if (hasAgent) {
            return false;
        }
        Path description = Path.of("/proc/self/fdinfo/" + STANDARD_ERROR);
        for (String line : Files.readAllLines(description, StandardCharsets.ISO_8859_1)) {
            if (line.startsWith("flags:")) {
                return (Integer.parseInt(line.substring("flags:".length()).strip(), 8) & O_ACCMODE) != O_RDONLY;
            }
        }
        return false;
    }

    /** The last {@code count} arguments of this process. */
    private static List<byte[]> rawArguments(int count) throws IOException {
        byte[] all = Files.readAllBytes(Path.of("/proc/self/cmdline"));
        List<byte[]> parts = new ArrayList<>();
        for (int start = 0, end; start < all.length; start = end + 1) {
            end = start;
            while (end < all.length && all[end] != 0) {
                end++;
            }
            parts.add(Arrays.copyOfRange(all, start, end));
        }
        if (parts.size() < count) {
            throw new IOException("/proc/self/cmdline: expected at least " + count + " parts, found " + parts.size());
        }
        return parts.subList(parts.size() - count, parts.size());
    }

    private static void setEnvironment(Arena arena, String name, String value) {
        MethodHandle setenv = function("setenv", ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
        try {
            int failed = (int) setenv.invokeExact(arena.allocateFrom(name), arena.allocateFrom(value), 1);
            if (failed != 0) {
                throw new UnsupportedOperationException("setenv");
            }
        } catch (Throwable e) {
            throw new UnsupportedOperationException(e);
        }
    }

    /** Points standard error to nowhere; returns a copy of what it was, or -1 if nothing was changed. */
    private static int silence(Arena arena) {
        MethodHandle dup = function("dup", ValueLayout.JAVA_INT);
        MethodHandle open = function("open", ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
        System.err.flush();
        try {
            int nowhere = (int) open.invokeExact(arena.allocateFrom("/dev/null"), O_WRONLY);
            if (nowhere < 0) {
                return -1;
            }
            int saved = (int) dup.invokeExact(STANDARD_ERROR);
            if (saved >= 0) {
                duplicate(nowhere, STANDARD_ERROR);
            }
            close(nowhere);
            return saved;
        } catch (Throwable e) {
            throw new UnsupportedOperationException(e);
        }
    }

    private static void restore(int saved) {
        if (saved >= 0) {
            duplicate(saved, STANDARD_ERROR);
            close(saved);
        }
    }

    private static void duplicate(int from, int to) {
        MethodHandle dup2 = function("dup2", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
        try {
            int result = (int) dup2.invokeExact(from, to);
            if (result != to) {
                throw new UnsupportedOperationException("dup2");
            }
        } catch (Throwable e) {
            throw new UnsupportedOperationException(e);
        }
    }

    private static void close(int fileDescriptor) {
        try {
            int unused = (int) function("close", ValueLayout.JAVA_INT).invokeExact(fileDescriptor);
        } catch (Throwable e) {
            throw new UnsupportedOperationException(e);
        }
    }

    private static void execute(Arena arena, List<byte[]> strings) {
        MethodHandle execv = function("execv", ValueLayout.ADDRESS, ValueLayout.ADDRESS);
        MemorySegment array = arena.allocate(MemoryLayout.sequenceLayout(strings.size() + 1L, ValueLayout.ADDRESS));
        for (int i = 0; i < strings.size(); i++) {
            byte[] string = strings.get(i);
            MemorySegment copy = arena.allocate(string.length + 1L);
            MemorySegment.copy(string, 0, copy, ValueLayout.JAVA_BYTE, 0, string.length);
            array.setAtIndex(ValueLayout.ADDRESS, i, copy);
        }
        System.out.flush();
        try {
            int unused = (int) execv.invokeExact(array.getAtIndex(ValueLayout.ADDRESS, 0), array);
        } catch (Throwable e) {
            throw new UnsupportedOperationException(e);
        }
    }

    /** A function of the C library that returns an int. */
    @SuppressWarnings("restricted") // names and parameters are those of POSIX
    private static MethodHandle function(String name, MemoryLayout... parameters) {
        Linker linker = Linker.nativeLinker();
        MemorySegment address = linker.defaultLookup()
                .find(name)
                .orElseThrow(() -> new UnsupportedOperationException("no function " + name));
        return linker.downcallHandle(address, FunctionDescriptor.of(ValueLayout.JAVA_INT, parameters));
    }
}
