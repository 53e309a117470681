package io.llamastreams.grammar.schema;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.llamastreams.grammar.rule.GrammarException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Optional;

/** A schema's text as a tree, and what references in it lead to. */
final class SchemaDocument {
    private static final int MAX_LENGTH = 1_000_000;
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .build();

    private final Schema root;

    private SchemaDocument(Schema root) {
        this.root = root;
    }

    /** @throws GrammarException if the text is not JSON, or far too long */
    static SchemaDocument read(String text) {
        if (text.length() > MAX_LENGTH) {
            throw GrammarException.expected(
                    "json_schema", "at most " + MAX_LENGTH + " characters", Integer.toString(text.length()));
        }
        try {
            JsonNode json = MAPPER.readTree(text);
            return new SchemaDocument(new Schema(json, "$"));
        } catch (JsonProcessingException e) {
            String where = e.getLocation() == null
                    ? ""
                    : ": line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr();
            throw GrammarException.expected(
                    "json_schema" + where, "JSON", GrammarException.quote(e.getOriginalMessage()));
        }
    }

    Schema root() {
        return root;
    }

    /** The first schema of that name. */
    private static Optional<Schema> anchored(Schema at, String name) {
        JsonNode json = at.json();
        if (isText(json.get("$anchor"), name) || isText(json.get("$id"), "#" + name)) {
            return Optional.of(at);
        }
        for (Iterator<String> names = json.fieldNames(); names.hasNext(); ) {
            Optional<Schema> found = anchored(at.child(names.next()), name);
            if (found.isPresent()) {
                return found;
            }
        }
        for (int i = 0; i < json.size() && json.isArray(); i++) {
            Optional<Schema> found = anchored(at.child(i), name);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static boolean isText(JsonNode value, String text) {
        return value != null && value.isTextual() && value.textValue().equals(text);
    }

    /**
     * What a reference leads to.
     *
     * @param reference the value of {@code $ref}
     */
    Schema resolve(Schema reference) {
        if (!reference.json().isTextual()) {
            throw reference.expected("a reference");
        }
        String text = reference.json().textValue();
        JsonNode id = root.json().get("$id");
        if (id != null && id.isTextual() && !text.startsWith("#")) {
            String own = id.textValue().replaceAll("#$", "");
            text = text.equals(own) ? "#" : text.startsWith(own + "#") ? text.substring(own.length()) : text;
        }
        if (!text.startsWith("#")) {
            throw reference.expected("a reference inside of the schema, such as #/$defs/name");
        }
        String fragment = decoded(reference, text.substring(1));
        if (fragment.isEmpty()) {
            return root;
        }
        if (!fragment.startsWith("/")) {
            return anchored(root, fragment).orElseThrow(() -> reference.expected("an anchor that is in the schema"));
        }
        Schema at = root;
        for (String step : fragment.substring(1).split("/", -1)) {
            at = step(reference, at, step.replace("~1", "/").replace("~0", "~"));
        }
        return at;
    }

    private static String decoded(Schema reference, String fragment) {
        try {
            return URLDecoder.decode(fragment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw reference.expected("a reference that can be decoded");
        }
    }

    private static Schema step(Schema reference, Schema at, String step) {
        if (at.json().isObject() && at.json().has(step)) {
            return at.child(step);
        }
        if (at.json().isArray()
                && step.matches("0|[1-9][0-9]{0,8}")
                && at.json().has(Integer.parseInt(step))) {
            return at.child(Integer.parseInt(step));
        }
        throw reference.expected("a reference to what is in the schema");
    }
}
