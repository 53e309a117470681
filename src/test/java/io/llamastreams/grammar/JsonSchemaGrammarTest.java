package io.llamastreams.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.llamastreams.grammar.mask.TokenBytes;
import io.llamastreams.grammar.rule.GrammarException;
import org.junit.jupiter.api.Test;

/** What single keywords admit and refuse. */
class JsonSchemaGrammarTest {
    private static final TokenBytes BYTES = Vocabularies.bytes();

    private static void check(String schema, String[] admitted, String[] refused) {
        Grammar grammar = Grammar.ofJsonSchema(schema, BYTES);
        for (String text : admitted) {
            assertThat(Walk.accepts(grammar, text))
                    .as("%s admits %s", schema, text)
                    .isTrue();
        }
        for (String text : refused) {
            assertThat(Walk.accepts(grammar, text))
                    .as("%s refuses %s", schema, text)
                    .isFalse();
        }
    }

    private static String[] texts(String... texts) {
        return texts;
    }

    private static void refuses(String schema, String message) {
        assertThatExceptionOfType(GrammarException.class)
                .as(schema)
                .isThrownBy(() -> Grammar.ofJsonSchema(schema, BYTES))
                .withMessageStartingWith("json_schema")
                .withMessageContaining(message);
    }

    @Test
    void anyJson() {
        check(
                "{}",
                texts(
                        "1",
                        "-0.5e+3",
                        "\"a\\n\\u00e9\\ud83d\\ude00é\"",
                        "[1, [],{}]",
                        "{\"a\":{\"b\": null},\"c\":true}"),
                texts(
                        "",
                        "01",
                        "1.",
                        ".5",
                        "+1",
                        "\"\n\"",
                        "\"\\ud83d\"",
                        "\"\\ude00\"",
                        "\"\\x\"",
                        "[1,]",
                        "{a:1}",
                        "{,}",
                        "tru"));
        Grammar json = Grammar.ofJson(BYTES);
        assertThat(Walk.accepts(json, "{\"a\":[1]}")).isTrue();
        assertThat(Walk.begins(json, "[")).isFalse();
    }

    @Test
    void types() {
        check(
                "{\"type\":\"integer\"}",
                texts("0", "-7", "123456789012345678"),
                texts("-0", "1.0", "1e2", "00", "\"1\""));
        check("{\"type\":\"number\"}", texts("0", "-7.25", "1e9", "1E-9"), texts("1e999", "1.2.3", "NaN", "true"));
        check("{\"type\":[\"string\",\"null\"]}", texts("\"\"", "null", "\"x\""), texts("1", "[]"));
        check("{\"type\":\"boolean\"}", texts("true", "false"), texts("1", "\"true\"", "null"));
        check("true", texts("1", "[]"), texts("x"));
        refuses("false", "found none that the constraint admits");
    }

    @Test
    void objects() {
        String schema = """
                {"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"boolean"},"c":{"type":"null"}},
                 "required":["b"]}""";
        check(
                schema,
                texts(
                        "{\"b\":true}",
                        "{\"a\":1,\"b\":true}",
                        "{\"a\": 1, \"b\": true, \"c\": null}",
                        "{\"b\":false,\"c\":null}"),
                texts(
                        "{}",
                        "{\"a\":1}",
                        "{\"b\":true,\"a\":1}",
                        "{\"b\":true,\"b\":true}",
                        "{\"b\":true,\"d\":1}",
                        "{\"b\":true,}"));
        check(
                "{\"type\":\"object\",\"properties\":{\"a\":{\"const\":1}},\"additionalProperties\":{\"type\":\"boolean\"}}",
                texts("{}", "{\"a\":1}", "{\"x\":true}", "{\"a\":1,\"b\":true,\"c\":false}", "{\"aa\":true}"),
                texts("{\"a\":true}", "{\"b\":1}", "{\"b\":true,\"a\":1}", "{\"\\u0061\":true}"));
        check("{\"type\":\"object\"}", texts("{}", "{\"x\":[1]}"), texts("[]"));
        check("{\"type\":\"object\",\"additionalProperties\":false}", texts("{}"), texts("{\"x\":1}"));
        check("{\"type\":\"object\",\"required\":[\"x\"]}", texts("{\"x\":1}", "{\"x\":{}}"), texts("{}", "{\"y\":1}"));
    }

