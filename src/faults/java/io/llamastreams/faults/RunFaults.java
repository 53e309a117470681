package io.llamastreams.faults;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command for runs of any length. Prints each fault, a table, and as its last line the verdict in JSON. */
@Command(name = "faults", description = "Run broker and workers through faults, and count what became of every prompt.")
final class RunFaults implements Callable<Integer> {

    private static final Duration PACE = Duration.ofMillis(4500);

    @Option(
            names = "--minutes",
            defaultValue = "5",
            description = "How long faults are done. Default: ${DEFAULT-VALUE}.")
    private int minutes;

    @Option(names = "--seed", defaultValue = "1", description = "Repeats a plan. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(names = "--prompts", defaultValue = "0", description = "Prompts in all. Default: 600 for each minute.")
    private int prompts;

    @Option(
            names = "--protocol",
            defaultValue = "both",
            description = "Group protocol: classic, streams or both, one after the other. Default: ${DEFAULT-VALUE}.")
    private String protocol;

    @Option(names = "--model", required = true, description = "A small Llama 2 model, as a GGUF file.")
    private Path model;

    @Option(
            names = "--folder",
            defaultValue = "target/faults",
            description = "For logs and data. Default: ${DEFAULT-VALUE}.")
    private Path folder;

    private RunFaults() {}

    /** Ends with 0 if the verdict is clean. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new RunFaults()).execute(args));
    }

    @Override
    public Integer call() throws InterruptedException {
        List<String> protocols = protocol.equals("both") ? List.of("classic", "streams") : List.of(protocol);
        int allPrompts = prompts == 0 ? 600 * minutes : prompts;
        int faults = Math.toIntExact(Duration.ofMinutes(minutes).dividedBy(PACE)) / protocols.size();
        List<FaultReport> verdicts = new ArrayList<>();
        for (String each : protocols) {
            FaultReport verdict = FaultRun.run(new FaultRun.Options(
                    each,
                    seed,
                    Math.max(faults, FaultKind.values().length),
                    PACE,
                    allPrompts / protocols.size(),
                    model,
                    folder.resolve(each + "-" + seed),
                    System.out::println));
            System.out.println(verdict.toTable());
            verdicts.add(verdict);
        }
        FaultReport all = verdicts.stream().reduce(FaultReport::plus).orElseThrow();
        System.out.println(all.toJson());
        return all.isClean() ? 0 : 1;
    }
}
