package io.llamastreams.documents;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A command line as a shell would take it apart: quotes, a comment or a redirection at its end, settings of the environment
 * before the command. No pipes, no substitutions: documents show none.
 */
record ShellLine(Map<String, String> environment, List<String> words) {

    static ShellLine parse(String line) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean inWord = false;
        char quote = 0;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (quote != 0) {
                if (c == quote) {
                    quote = 0;
                } else {
                    word.append(c);
                }
            } else if (c == '\'' || c == '"') {
                quote = c;
                inWord = true;
            } else if ((c == '#' || c == '>') && !inWord) {
                break;
            } else if (c == ' ') {
                if (inWord) {
                    words.add(word.toString());
                }
                word.setLength(0);
                inWord = false;
            } else {
                word.append(c);
                inWord = true;
            }
        }
        if (quote != 0) {
            throw new IllegalArgumentException("a quote does not end: " + line);
        }
        if (inWord) {
            words.add(word.toString());
        }
        Map<String, String> environment = new TreeMap<>();
        while (!words.isEmpty() && words.getFirst().matches("[A-Z_]+=.*")) {
            String[] pair = words.removeFirst().split("=", 2);
            environment.put(pair[0], pair[1]);
        }
        return new ShellLine(environment, words);
    }

    /** Lines of a block, each with those that it goes on in after a backslash. */
    static List<String> joined(List<String> lines) {
        List<String> result = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String part : lines) {
            boolean goesOn = part.endsWith("\\");
            line.append(goesOn ? part.substring(0, part.length() - 1) : part);
            if (!goesOn) {
                result.add(line.toString().strip());
                line.setLength(0);
            }
        }
        return result.stream().filter(text -> !text.isEmpty()).toList();
    }
}
