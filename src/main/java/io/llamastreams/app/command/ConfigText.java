package io.llamastreams.app.command;

import io.llamastreams.topology.config.TopologyConfig;
import java.util.Locale;
import org.apache.kafka.common.config.ConfigDef;

/** The configuration's keys as plain text for a terminal. */
final class ConfigText {

    private static final int COLUMNS = 96;
    private static final String INDENT = "    ";

    private ConfigText() {}

    /** Each key with type, default and range in one line, what it is for below. */
    static String keys() {
        StringBuilder text = new StringBuilder();
        for (ConfigDef.ConfigKey key : TopologyConfig.keys()) {
            text.append(key.name).append("  (").append(form(key)).append(")\n");
            wrap(text, key.documentation);
            text.append('\n');
        }
        return text.toString();
    }

    private static String form(ConfigDef.ConfigKey key) {
        String type = key.type.name().toLowerCase(Locale.ROOT);
        String range = key.validator == null ? "" : ", " + key.validator;
        String defaultValue = TopologyConfig.defaultText(key);
        return type + range + (defaultValue.isEmpty() ? ", no default" : ", default " + defaultValue);
    }

    private static void wrap(StringBuilder text, String sentence) {
        int column = 0;
        for (String word : sentence.split("\\s+", -1)) {
            if (column == 0 || column + 1 + word.length() > COLUMNS) {
                text.append(column == 0 ? "" : "\n").append(INDENT).append(word);
                column = INDENT.length() + word.length();
            } else {
                text.append(' ').append(word);
                column += 1 + word.length();
            }
        }
        text.append('\n');
    }
}