    @Test
    void countsOfProperties() {
        String named =
                "{\"type\":\"object\",\"properties\":{\"a\":{\"const\":1},\"b\":{\"const\":1},\"c\":{\"const\":1}}%s}";
        check(
                named.formatted(",\"minProperties\":2"),
                texts("{\"a\":1,\"c\":1}", "{\"b\":1,\"c\":1}", "{\"a\":1,\"b\":1,\"c\":1}"),
                texts("{}", "{\"a\":1}", "{\"c\":1}"));
        check(
                named.formatted(",\"maxProperties\":1"),
                texts("{}", "{\"a\":1}", "{\"c\":1}"),
                texts("{\"a\":1,\"c\":1}"));
        check(
                "{\"type\":\"object\",\"minProperties\":1,\"additionalProperties\":{\"const\":1}}",
                texts("{\"x\":1}", "{\"x\":1,\"y\":1}"),
                texts("{}"));
        check(
                "{\"type\":\"object\",\"maxProperties\":2,\"additionalProperties\":{\"const\":1}}",
                texts("{}", "{\"x\":1}", "{\"x\":1,\"y\":1}"),
                texts("{\"x\":1,\"y\":1,\"z\":1}"));
        refuses(
                "{\"type\":\"object\",\"minProperties\":3,\"additionalProperties\":true}",
                "$.minProperties: expected at most the named properties and one more");
    }

    @Test
    void patternsOfNames() {
        check(
                """
                {"type":"object","properties":{"x-id":{"const":7}},
                 "patternProperties":{"^x-":{"type":"integer"},"[0-9]$":{"minimum":5}},"additionalProperties":false}""",
                texts("{}", "{\"x-id\":7}", "{\"x-a\":1}", "{\"x-1\":5}", "{\"x-1\":6,\"x-b\":2}", "{\"b1\":5.5}"),
                texts("{\"x-id\":8}", "{\"x-1\":4}", "{\"y\":1}", "{\"x-a\":\"1\"}"));
        check(
                "{\"type\":\"object\",\"propertyNames\":{\"maxLength\":2},\"additionalProperties\":{\"const\":0}}",
                texts("{}", "{\"ab\":0}"),
                texts("{\"abc\":0}"));
    }

    @Test
    void arrays() {
        check("{\"type\":\"array\"}", texts("[]", "[1, \"a\",[]]"), texts("[1 ,2]", "{}"));
        check(
                "{\"type\":\"array\",\"items\":{\"type\":\"boolean\"},\"minItems\":1,\"maxItems\":3}",
                texts("[true]", "[true,false, true]"),
                texts("[]", "[true,true,true,true]", "[1]"));
        check(
                "{\"type\":\"array\",\"prefixItems\":[{\"const\":1},{\"const\":2}],\"items\":{\"const\":3}}",
                texts("[]", "[1]", "[1,2]", "[1,2,3,3]"),
                texts("[2]", "[1,2,1]"));
        check(
                "{\"type\":\"array\",\"items\":[{\"const\":1}],\"additionalItems\":false}",
                texts("[]", "[1]"),
                texts("[1,1]"));
        check(
                "{\"type\":\"array\",\"items\":{\"enum\":[\"a\",\"b\",\"c\"]},\"uniqueItems\":true,\"minItems\":2}",
                texts("[\"b\",\"a\"]", "[\"a\",\"c\", \"b\"]"),
                texts("[]", "[\"a\"]", "[\"a\",\"a\"]", "[\"a\",\"b\",\"a\"]"));
        String many = "{\"type\":\"array\",\"items\":{\"enum\":[1,2,3,4,5,6,7,8,9,10]},\"uniqueItems\":true%s}";
        check(
                many.formatted(",\"minItems\":2,\"maxItems\":3"),
                texts("[1,2]", "[3,9]", "[1,5,10]"),
                texts("[]", "[1]", "[2,1]", "[1,1]", "[1,2,3,4]"));
        check(many.formatted(""), texts("[]", "[7]", "[1,2,3,4,5,6,7,8,9,10]"), texts("[1,1]", "[,1]", "[1,]"));
        check(
                "{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"uniqueItems\":true,\"maxItems\":1}",
                texts("[]", "[\"x\"]"),
                texts("[\"x\",\"x\"]"));
        refuses("{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"uniqueItems\":true}", "$.uniqueItems");
        refuses("{\"type\":\"array\",\"minItems\":5000}", "$.minItems: expected at most 2000, found 5000");
    }

