package io.llamastreams.fuzz;

import io.llamastreams.app.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs Jazzer on a target, in a process of its own. */
final class FuzzRun {
    /** Beyond the time of fuzzing: for starting, the corpus, and an input that takes long. */
    private static final long GRACE_SECONDS = 180;

    /** Of a fuzzer that had to be stopped: the machine had no time for it, or an input takes for ever. */
    static final int LATE = -1;

    private FuzzRun() {}

    /**
     * What came of it.
     *
     * @param exitCode 0 if nothing was found, {@link #LATE} if the fuzzer did not come to its end
     * @param log what Jazzer said
     */
    record Result(int exitCode, Path log) {}

    /**
     * Fuzzes for some time, or until something is found.
     *
     * @param seed of the fuzzer's random numbers; 0 for another one each time
     * @param folder takes the log, new inputs, and the input that found something
     */
    static Result run(FuzzTarget target, int seconds, int seed, Path folder) throws IOException, InterruptedException {
        Path grown = Files.createDirectories(folder.resolve("corpus-" + target));
        Path log = folder.resolve(target + ".log");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(Main.flags());
        command.addAll(List.of(
                "-XX:+EnableDynamicAgentLoading",
                "-Xmx1g",
                "-cp",
                System.getProperty("java.class.path"),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + target.className(),
                "--instrumentation_includes=io.llamastreams.**",
                "--custom_hook_includes=io.llamastreams.**",
                "--reproducer_path=" + folder,
                "-artifact_prefix=" + folder + "/" + target + "-",
                "-max_total_time=" + seconds,
                "-seed=" + seed,
                "-max_len=" + target.maxBytes(),
                "-timeout=120",
                "-rss_limit_mb=4000",
                "-print_final_stats=1",
                grown.toString(),
                target.corpus().toString()));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            if (!process.waitFor(seconds + GRACE_SECONDS, TimeUnit.SECONDS)) {
                return new Result(LATE, log);
            }
            return new Result(process.exitValue(), log);
        } finally {
            process.destroyForcibly();
        }
    }
}
