package io.llamastreams.training.tickets;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Everything that customers say, by section. A section is headed {@code [class split]}, split being {@code train},
 * {@code test} or {@code shared}; {@code #} starts a comment line. Immutable; any thread.
 */
final class Phrasebook {

    /** What customers want, how soon, and how they feel, and the sentences around it. */
    static final Phrasebook TICKETS = read(
            "intents-orders.txt",
            "intents-goods.txt",
            "intents-money.txt",
            "intents-customer.txt",
            "urgency.txt",
            "sentiment.txt",
            "asides.txt",
            "greetings.txt");

    private final Map<String, List<Template>> sections;

    private Phrasebook(Map<String, List<Template>> sections) {
        this.sections = sections;
    }

    static Phrasebook read(String... resources) {
        Map<String, List<Template>> sections = new LinkedHashMap<>();
        for (String resource : resources) {
            List<Template> section = null;
            for (String line : lines(resource)) {
                if (line.startsWith("[")) {
                    section = new ArrayList<>();
                    if (sections.put(line.substring(1, line.length() - 1), section) != null) {
                        throw new IllegalStateException(resource + ": section twice: " + line);
                    }
                } else if (section == null) {
                    throw new IllegalStateException(resource + ": line before the first section: " + line);
                } else {
                    section.add(Template.parse(line));
                }
            }
        }
        sections.replaceAll((name, templates) -> List.copyOf(templates));
        return new Phrasebook(sections);
    }

    /** Lines of a resource of this package, without comments and empty ones. */
    static List<String> lines(String resource) {
        try (BufferedReader reader = new BufferedReader(
                new InputStreamReader(Phrasebook.class.getResourceAsStream(resource), StandardCharsets.UTF_8))) {
            return reader.lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<Template> of(String phraseClass, Split split) {
        return section(phraseClass + (split == Split.TRAIN ? " train" : " test"));
    }

    List<Template> shared(String phraseClass) {
        return section(phraseClass + " shared");
    }

    /** All templates of a split, whatever their class. */
    List<Template> all(Split split) {
        String ending = split == Split.TRAIN ? " train" : " test";
        return sections.entrySet().stream()
                .filter(section -> section.getKey().endsWith(ending))
                .flatMap(section -> section.getValue().stream())
                .toList();
    }

    List<Template> allShared() {
        return sections.entrySet().stream()
                .filter(section -> section.getKey().endsWith(" shared"))
                .flatMap(section -> section.getValue().stream())
                .toList();
    }

    private List<Template> section(String name) {
        List<Template> section = sections.get(name);
        if (section == null) {
            throw new IllegalStateException("phrasebook: no section " + name + " in " + sections.keySet());
        }
        return section;
    }
}
