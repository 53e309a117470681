package io.llamastreams.fuzz;

import io.llamastreams.app.terminal.CommandFailure;
import io.llamastreams.app.training.RecipeFile;
import io.llamastreams.topology.config.TopologyConfig;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.config.ConfigException;

/**
 * Configuration. The first byte chooses: a properties file, or a recipe. Either is taken, or refused by the one exception that
 * the commands show; no secret comes out of what is printed.
 */
public final class ConfigurationFuzz {
    private static final String SECRET = "s3cr3t-of-nobody-else";
    private static final Path FILE = temporary();

    private ConfigurationFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        if (input.length == 0) {
            return;
        }
        byte[] rest = Arrays.copyOfRange(input, 1, input.length);
        if ((input[0] & 1) == 0) {
            properties(new String(rest, StandardCharsets.UTF_8));
        } else {
            recipe(rest);
        }
    }

    private static void properties(String text) throws IOException {
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(text));
        } catch (IllegalArgumentException e) {
            return; // \\u without digits; the commands name the file
        }
        Map<String, String> given = new HashMap<>();
        properties.stringPropertyNames().forEach(key -> given.put(key, properties.getProperty(key)));
        if (given.toString().contains(SECRET)) {
            return; // a fuzzer finds it out, and writes it where it is none, also in escapes
        }
        given.put("sasl.jaas.config", SECRET);
        given.put("schema.registry.basic.auth.user.info", SECRET);
        given.put("ssl.key.password", SECRET);
        try {
            TopologyConfig config = TopologyConfig.of(given);
            Expect.that(!config.toString().contains(SECRET), "no secret in what is printed");
            config.model();
            config.engineSettings();
            config.topics();
            config.streamsConfig();
            config.adminConfig();
        } catch (ConfigException e) {
            Expect.that(!e.getMessage().isBlank(), "a reason");
            Expect.that(!e.getMessage().contains(SECRET), "no secret in a reason");
        }
    }

    private static void recipe(byte[] bytes) throws IOException {
        Files.write(FILE, bytes);
        try {
            RecipeFile.read(FILE.toString());
        } catch (CommandFailure e) {
            Expect.that(e.getMessage().startsWith("recipe " + FILE), "the recipe's name, found " + e.getMessage());
        } catch (MalformedInputException e) {
            // not UTF-8; the commands name the file
        }
    }

    private static Path temporary() {
        try {
            Path file = Files.createTempFile("llama-fuzz", ".json");
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
