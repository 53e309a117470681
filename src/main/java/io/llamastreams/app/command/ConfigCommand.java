package io.llamastreams.app.command;

import io.llamastreams.app.terminal.Console;
import io.llamastreams.app.terminal.QuietCommand;
import io.llamastreams.topology.config.TopologyConfig;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.Option;

/** The keys of the configuration, and what a configuration amounts to. */
@Command(
        name = "config",
        description = {
            "Print the keys of the service's configuration: what each is for, its type, default and range.",
            "",
            "Keys of Kafka (bootstrap.servers, security.protocol, consumer.*, producer.*, state.dir ...) and of the schema"
                    + " registry stand beside them as they are. With --effective the keys and values are printed that the"
                    + " other options amount to."
        },
        modelTransformer = ConfigCommand.KeysInHelp.class)
public final class ConfigCommand implements Callable<Integer>, QuietCommand {

    /** Puts the keys under the help; they are only looked at when help is asked for. */
    static final class KeysInHelp implements IModelTransformer {
        @Override
        public CommandSpec transform(CommandSpec command) {
            command.usageMessage()
                    .sectionMap()
                    .put(UsageMessageSpec.SECTION_KEY_FOOTER, help -> System.lineSeparator() + ConfigText.keys());
            return command;
        }
    }

    @Option(names = "--markdown", description = "Print the keys as a Markdown table.")
    private boolean markdown;

    @Option(names = "--effective", description = "Check a configuration and print its values, secrets hidden.")
    private boolean effective;

    @Mixin
    private KafkaOptions kafka;

    private final Console console;

    ConfigCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (effective) {
            kafka.load(Map.of(), Map.of())
                    .describe()
                    .forEach((key, value) -> console.out().println(key + "=" + value));
        } else {
            console.out().print(markdown ? TopologyConfig.toMarkdown() : ConfigText.keys());
        }
        return 0;
    }
}
