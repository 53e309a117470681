package io.llamastreams.app.command;

import io.llamastreams.app.terminal.CommandFailure;
import io.llamastreams.topology.config.TopologyConfig;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.common.config.ConfigException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options of the commands that speak to a cluster, and the configuration that comes of them. */
final class KafkaOptions {

    static final String BOOTSTRAP_KEY = "bootstrap.servers";
    static final String REGISTRY_KEY = "schema.registry.url";

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description =
                    "Properties file with keys of this program (see \"llama-streams config\"), of Kafka and of the"
                            + " schema registry.")
    private Optional<Path> file = Optional.empty();

    @Option(
            names = "--bootstrap",
            paramLabel = "HOST:PORT",
            description = "A broker of the cluster, or several with commas between; the key bootstrap.servers.")
    private Optional<String> bootstrap = Optional.empty();

    @Option(
            names = "--registry",
            paramLabel = "URL",
            description =
                    "The schema registry; the key schema.registry.url. \"mock://\" needs no server: all processes of"
                            + " this program agree on its content.")
    private Optional<String> registry = Optional.empty();

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description =
                    "Any key of the configuration; may be repeated, and wins over the file and the other options.")
    private Map<String, String> settings = new LinkedHashMap<>();

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    /**
     * The configuration: defaults, then the file, then options, then {@code --set}; later ones win.
     *
     * @param defaults where nothing else is given
     * @param options that the command has itself, as keys
     * @throws CommandFailure if the file cannot be read or a value is wrong
     */
    TopologyConfig load(Map<String, String> defaults, Map<String, String> options) {
        Map<String, String> given = new LinkedHashMap<>(defaults);
        file.ifPresent(path -> given.putAll(read(path)));
        bootstrap.ifPresent(value -> given.put(BOOTSTRAP_KEY, value));
        registry.ifPresent(value -> given.put(REGISTRY_KEY, value));
        given.putAll(options);
        given.putAll(settings);
        try {
            return TopologyConfig.of(given);
        } catch (ConfigException e) {
            throw new CommandFailure(file.map(path -> path + ": ").orElse("") + e.getMessage(), e);
        }
    }

    /**
     * The same for a command that cannot do without a broker and a registry.
     *
     * @throws ParameterException if one of the two is not given
     */
    TopologyConfig loadForCluster(Map<String, String> defaults, Map<String, String> options) {
        TopologyConfig config = load(defaults, options);
        require(config, BOOTSTRAP_KEY, "--bootstrap HOST:PORT");
        require(config, REGISTRY_KEY, "--registry URL (mock:// needs no server)");
        return config;
    }

    /** @throws ParameterException if the key has no value */
    void require(TopologyConfig config, String key, String option) {
        if (config.describe().getOrDefault(key, "").isBlank()) {
            throw new ParameterException(
                    command.commandLine(),
                    key + ": expected a value, found none: give " + option + ", or the key in --config FILE");
        }
    }

    private static Map<String, String> read(Path path) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(path, StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (CharacterCodingException e) {
            throw new CommandFailure(path + ": expected UTF-8", e);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(path + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, String> values = new LinkedHashMap<>();
        // A blank at a line's end is invisible and never meant.
        properties
                .stringPropertyNames()
                .forEach(key -> values.put(key, properties.getProperty(key).strip()));
        return values;
    }
}
