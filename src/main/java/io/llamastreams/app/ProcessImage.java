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
 */
public final class ProcessImage {

    private ProcessImage() {}

    /**
     * Becomes {@code command} with the user's arguments after it; comes back only if that is not possible here.
     *
     * <p>In the POSIX locale Java can neither read nor print anything but ASCII. There the new Java is given the same
     * locale with UTF-8, and the arguments are passed on as the bytes that the user typed.
     *
     * @param command path of the program, its flags, the main class
     * @param argumentCount how many arguments the user gave to the program
     */
    public static void replaceOrReturn(List<String> command, int argumentCount) {
        if (!Files.isExecutable(Path.of(command.getFirst()))) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            Charset charset = Charset.forName(System.getProperty("sun.jnu.encoding"));
            List<byte[]> strings = new ArrayList<>();
            for (String part : command) {
                strings.add(part.getBytes(charset));
            }
            strings.addAll(rawArguments(argumentCount));
            if (charset.equals(StandardCharsets.US_ASCII)) {
                setEnvironment(arena, "LC_ALL", "C.UTF-8");
            }
            execute(arena, strings);
        } catch (IOException | UnsupportedOperationException e) {
            // Main starts a child instead.
            return;
        }
    }

    /** The last {@code count} arguments of this process. */
    private static List<byte[]> rawArguments(int count) throws IOException {
        byte[] all = Files.readAllBytes(Path.of("/proc/self/cmdline"));
        List<byte[]> parts = new ArrayList<>();
        for (int start = 0, end; start < all.length; start = end + 1) {
            end = start;
            while (all[end] != 0) {
                end++;
            }
            parts.add(Arrays.copyOfRange(all, start, end));
        }
        return parts.subList(parts.size() - count, parts.size());
    }

    private static void setEnvironment(Arena arena, String name, String value) {
        MethodHandle setenv = function(
                "setenv",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
        try {
            int result = (int) setenv.invokeExact(arena.allocateFrom(name), arena.allocateFrom(value), 1);
            if (result != 0) {
                throw new UnsupportedOperationException("setenv");
            }
        } catch (Throwable e) {
            throw new UnsupportedOperationException(e);
        }
    }

    private static void execute(Arena arena, List<byte[]> strings) {
        MethodHandle execv = function(
                "execv", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
        MemorySegment array = arena.allocate(MemoryLayout.sequenceLayout(strings.size() + 1L, ValueLayout.ADDRESS));
        for (int i = 0; i < strings.size(); i++) {
            byte[] string = strings.get(i);
            MemorySegment copy = arena.allocate(string.length + 1L);
            MemorySegment.copy(string, 0, copy, ValueLayout.JAVA_BYTE, 0, string.length);
            array.setAtIndex(ValueLayout.ADDRESS, i, copy);
        }
        System.out.flush();
        System.err.flush();
        try {
            int unusedBecauseItOnlyComesBackOnFailure =
                    (int) execv.invokeExact(array.getAtIndex(ValueLayout.ADDRESS, 0), array);
        } catch (Throwable e) {
            throw new UnsupportedOperationException(e);
        }
    }

    @SuppressWarnings("restricted") // names and descriptors are those of POSIX
    private static MethodHandle function(String name, FunctionDescriptor descriptor) {
        Linker linker = Linker.nativeLinker();
        MemorySegment address = linker.defaultLookup()
                .find(name)
                .orElseThrow(() -> new UnsupportedOperationException("no function " + name));
        return linker.downcallHandle(address, descriptor);
    }
}
