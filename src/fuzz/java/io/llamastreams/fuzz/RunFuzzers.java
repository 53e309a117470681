package io.llamastreams.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Fuzzes for as long as wanted: {@code SECONDS FOLDER [TARGET ...]}, all targets one after the other if none is named. The
 * last line says how many found something, which is the exit code.
 */
final class RunFuzzers {
    private RunFuzzers() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        int seconds = Integer.parseInt(args[0]);
        Path folder = Files.createDirectories(Path.of(args[1]));
        List<FuzzTarget> targets = args.length == 2
                ? List.of(FuzzTarget.values())
                : List.of(args).subList(2, args.length).stream()
                        .map(FuzzTarget::valueOf)
                        .toList();
        int found = 0;
        for (FuzzTarget target : targets) {
            FuzzRun.Result result = FuzzRun.run(target, seconds, 0, folder);
            System.out.println(target + ": " + say(result.exitCode()) + ": " + result.log());
            found += result.exitCode() == 0 ? 0 : 1;
        }
        System.out.println(found + " of " + targets.size() + " targets found something");
        System.exit(found);
    }

    private static String say(int exitCode) {
        return switch (exitCode) {
            case 0 -> "nothing found";
            case FuzzRun.LATE -> "NOT AT ITS END IN TIME";
            default -> "FOUND";
        };
    }
}
