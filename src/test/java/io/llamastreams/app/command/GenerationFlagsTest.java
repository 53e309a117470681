package io.llamastreams.app.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.llamastreams.app.jsonl.Json;
import io.llamastreams.app.jsonl.RequestLine;
import io.llamastreams.app.jsonl.RequestParser;
import io.llamastreams.serving.options.GenerationOptions;
import io.llamastreams.serving.options.OptionSamples;
import io.llamastreams.serving.options.RequestOption;
import io.llamastreams.serving.options.RequestOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * Flags mean what the fields of a request line mean. The files hold what the build before options were told in one list made
 * of the flags: README.md beside the requests that it read says how.
 */
class GenerationFlagsTest {

    @Command(name = "generate", sortOptions = false)
    private static final class Generate {
        private final GenerationFlags wanted = new GenerationFlags();

        @Mixin
        @SuppressWarnings("UnusedVariable")
        private final CommandSpec wantedSpec = wanted.spec();

        private GenerationOptions parse(List<String> arguments) {
            line().parseArgs(arguments.toArray(String[]::new));
            return wanted.options();
        }

        private CommandLine line() {
            return new CommandLine(this)
                    .setAbbreviatedOptionsAllowed(false)
                    .setExpandAtFiles(false)
                    .setAllowOptionsAsOptionParameters(true);
        }
    }

    @Test
    void flagsAreReadAndRefusedAsWasRecorded() throws IOException {
        for (String line : resource("recorded-flags.jsonl").lines().toList()) {
            JsonNode recorded = Json.read(line);
            List<String> arguments = StreamSupport.stream(
                            recorded.get("arguments").spliterator(), false)
                    .map(JsonNode::asText)
                    .toList();
            if (recorded.has("error")) {
                assertThatThrownBy(() -> new Generate().parse(arguments))
                        .as(line)
                        .isInstanceOf(ParameterException.class)
                        .hasMessage(recorded.get("error").asText());
            } else {
                assertThat(new Generate().parse(arguments)).as(line).isEqualTo(ofLine(recorded.get("options")));
            }
        }
    }

    @Test
    void eachOptionHasItsFlag() {
        for (RequestOption<?> option : RequestOptions.ALL) {
            assertThat(new Generate().parse(OptionSamples.flags(option)))
                    .as(option.name())
                    .isEqualTo(OptionSamples.with(option));
        }
    }

    /** New flags come between; the synopsis, which is filled anew for each, is not compared. */
    @Test
    void helpReadsAsWasRecorded() throws IOException {
        List<String> recorded = resource("recorded-flags-help.txt").lines().toList();
        int firstFlag =
                recorded.indexOf("      --json-schema=SCHEMA   Make JSON that is valid under this JSON Schema.");
        assertThat(firstFlag).isPositive();
        assertThat(new Generate()
                        .line()
                        .getUsageMessage(CommandLine.Help.Ansi.OFF)
                        .lines())
                .containsSubsequence(recorded.subList(firstFlag, recorded.size()));
    }

    private static GenerationOptions ofLine(JsonNode options) {
        ObjectNode request = Json.object().put("id", "a").put("prompt", "x").setAll((ObjectNode) options);
        RequestParser parser = new RequestParser(InstantSource.system(), warning -> {
            throw new IllegalStateException(warning);
        });
        return ((RequestLine.Accepted) parser.parse(Json.write(request), 1))
                .prompt()
                .options();
    }

    private static String resource(String name) throws IOException {
        try (InputStream file = GenerationFlagsTest.class.getResourceAsStream(name)) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
