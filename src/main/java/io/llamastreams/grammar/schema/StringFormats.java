package io.llamastreams.grammar.schema;

import io.llamastreams.grammar.automaton.CodePointSet;
import io.llamastreams.grammar.automaton.Dfa;
import io.llamastreams.grammar.regex.RegexParser;
import io.llamastreams.grammar.rule.Expression;
import java.util.Map;
import java.util.Optional;

/**
 * CodePointAutomata of the formats of JSON Schema, each a part of what the format admits that holds all usual values. Source: JSON
 * Schema Validation 2020-12 section 7.3 and the RFCs that it names.
 */
final class StringFormats {
    static final Expression ANY_TEXT =
            new Expression.Repeat(new Expression.Characters(CodePointSet.ANY), 0, Expression.UNBOUNDED);

    private static final String TIME = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,6})?"
            + "(?:Z|\\+(?:0[0-9]|1[0-3]):[0-5][0-9]|-(?:0[1-9]|1[0-2]):[0-5][0-9])";
    private static final String DATE = "(?:[12][0-9]{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
            + "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
            + "|(?:[12][0-9](?:0[48]|[2468][048]|[13579][26])|(?:1[26]|2[048])00)-02-29)";
    private static final String LABEL = "[A-Za-z0-9]{1,24}(?:-[A-Za-z0-9]{1,24})?";
    private static final String HOST = "(?:[a-z0-9]{1,24}(?:-[a-z0-9]{1,24})?\\.){1,3}[a-z]{2,12}";
    private static final String DOMAIN = "(?:" + LABEL + "\\.){1,3}[A-Za-z]{2,12}";

    /** Top-level domains of most addresses: some validators know them all and take no other. Source: IANA's root zone. */
    private static final String TOP_LEVEL =
            "(?:com|org|net|edu|gov|mil|int|info|biz|name|io|co|ai|app|dev|tech|cloud|online"
                    + "|site|shop|store|xyz|me|tv|cc|eu|uk|de|fr|it|es|pt|nl|be|lu|at|ch|dk|se|no|fi|is|ie|pl|cz|sk|hu|ro|bg|gr|hr|si"
                    + "|rs|ba|ee|lv|lt|ua|by|ru|tr|il|ae|sa|eg|ma|ng|ke|za|in|pk|bd|lk|np|cn|hk|tw|jp|kr|sg|my|th|vn|id|ph|au|nz|ca"
                    + "|us|mx|br|ar|cl|pe|uy|ve|ec|cr|pa|cu)";

    private static final String EMAIL =
            "[A-Za-z0-9]{1,24}(?:[._+-][A-Za-z0-9]{1,16}){0,2}@(?:" + LABEL + "\\.){1,3}" + TOP_LEVEL;
    private static final String URI = "https?://" + DOMAIN + "(?::[1-9][0-9]{1,3})?"
            + "(?:/[A-Za-z0-9._~-]*)*(?:\\?[A-Za-z0-9._~=&-]*)?(?:#[A-Za-z0-9._~-]*)?";
    private static final String BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final String HEX = "[0-9a-fA-F]";
    private static final String DAYS = "[0-9]{1,3}D";
    private static final String MONTHS = "[0-9]{1,3}M(?:" + DAYS + ")?";
    private static final String YEARS = "[0-9]{1,3}Y(?:" + MONTHS + ")?";
    private static final String SECONDS = "[0-9]{1,3}S";
    private static final String MINUTES = "[0-9]{1,3}M(?:" + SECONDS + ")?";
    private static final String HOURS = "[0-9]{1,3}H(?:" + MINUTES + ")?";
    private static final String PERIOD = "T(?:" + HOURS + "|" + MINUTES + "|" + SECONDS + ")";
    private static final String POINTER = "(?:/[A-Za-z0-9_-]*)*";

    private static final Map<String, String> EXPRESSIONS = Map.ofEntries(
            Map.entry("date", DATE),
            Map.entry("time", TIME),
            Map.entry("date-time", DATE + "T" + TIME),
            Map.entry(
                    "duration",
                    "P(?:(?:" + YEARS + "|" + MONTHS + "|" + DAYS + ")(?:" + PERIOD + ")?|" + PERIOD + "|[0-9]{1,3}W)"),
            Map.entry("uuid", HEX + "{8}(?:-" + HEX + "{4}){3}-" + HEX + "{12}"),
            Map.entry("email", EMAIL),
            Map.entry("idn-email", EMAIL),
            Map.entry("hostname", HOST),
            Map.entry("idn-hostname", HOST),
            Map.entry("ipv4", "(?:" + BYTE + "\\.){3}" + BYTE),
            Map.entry("ipv6", ipv6()),
            Map.entry("uri", URI),
            Map.entry("uri-reference", URI),
            Map.entry("uri-template", URI),
            Map.entry("iri", URI),
            Map.entry("iri-reference", URI),
            Map.entry("json-pointer", POINTER),
            Map.entry("relative-json-pointer", "(?:0|[1-9][0-9]?)(?:#|" + POINTER + ")"),
            Map.entry("regex", "[A-Za-z0-9 ]*"));

    private StringFormats() {}

    /** The texts of a format; nothing for names that are none, which say nothing. */
    static Optional<Dfa> words(String format) {
        return Optional.ofNullable(EXPRESSIONS.get(format)).map(regex -> RegexParser.whole("format " + format, regex));
    }

    /** Eight groups, or fewer with :: somewhere in the place of two or more. Source: RFC 4291 section 2.2. */
    private static String ipv6() {
        String group = HEX + "{1,4}";
        StringBuilder forms = new StringBuilder("(?:" + group + ":){7}" + group);
        for (int before = 0; before <= 6; before++) {
            String left = before == 0 ? "" : group + "(?::" + group + "){" + (before - 1) + "}";
            String right = before == 6 ? "" : "(?:" + group + "(?::" + group + "){0," + (5 - before) + "})?";
            forms.append('|').append(left).append("::").append(right);
        }
        return forms.toString();
    }
}
