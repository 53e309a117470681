package io.llamastreams.documents;

import io.llamastreams.app.command.DryRun;
import io.llamastreams.topology.config.TopologyConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigException;

/**
 * Whether what is written in code font and looks like a name of ours is one: classes, packages, files, options, keys of the
 * configuration with their values, topics, metrics.
 */
final class Names {
    private static final Path MAIN = Path.of("src/main/java/io/llamastreams");
    private static final Path METRICS = MAIN.resolve("app/http/MetricsPage.java");

    /** Two humps at least, or one where it is a record of ours; with the packages before it and a member behind it. */
    private static final Pattern CLASS = Pattern.compile(
            "((?:[a-z]\\w*\\.)*)([A-Z][a-z0-9]+(?:[A-Z]+[a-z0-9]*)*|[A-Z][A-Z0-9]+[a-z]\\w*)((?:\\.\\w+)*)(?:\\(.*\\))?");

    private static final Pattern PACKAGE = Pattern.compile("(?:io\\.llamastreams\\.)?([a-z]+(?:\\.[a-z]+)*)");
    private static final Pattern FILE = Pattern.compile("(?:src|schemas|deploy|\\.ci|\\.github)/[\\w./-]*");
    private static final Pattern OPTION = Pattern.compile("(--[a-z][a-z-]*)(?:[ =].*)?");
    private static final Pattern KEY = Pattern.compile("(llama\\.[a-z.-]*[a-z])(?:=(.*))?");
    private static final Pattern METRIC = Pattern.compile("llama_([a-z_]+)");

    /** Options of other programs' commands that documents show. */
    private static final Set<String> OPTIONS_ELSEWHERE = Set.of("--pure");

    /** Names of files that look like packages. */
    private static final Set<String> OTHERS = Set.of("tokenizer.model", "model.gguf");

    private final Map<String, Set<Path>> classes;
    private final Set<String> options = new HashSet<>();
    private final Set<String> topics;
    private int checked;

    Names() {
        classes = Documents.filesBelow(Path.of("src")).stream()
                .filter(file -> file.toString().endsWith(".java"))
                .collect(Collectors.groupingBy(Names::simpleName, Collectors.toSet()));
        Documents.filesBelow(Path.of("schemas"))
                .forEach(file -> classes.computeIfAbsent(simpleName(file), any -> new HashSet<>())
                        .add(file));
        DryRun.commands().forEach(command -> options.addAll(DryRun.options(command)));
        Documents.filesBelow(Path.of("src/jmh")).stream()
                .filter(Files::isExecutable)
                .forEach(script -> options.addAll(CommandLines.optionsOf(script)));
        options.addAll(OPTIONS_ELSEWHERE);
        topics = TopologyConfig.keys().stream()
                .filter(key -> key.name.startsWith("llama.topic."))
                .map(key -> String.valueOf(key.defaultValue))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    List<String> problems(Page page) {
        List<String> problems = new ArrayList<>();
        for (Page.Span span : page.spans()) {
            problem(span.text())
                    .ifPresent(problem -> problems.add(page.place(span.line()) + "`" + span.text() + "`: " + problem));
        }
        return problems;
    }

    int checked() {
        return checked;
    }

    private Optional<String> problem(String text) {
        Matcher option = OPTION.matcher(text);
        if (option.matches()) {
            return unless(options.contains(option.group(1)), "no command has this option");
        }
        Matcher metric = METRIC.matcher(text);
        if (metric.matches()) {
            return unless(Documents.text(METRICS).contains('"' + metric.group(1) + '"'), "no such metric");
        }
        if (FILE.matcher(text).matches()) {
            return unless(Files.exists(Path.of(text)), "no such file");
        }
        Matcher key = KEY.matcher(text);
        if (key.matches()) {
            return keyProblem(key.group(1), Optional.ofNullable(key.group(2)));
        }
        Matcher type = CLASS.matcher(text);
        if (type.matches()) {
            return classProblem(type.group(1), type.group(2), type.group(3));
        }
        Matcher name = PACKAGE.matcher(text);
        if (name.matches() && isPackageOfOurs(text)) {
            return unless(Files.isDirectory(MAIN.resolve(name.group(1).replace('.', '/'))), "no such package");
        }
        return Optional.empty();
    }

    /** Of a name with dots that begins as one of ours does; a word alone may be anything. */
    private static boolean isPackageOfOurs(String text) {
        String first = text.replaceFirst("^io\\.llamastreams\\.", "").replaceFirst("\\..*", "");
        return text.contains(".") && !OTHERS.contains(text) && Files.isDirectory(MAIN.resolve(first));
    }

    private Optional<String> keyProblem(String name, Optional<String> value) {
        if (topics.contains(name) || topics.contains(name.replaceFirst("-value$", ""))) {
            return unless(value.isEmpty(), "is a topic");
        }
        boolean isKey = TopologyConfig.keys().stream().anyMatch(key -> key.name.equals(name));
        Optional<String> given = value.filter(text -> !text.contains("..."));
        if (!isKey || given.isEmpty()) {
            return unless(isKey, "no such key");
        }
        try {
            TopologyConfig.of(Map.of(name, given.get())).engineSettings();
            return unless(true, "");
        } catch (ConfigException e) {
            return Optional.of(e.getMessage());
        }
    }

    private Optional<String> classProblem(String before, String name, String after) {
        Set<Path> files = classes.getOrDefault(name, Set.of());
        if (files.isEmpty()) {
            return unless(before.isEmpty() && (isOfJava(name) || isNested(name)), "no such class");
        }
        String folder = before.replaceFirst("^io\\.llamastreams\\.", "").replace('.', '/');
        List<Path> fitting = files.stream()
                .filter(file -> before.isEmpty() || file.getParent().endsWith(folder.substring(0, folder.length() - 1)))
                .toList();
        if (fitting.isEmpty()) {
            return Optional.of("no such class in this package, but " + files);
        }
        return unless(
                Stream.of(after.split("\\."))
                        .allMatch(member -> fitting.stream()
                                .anyMatch(file -> Documents.text(file).contains(member))),
                "no such member");
    }

    /** A class inside another one. */
    private boolean isNested(String name) {
        Pattern declaration = Pattern.compile("(?:class|record|enum|interface) " + name + "\\b");
        return classes.values().stream()
                .flatMap(Set::stream)
                .filter(file -> file.startsWith(MAIN))
                .anyMatch(file -> declaration.matcher(Documents.text(file)).find());
    }

    private static boolean isOfJava(String name) {
        return Stream.of("java.lang.", "java.lang.foreign.", "java.util.").anyMatch(prefix -> {
            try {
                Class.forName(prefix + name, false, Names.class.getClassLoader());
                return true;
            } catch (ClassNotFoundException e) {
                return false;
            }
        });
    }

    private Optional<String> unless(boolean right, String problem) {
        checked++;
        return right ? Optional.empty() : Optional.of(problem);
    }

    private static String simpleName(Path file) {
        return file.getFileName().toString().replaceFirst("\\..*", "");
    }
}
