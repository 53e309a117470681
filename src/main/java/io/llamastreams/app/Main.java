package io.llamastreams.app;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Entry point: makes sure that the Java that runs is new enough and has the flags the engine needs, then hands over to
 * {@link #APPLICATION}.
 *
 * <p>Compiled for Java 8, so that every Java can load it and say in one line which one is needed. Where the vector module is
 * missing it starts the same program again with {@link #flags}: on Linux the process is replaced (same process id, so signals
 * and exit codes are those of the user's process), elsewhere a child runs that ends with this process.
 */
public final class Main {
    static final int NEEDED_JAVA = 25;

    /** Names the process whose end ends a child that was started by it. */
    static final String PARENT_PROPERTY = "llamastreams.parent";

    /**
     * Names the file beside the jar in which the command {@code warm} keeps what Java has learnt about the program, so that
     * it starts faster: an AOT cache (JEP 483, 514 and 515).
     */
    static final String CACHE_PROPERTY = "llamastreams.cache";

    private static final String APPLICATION = "io.llamastreams.app.LlamaStreams";
    private static final String PROCESS_IMAGE = "io.llamastreams.app.ProcessImage";
    private static final String FLAGS_FILE = "java.args";

    private Main() {}

    public static void main(String[] args) throws Throwable {
        if (javaVersion() < NEEDED_JAVA) {
            System.err.println("llama-streams: Java " + NEEDED_JAVA + " or newer is needed, found Java "
                    + System.getProperty("java.version") + " in " + System.getProperty("java.home"));
            System.exit(2);
        } else if (hasVectorModule()) {
            File cache = cacheOf(classPath());
            if (cache != null && System.getProperty(CACHE_PROPERTY) == null) {
                System.setProperty(CACHE_PROPERTY, cache.getPath());
            }
            callStatic(APPLICATION, "main", new Class<?>[] {String[].class}, (Object) args);
        } else {
            restart(args);
        }
    }

    /** Feature release of the running Java; "1.8" counts as 8. */
    static int javaVersion() {
        String version = System.getProperty("java.specification.version");
        return Integer.parseInt(version.startsWith("1.") ? version.substring(2) : version);
    }

    private static boolean hasVectorModule() {
        try {
            Class.forName("jdk.incubator.vector.FloatVector", false, Main.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    /** Java's flags without which the engine does not run: the words of {@link #FLAGS_FILE}, which Java itself reads as well. */
    public static List<String> flags() throws IOException {
        List<String> flags = new ArrayList<>();
        try (InputStream file = Main.class.getResourceAsStream(FLAGS_FILE);
                BufferedReader lines = new BufferedReader(new InputStreamReader(file, "UTF-8"))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String words = line.replaceFirst("#.*", "").trim();
                if (!words.isEmpty()) {
                    flags.addAll(Arrays.asList(words.split("\\s+")));
                }
            }
        }
        return flags;
    }

    private static void restart(String[] args) throws Throwable {
        boolean replaceable = System.getProperty("os.name").equals("Linux");
        if (replaceable) {
            callStatic(PROCESS_IMAGE, "prepare", new Class<?>[0]);
        }
        List<String> command = new ArrayList<>();
        command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
        command.addAll(flags());
        List<String> userFlags = ManagementFactory.getRuntimeMXBean().getInputArguments();
        command.addAll(cacheFlags(cacheOf(classPath()), userFlags));
        // The user's own flags come last and win.
        command.addAll(userFlags);
        command.add("-cp");
        command.add(classPath());
        if (replaceable) {
            // Comes back only if the process could not be replaced.
            callStatic(
                    PROCESS_IMAGE,
                    "replaceOrReturn",
                    new Class<?>[] {List.class, String.class, int.class},
                    command,
                    APPLICATION,
                    args.length);
        }
        command.add("-D" + PARENT_PROPERTY + "="
                + ManagementFactory.getRuntimeMXBean().getName().split("@")[0]);
        command.add(APPLICATION);
        for (String arg : args) {
            command.add(arg);
        }
        System.exit(runChild(command));
    }

    /** Of a jar its full path, since a cache fits this class path alone, from whatever folder the program is started. */
    private static String classPath() {
        String path = System.getProperty("java.class.path");
        return isJar(path) ? new File(path).getAbsolutePath() : path;
    }

    private static boolean isJar(String path) {
        return path.endsWith(".jar") && new File(path).isFile();
    }

    /** Where the cache of a jar lies, if there is one; null if the class path is no jar. */
    private static File cacheOf(String classPath) {
        return isJar(classPath)
                ? new File(classPath.substring(0, classPath.length() - ".jar".length()) + ".aot")
                : null;
    }

    /**
     * Lets Java use the cache, unless the user has plans with one. Java itself finds out whether it was made by this very
     * Java from these very jars, and starts without it otherwise; it would tell of that on standard output.
     */
    static List<String> cacheFlags(File cache, List<String> userFlags) {
        List<String> flags = new ArrayList<>();
        if (cache == null) {
            return flags;
        }
        flags.add("-D" + CACHE_PROPERTY + "=" + cache.getPath());
        boolean hasPlans = false;
        for (String flag : userFlags) {
            hasPlans |= flag.startsWith("-XX:AOT") || flag.startsWith("-Xshare") || flag.contains("SharedArchive");
        }
        if (!hasPlans && cache.isFile()) {
            flags.add("-XX:AOTCache=" + cache.getPath());
            flags.add("-Xlog:aot*=off");
            flags.add("-Xlog:cds*=off");
        }
        return flags;
    }

    private static int runChild(List<String> command) throws InterruptedException, IOException {
        final Process child;
        try {
            child = new ProcessBuilder(command).inheritIO().start();
        } catch (IOException e) {
            System.err.println("llama-streams: cannot start Java again with the flags that are needed ("
                    + e.getMessage() + "); start it with: " + String.join(" ", flags()));
            return 2;
        }
        Runtime.getRuntime().addShutdownHook(new Thread("end-child") {
            @Override
            public void run() {
                child.destroy();
                try {
                    child.waitFor();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        });
        return child.waitFor();
    }

    /** Calls a class that only a new Java can load. */
    private static void callStatic(String className, String method, Class<?>[] types, Object... values)
            throws Throwable {
        try {
            Class.forName(className).getMethod(method, types).invoke(null, values);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