    @Test
    void strings() {
        check(
                "{\"type\":\"string\",\"minLength\":2,\"maxLength\":3}",
                texts("\"ab\"", "\"é漢😀\"", "\"\\n\\\"\"", "\"\\ud83d\\ude00a\"", "\"\\u0041b\""),
                texts("\"a\"", "\"abcd\"", "\"\\ud83d\\ude00\"", "\"\\ud83da\""));
        check("{\"type\":\"string\",\"minLength\":2}", texts("\"ab\"", "\"abcdef\""), texts("\"a\"", "\"\""));
        check("{\"type\":\"string\",\"maxLength\":0}", texts("\"\""), texts("\"a\""));
        check(
                "{\"type\":\"string\",\"pattern\":\"^a+$\"}",
                texts("\"a\"", "\"aaa\""),
                texts("\"\"", "\"ab\"", "\"ba\""));
        check("{\"type\":\"string\",\"pattern\":\"b\"}", texts("\"b\"", "\"abc\""), texts("\"\"", "\"ac\""));
        check(
                "{\"type\":\"string\",\"pattern\":\"^a|z$\"}",
                texts("\"ab\"", "\"yz\"", "\"a\""),
                texts("\"za\"", "\"\""));
        check("{\"type\":\"string\",\"pattern\":\"\\\"\\\\\\\\\"}", texts("\"\\\"\\\\\""), texts("\"\"\\\""));
        check(
                "{\"type\":\"string\",\"pattern\":\"^[ab]*$\",\"minLength\":2,\"maxLength\":3}",
                texts("\"ab\"", "\"bbb\""),
                texts("\"a\"", "\"abab\""));
        refuses("{\"type\":\"string\",\"pattern\":\"(?=a)\"}", "json_schema: $.pattern: at 0: expected a plain group");
    }

    @Test
    void formats() {
        check(
                "{\"type\":\"string\",\"format\":\"date\"}",
                texts("\"2024-02-29\"", "\"1999-12-31\"", "\"2000-02-29\""),
                texts("\"2023-02-29\"", "\"1900-02-29\"", "\"2024-13-01\"", "\"2024-04-31\"", "\"2024-1-1\""));
        check(
                "{\"type\":\"string\",\"format\":\"date-time\"}",
                texts("\"2024-02-29T23:59:59Z\"", "\"2024-01-01T00:00:00.123+02:00\""),
                texts("\"2024-01-01\"", "\"2024-01-01T24:00:00Z\"", "\"2024-01-01T00:00:00\""));
        check(
                "{\"type\":\"string\",\"format\":\"ipv4\"}",
                texts("\"0.0.0.0\"", "\"255.1.20.255\""),
                texts("\"256.1.1.1\"", "\"01.1.1.1\""));
        check(
                "{\"type\":\"string\",\"format\":\"ipv6\"}",
                texts("\"::1\"", "\"::\"", "\"fe80::1:2\"", "\"1:2:3:4:5:6:7:8\""),
                texts("\"1::2::3\"", "\":1\""));
        check("{\"type\":\"string\",\"format\":\"made-up\"}", texts("\"anything\""), texts("1"));
    }

    @Test
    void integersWithBounds() {
        check(
                "{\"type\":\"integer\",\"minimum\":-12,\"maximum\":105}",
                texts("-12", "-9", "0", "99", "105"),
                texts("-13", "106", "1000", "-0", "-20"));
        check(
                "{\"type\":\"integer\",\"exclusiveMinimum\":0}",
                texts("1", "10", "999999999999999999"),
                texts("0", "-1"));
        check("{\"type\":\"integer\",\"exclusiveMaximum\":-5}", texts("-6", "-60"), texts("-5", "-4", "0", "6"));
        check("{\"type\":\"integer\",\"minimum\":1.5,\"maximum\":3.5}", texts("2", "3"), texts("1", "4"));
        check(
                "{\"type\":\"integer\",\"multipleOf\":7,\"minimum\":0,\"maximum\":100}",
                texts("0", "7", "98"),
                texts("1", "8", "105"));
        check("{\"type\":\"integer\",\"multipleOf\":1000}", texts("0", "1000", "-25000"), texts("1", "100", "1500"));
        refuses("{\"type\":\"integer\",\"minimum\":2,\"maximum\":1}", "found none that the constraint admits");
    }

