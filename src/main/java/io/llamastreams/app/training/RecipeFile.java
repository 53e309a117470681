package io.llamastreams.app.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.llamastreams.app.terminal.CommandFailure;
import io.llamastreams.training.Recipe;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * Recipes as JSON: the fields of {@link Recipe} and of the records in it, in snake_case, all of them. Some are built in and
 * known by name.
 */
public final class RecipeFile {
    /** The built-in ones. */
    public static final List<String> NAMES = List.of("demo", "tiny");

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .build();

    private RecipeFile() {}

    /**
     * A built-in recipe, or one of a file.
     *
     * @throws CommandFailure if there is no such recipe, or the file is none
     */
    public static Recipe read(String nameOrFile) throws IOException {
        return parse(nameOrFile, text(nameOrFile));
    }

    /** The recipe as it is written. */
    public static String text(String nameOrFile) throws IOException {
        if (NAMES.contains(nameOrFile)) {
            try (InputStream in = RecipeFile.class.getResourceAsStream(nameOrFile + ".json")) {
                if (in == null) {
                    throw new IllegalStateException("recipe " + nameOrFile + " is missing from this build");
                }
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
        }
        try {
            return Files.readString(Path.of(nameOrFile));
        } catch (NoSuchFileException e) {
            throw new CommandFailure(
                    "--recipe: expected a file or one of " + String.join(", ", NAMES) + ", found " + nameOrFile, e);
        }
    }

    private static Recipe parse(String source, String json) {
        try {
            return MAPPER.readValue(json, Recipe.class);
        } catch (JsonMappingException e) {
            Throwable cause = e.getCause() instanceof IllegalArgumentException inner ? inner : e;
            String problem = cause instanceof JsonProcessingException parsing
                    ? parsing.getOriginalMessage().replaceFirst("; `.*", "")
                    : cause.getMessage();
            throw new CommandFailure("recipe " + source + ": " + place(e) + problem, e);
        } catch (JsonProcessingException e) {
            throw new CommandFailure(
                    "recipe " + source + ": not JSON: " + e.getOriginalMessage() + " at line "
                            + e.getLocation().getLineNr(),
                    e);
        }
    }

    private static String place(JsonMappingException e) {
        List<String> names = e.getPath().stream()
                .map(JsonMappingException.Reference::getFieldName)
                .toList();
        return names.isEmpty() ? "" : String.join(".", names) + ": ";
    }
}
