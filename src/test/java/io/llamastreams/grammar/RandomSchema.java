package io.llamastreams.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Random;

/** Schemas of all supported keywords, put together at random; each has texts. */
final class RandomSchema {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final String[] NAMES = {
        "name", "id", "na", "x", "größe", "漢字", "a b", "quote\"d", "back\\slash", "tab\t", "😀", "value", "kind2", ""
    };
    private static final String[] PATTERNS = {
        "^[a-z]{2,5}$",
        "^(red|green|blue)$",
        "[0-9]+",
        "^\\w+@\\w+\\.com$",
        "^.{3,8}$",
        "a|b",
        "^[^\"\\\\]*$",
        "é",
        "^\\d{3}-\\d{4}$",
        "[\\u4e00-\\u9fff]",
        "^a*b?",
        "x$",
        "\\\\",
        "^\\s*\\S+\\s*$",
        "^[A-Z][a-z]+( [A-Z][a-z]+)*$",
        "\\p{Lu}"
    };
    private static final String[] FORMATS = {
        "date", "time", "date-time", "uuid", "ipv4", "ipv6", "email", "uri", "hostname", "duration", "json-pointer"
    };

    private final Random random;
    private final ObjectNode definitions = JSON.objectNode();

    private RandomSchema(Random random) {
        this.random = random;
    }

    static String of(long seed) {
        RandomSchema made = new RandomSchema(new Random(seed));
        JsonNode root = made.any(4);
        while (!root.isObject()) {
            root = made.any(4);
        }
        if (!made.definitions.isEmpty()) {
            ((ObjectNode) root).set("$defs", made.definitions);
        }
        return root.toString();
    }

    private boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    private <T> T pick(T[] values) {
        return values[random.nextInt(values.length)];
    }

    private JsonNode any(int depth) {
        if (depth == 0) {
            return leaf();
        }
        return switch (random.nextInt(14)) {
            case 0, 1, 2, 3 -> object(depth);
            case 4, 5 -> array(depth);
            case 6 -> anyOf(depth);
            case 7 -> oneOf(depth);
            case 8 -> allOf(depth);
            case 9 -> reference(depth);
            default -> leaf();
        };
    }

    private ObjectNode typed(String type) {
        return JSON.objectNode().put("type", type);
    }

    private JsonNode leaf() {
        return switch (random.nextInt(10)) {
            case 0, 1, 2 -> string();
            case 3, 4 -> integer();
            case 5 -> number();
            case 6 -> enumeration();
            case 7 -> chance(50) ? typed("boolean") : typed("null");
            case 8 -> {
                ObjectNode schema = JSON.objectNode();
                schema.putArray("type").add("null").add(chance(50) ? "integer" : "string");
                yield schema;
            }
            default ->
                chance(30)
                        ? JSON.booleanNode(true)
                        : JSON.objectNode().put("title", "any").put("x-other", 1);
        };
    }

    private ObjectNode string() {
        ObjectNode schema = typed("string");
        if (chance(35)) {
            return schema.put("pattern", pick(PATTERNS));
        }
        if (chance(25)) {
            return schema.put("format", pick(FORMATS));
        }
        int min = random.nextInt(6);
        if (chance(50)) {
            schema.put("minLength", min);
        }
        if (chance(50)) {
            schema.put("maxLength", min + random.nextInt(30));
        }
        return schema;
    }

    private ObjectNode integer() {
        ObjectNode schema = typed("integer");
        long low = chance(50) ? random.nextInt(40) - 20 : random.nextLong() % 1_000_000_000_000L;
        long high = low + 20 + (chance(50) ? random.nextInt(100) : random.nextInt(1_000_000_000));
        if (chance(60)) {
            schema.put(chance(70) ? "minimum" : "exclusiveMinimum", low);
        }
        if (chance(60)) {
            schema.put(chance(70) ? "maximum" : "exclusiveMaximum", high);
        }
        if (chance(20)) {
            schema.put("multipleOf", 1 + random.nextInt(10));
        }
        return schema;
    }

    private ObjectNode number() {
        ObjectNode schema = typed("number");
        double scale = Math.pow(10, random.nextInt(5));
        double low = Math.rint((random.nextDouble() - 0.5) * 1_000 * scale) / scale;
        double high = low + Math.rint(1 + random.nextDouble() * 100 * scale) / scale;
        if (chance(60)) {
            schema.put(chance(70) ? "minimum" : "exclusiveMinimum", low);
        }
        if (chance(60)) {
            schema.put(chance(70) ? "maximum" : "exclusiveMaximum", high);
        }
        if (!schema.has("maximum") && !schema.has("exclusiveMaximum") && chance(20)) {
            schema.put("multipleOf", chance(50) ? 0.25 : 0.01);
        }
        return schema;
    }

    private ObjectNode enumeration() {
        ObjectNode schema = JSON.objectNode();
        if (chance(30)) {
            schema.set("const", constant());
            return schema;
        }
        ArrayNode values = schema.putArray("enum");
        for (int i = random.nextInt(5); i >= 0; i--) {
            values.add(constant());
        }
        return schema;
    }