    @Test
    void numbersWithBounds() {
        check(
                "{\"type\":\"number\",\"minimum\":-1.25,\"exclusiveMaximum\":2.5}",
                texts("-1.25", "-1.249", "-1", "-0.5", "0", "0.0", "2.4999", "2", "-1.250"),
                texts("-1.26", "-1.2500001", "2.5", "2.50", "3", "1e0", "-2", "-0"));
        check("{\"type\":\"number\",\"exclusiveMinimum\":0}", texts("0.001", "1", "123456.5"), texts("0", "0.0", "-1"));
        check("{\"type\":\"number\",\"maximum\":-0.1}", texts("-0.1", "-0.11", "-7"), texts("-0.09", "0", "1"));
        check("{\"type\":\"number\",\"minimum\":0,\"maximum\":0}", texts("0", "0.0"), texts("1", "0.1", "-0"));
        check(
                "{\"type\":\"number\",\"multipleOf\":0.01,\"minimum\":0}",
                texts("0", "1.5", "19.99"),
                texts("0.001", "1.005"));
        check(
                "{\"type\":\"number\",\"multipleOf\":2.5}",
                texts("0", "2.5", "-5", "7.5", "5.0"),
                texts("1", "2.4", "0.5"));
    }

    @Test
    void listedValues() {
        check(
                "{\"enum\":[\"a\\n\",1,1.5,null,{\"x\":[1,\"é\"]},[]]}",
                texts("\"a\\n\"", "1", "1.5", "null", "{\"x\":[1,\"é\"]}", "{\"x\": [1, \"é\"]}", "[]"),
                texts("\"a\"", "2", "{}", "{\"x\":[1]}"));
        check("{\"enum\":[1,\"a\",null],\"type\":[\"string\",\"null\"]}", texts("\"a\"", "null"), texts("1"));
        check("{\"const\":\"x\",\"enum\":[\"x\",\"y\"]}", texts("\"x\""), texts("\"y\""));
        refuses("{\"const\":1,\"type\":\"string\"}", "found none that the constraint admits");
    }

    @Test
    void combinations() {
        check(
                "{\"anyOf\":[{\"type\":\"integer\",\"minimum\":5},{\"type\":\"string\",\"maxLength\":1}]}",
                texts("5", "\"a\""),
                texts("4", "\"ab\"", "null"));
        check("""
                {"allOf":[{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]},
                          {"properties":{"a":{"minimum":3},"b":{"const":true}}}]}""", texts("{\"a\":3}", "{\"a\":4,\"b\":true}"), texts("{\"a\":2}", "{}", "{\"b\":true}"));
        check(
                """
                {"oneOf":[{"type":"object","properties":{"kind":{"const":"circle"},"r":{"type":"integer"}},"required":["kind","r"]},
                          {"type":"object","properties":{"kind":{"const":"point"}},"required":["kind"]}]}""",
                texts("{\"kind\":\"circle\",\"r\":1}", "{\"kind\":\"point\"}"),
                texts("{\"kind\":\"circle\"}", "{\"kind\":\"point\",\"r\":1}", "{}"));
        check("""
                {"type":"object","properties":{"a":{"const":1},"b":{"const":2}},"oneOf":[{"required":["a"]},{"required":["b"]}]}""", texts("{\"a\":1}", "{\"b\":2}"), texts("{}", "{\"a\":1,\"b\":2}"));
        check(
                "{\"oneOf\":[{\"const\":\"auto\"},{\"type\":\"string\",\"maxLength\":4}]}",
                texts("\"x\"", "\"autx\""),
                texts("\"auto\""));
        check("{\"oneOf\":[{\"enum\":[1,2]},{\"enum\":[2,3]}]}", texts("1", "3"), texts("2"));
        refuses(
                "{\"oneOf\":[{\"type\":\"integer\"},{\"type\":\"number\"}]}",
                "$.oneOf: expected branches that can be told apart");
        check("""
                {"allOf":[{"type":"object","properties":{"a":{"const":1}}}],"properties":{"b":{"const":2}},
                 "unevaluatedProperties":false}""", texts("{}", "{\"b\":2,\"a\":1}", "{\"b\":2}"), texts("{\"c\":1}"));
    }

    @Test
    void references() {
        check(
                """
                {"$defs":{"node":{"type":"object","properties":{"v":{"type":"integer"},"next":{"anyOf":[{"type":"null"},{"$ref":"#/$defs/node"}]}},
                 "required":["v","next"]}},"$ref":"#/$defs/node"}""",
                texts("{\"v\":1,\"next\":null}", "{\"v\":1,\"next\":{\"v\":2,\"next\":null}}"),
                texts("{\"v\":1}", "{\"v\":1,\"next\":1}"));
        check("{\"type\":\"array\",\"items\":{\"$ref\":\"#\"}}", texts("[]", "[[],[[]]]"), texts("[1]"));
        check(
                "{\"definitions\":{\"a b/c\":{\"$anchor\":\"x\",\"const\":1}},\"anyOf\":[{\"$ref\":\"#/definitions/a%20b~1c\"},{\"$ref\":\"#x\",\"type\":\"string\"}]}",
                texts("1"), texts("2", "\"\""));
        refuses("{\"$ref\":\"#/$defs/none\"}", "$.$ref: expected a reference to what is in the schema");
        refuses("{\"$ref\":\"http://example.com/x\"}", "expected a reference inside of the schema");
        refuses(
                "{\"$defs\":{\"a\":{\"$ref\":\"#/$defs/b\"},\"b\":{\"$ref\":\"#/$defs/a\"}},\"$ref\":\"#/$defs/a\"}",
                "leads back to itself");
        refuses(
                "{\"type\":\"object\",\"properties\":{\"x\":{\"$ref\":\"#\"}},\"required\":[\"x\"]}",
                "found none that the constraint admits");
    }

    @Test
    void takesTypesFromKeywords() {
        check(
                "{\"properties\":{\"a\":{\"const\":1}},\"required\":[\"a\"]}",
                texts("{\"a\":1}"),
                texts("1", "\"x\"", "{}"));
        check("{\"minimum\":3}", texts("3"), texts("2", "\"x\""));
        check("{\"description\":\"any\"}", texts("1", "\"x\"", "{}"), texts(""));
    }

    @Test
    void saysWhatIsWrongAndWhere() {
        refuses("{", "json_schema: line 1");
        refuses("{} {}", "json_schema: line 1");
        refuses("[]", "json_schema: $: expected a schema: an object, true or false, found an empty array");
        refuses("{\"type\":\"text\"}", "json_schema: $.type: expected one of null, boolean");
        refuses(
                "{\"properties\":{\"age\":{\"minimum\":\"x\"}}}",
                "json_schema: $.properties.age.minimum: expected a number, found \"x\"");
        refuses(
                "{\"properties\":{\"a b\":{\"maxLength\":-1}}}",
                "$.properties['a b'].maxLength: expected a whole number from 0, found -1");
        refuses("{\"items\":{\"not\":{}}}", "$.items.not: not supported");
        refuses("{\"if\":{},\"then\":{}}", "$.if: not supported");
        refuses("{\"contains\":{}}", "$.contains: not supported");
        refuses("{\"required\":true}", "$.required: expected an array of names, found true");
        refuses("{\"enum\":\"a\"}", "$.enum: expected an array of values, found \"a\"");
        refuses("{\"exclusiveMinimum\":true}", "$.exclusiveMinimum: expected a number, found true");
        refuses("{\"multipleOf\":0}", "$.multipleOf: expected a number above 0, found 0");
        refuses("{\"minimum\":1e9999999}", "$.minimum: expected a number of at most 300 digits");
        refuses("{\"const\":1e9999999,\"multipleOf\":3}", "$.const: expected a number of at most 300 digits");
    }
}