    private JsonNode constant() {
        return switch (random.nextInt(7)) {
            case 0, 1, 2 -> JSON.textNode(pick(NAMES) + (chance(30) ? pick(NAMES) : ""));
            case 3 -> JSON.numberNode(random.nextInt(100) - 50);
            case 4 -> chance(50) ? JSON.nullNode() : JSON.booleanNode(chance(50));
            case 5 ->
                JSON.arrayNode().add(1).add(pick(NAMES)).add(JSON.objectNode().put("k", 0.5));
            default -> JSON.objectNode().put(pick(NAMES), pick(NAMES)).put("n", 12);
        };
    }

    private ObjectNode object(int depth) {
        ObjectNode schema = typed("object");
        ObjectNode properties = schema.putObject("properties");
        ArrayNode required = JSON.arrayNode();
        int count = random.nextInt(6);
        for (int i = 0; i < count; i++) {
            String name = pick(NAMES);
            if (!properties.has(name)) {
                properties.set(name, any(depth - 1));
                if (chance(50)) {
                    required.add(name);
                }
            }
        }
        if (chance(10) && !properties.has("more")) {
            required.add("more");
        }
        if (!required.isEmpty()) {
            schema.set("required", required);
        }
        boolean needsMore = required.size() > 0
                && required.get(required.size() - 1).asText().equals("more");
        if (chance(20)) {
            schema.set("additionalProperties", chance(40) ? JSON.booleanNode(true) : any(depth - 1));
        } else if (chance(20) && !needsMore) {
            schema.put("additionalProperties", false);
        }
        if (chance(12)) {
            schema.putObject("patternProperties").set(chance(50) ? "^x-" : "[0-9]$", leaf());
        }
        if (chance(10)) {
            schema.put("minProperties", Math.min(properties.size(), required.size() + 1));
        }
        if (chance(10)) {
            schema.put("maxProperties", required.size() + random.nextInt(3));
        }
        return schema;
    }

    private ObjectNode array(int depth) {
        ObjectNode schema = typed("array");
        int min = random.nextInt(4);
        if (chance(25)) {
            schema.set(
                    "items",
                    JSON.objectNode()
                            .set(
                                    "enum",
                                    JSON.arrayNode().add("a").add("b").add(3).addNull()));
            return schema.put("uniqueItems", true).put("minItems", min).put("maxItems", min + random.nextInt(3));
        }
        if (chance(70)) {
            schema.set("items", any(depth - 1));
        }
        if (chance(25)) {
            ArrayNode prefix = schema.putArray("prefixItems");
            for (int i = random.nextInt(3); i >= 0; i--) {
                prefix.add(any(depth - 1));
            }
        }
        if (chance(50)) {
            schema.put("minItems", min);
        }
        if (chance(50)) {
            schema.put("maxItems", min + random.nextInt(4));
        }
        return schema;
    }

    private ObjectNode anyOf(int depth) {
        ObjectNode schema = JSON.objectNode();
        ArrayNode branches = schema.putArray("anyOf");
        for (int i = 1 + random.nextInt(3); i >= 0; i--) {
            branches.add(any(depth - 1));
        }
        return schema;
    }

    /** Branches told apart by a constant, by what they require or by their types. */
    private ObjectNode oneOf(int depth) {
        ObjectNode schema = JSON.objectNode();
        ArrayNode branches = schema.putArray("oneOf");
        int kind = random.nextInt(3);
        if (kind == 2) {
            branches.add(object(depth)).add(array(depth)).add(string()).add(chance(50) ? integer() : number());
            return schema;
        }
        for (int i = 1 + random.nextInt(2); i >= 0; i--) {
            ObjectNode branch = object(depth);
            branch.remove("maxProperties");
            String name = kind == 0 ? "kind" : "only" + i;
            ObjectNode properties = JSON.objectNode();
            properties.set(name, kind == 0 ? JSON.objectNode().put("const", "k" + i) : leaf());
            properties.setAll((ObjectNode) branch.get("properties"));
            branch.set("properties", properties);
            branch.withArray("required").add(name);
            branches.add(branch);
        }
        return schema;
    }

    private ObjectNode allOf(int depth) {
        ObjectNode schema = JSON.objectNode();
        ArrayNode parts = schema.putArray("allOf");
        ObjectNode first = object(depth);
        first.remove("maxProperties");
        first.remove("additionalProperties");
        ObjectNode second = JSON.objectNode();
        second.putObject("properties").set("second", any(depth - 1));
        parts.add(first).add(second);
        if (chance(40)) {
            schema.put("unevaluatedProperties", false);
            first.withArray("required").removeAll();
        }
        return schema;
    }

    private ObjectNode reference(int depth) {
        String name = "d" + definitions.size();
        ObjectNode schema = JSON.objectNode().put("$ref", "#/$defs/" + name);
        if (chance(50)) {
            ObjectNode node = typed("object");
            definitions.set(name, node);
            node.putObject("properties")
                    .put("dummy", true)
                    .set("children", typed("array").set("items", schema.deepCopy()));
            ((ObjectNode) node.get("properties")).set("value", any(depth - 1));
            node.putArray("required").add(chance(50) ? "value" : "children");
        } else {
            definitions.putObject(name);
            definitions.set(name, any(depth - 1));
        }
        return schema;
    }
}
