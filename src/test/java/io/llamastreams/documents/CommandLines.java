package io.llamastreams.documents;

import io.llamastreams.app.command.DryRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether command lines of documents are right. Ours are read by the program itself; of Maven's the profiles, properties, plugins and
 * phases are looked up in the pom; scripts must be there and know their options; what comes from elsewhere is on a short list.
 */
final class CommandLines {
    static final String JAR = "target/llama-streams.jar";

    private static final Set<String> PHASES =
            Set.of("clean", "compile", "test-compile", "test", "package", "verify", "site");

    /** Goals' prefixes are what the names of their plugins say. */
    private static final Map<String, String> PLUGINS =
            Map.of("exec", "exec-maven-plugin", "spotless", "spotless-maven-plugin");

    /** Properties that Maven's own plugins or tests read. */
    private static final Set<String> PROPERTIES_OF_PLUGINS = Set.of("skipTests", "test", "it.test", "docs.write");

    /** Not ours to check, with who knows it. */
    private static final Map<String, String> ELSEWHERE = Map.of(
            "docker", "Docker's own; files that it is given must be there",
            "python", "runs a script of llama.cpp's sources",
            "llama-quantize", "a tool of llama.cpp");

    private static final Set<String> FOLDERS = Set.of("src", "deploy", "schemas", ".ci");
    private static final Pattern SCRIPT_OPTION = Pattern.compile("--[a-z][a-z-]*");

    private final String pom = Documents.text(Path.of("pom.xml"));
    private final Path configuration;
    private final Map<String, Integer> checked = new TreeMap<>();

    /** @param configuration a properties file that stands for those which documents name */
    CommandLines(Path configuration) {
        this.configuration = configuration;
    }

    /** Of all fenced lines that are commands, and of code in running text that begins as one. */
    List<String> problems(Page page) {
        List<String> problems = new ArrayList<>();
        for (Page.Fence fence : page.fences()) {
            if (fence.language().isEmpty()) {
                ShellLine.joined(fence.lines())
                        .forEach(line -> problem(line)
                                .ifPresent(problem -> problems.add(page.place(fence.line()) + line + ": " + problem)));
            }
        }
        for (Page.Span span : page.spans()) {
            String first = span.text().replaceFirst(" .*", "");
            if (span.text().contains(" ")
                    && (isCommand(first) || DryRun.commands().contains(first))) {
                (isCommand(first) ? problem(span.text()) : abbreviated(span.text()))
                        .ifPresent(problem -> problems.add(page.place(span.line()) + span.text() + ": " + problem));
            }
        }
        return problems;
    }

    /** Of lines of comments that are commands. */
    List<String> problemsOfComments(Path file) {
        List<String> problems = new ArrayList<>();
        for (String line : Documents.text(file).lines().toList()) {
            String text = line.replaceFirst("^# +", "");
            String first = text.replaceFirst("^([A-Z]+=\\S+ )*", "").replaceFirst(" .*", "");
            if (line.startsWith("# ") && isCommand(first)) {
                problem(text).ifPresent(problem -> problems.add(file + ": " + text + ": " + problem));
            }
        }
        return problems;
    }

    /** How many lines of which kind. */
    Map<String, Integer> checked() {
        return checked;
    }

    Optional<String> problem(String line) {
        ShellLine shell = ShellLine.parse(line);
        List<String> words = shell.words();
        String first = words.getFirst();
        count(first);
        if (first.equals("java")) {
            return words.size() > 2 && words.subList(1, 3).equals(List.of("-jar", JAR))
                    ? ours(words.subList(3, words.size()))
                    : Optional.of("expected java -jar " + JAR);
        }
        if (first.equals("mvn")) {
            return words.stream()
                    .skip(1)
                    .map(this::mavenProblem)
                    .flatMap(Optional::stream)
                    .findFirst();
        }
        if (isScript(first)) {
            return scriptProblem(words);
        }
        return ELSEWHERE.containsKey(first)
                ? missingFile(words)
                : Optional.of("neither ours, nor Maven's, nor on the list of those from elsewhere");
    }

    private void count(String kind) {
        checked.merge(isScript(kind) ? "scripts" : kind, 1, Integer::sum);
    }

    private static boolean isCommand(String first) {
        return first.equals("java") || first.equals("mvn") || isScript(first) || ELSEWHERE.containsKey(first);
    }

    private static boolean isScript(String first) {
        return first.equals(".ci/run") || first.startsWith("src/jmh/");
    }

    /** Arguments of our program; files of properties are replaced by one that is there. */
    Optional<String> ours(List<String> arguments) {
        return DryRun.problem(arguments.stream()
                .map(word -> word.endsWith(".properties") ? configuration.toString() : word)
                .toList());
    }

    /** In running text, such as {@code bench --profile}: the options must be the command's. */
    private Optional<String> abbreviated(String text) {
        count("in running text");
        List<String> words = ShellLine.parse(text).words();
        Set<String> known = DryRun.options(words.getFirst());
        return words.stream()
                .filter(word -> word.startsWith("--") && !known.contains(word))
                .findFirst()
                .map(word -> "no option " + word);
    }

    private Optional<String> mavenProblem(String word) {
        if (word.startsWith("-P")) {
            return pom.contains("<id>" + word.substring(2) + "</id>")
                    ? Optional.empty()
                    : Optional.of("no profile " + word.substring(2));
        }
        if (word.startsWith("-D")) {
            String name = word.substring(2).replaceFirst("=.*", "");
            return pom.contains("<" + name + ">")
                            || pom.contains("<" + name + "/>")
                            || PROPERTIES_OF_PLUGINS.contains(name)
                    ? Optional.empty()
                    : Optional.of("no property " + name);
        }
        if (Set.of("-q", "-B", "-o").contains(word) || PHASES.contains(word)) {
            return Optional.empty();
        }
        String plugin = PLUGINS.getOrDefault(word.replaceFirst(":.*", ""), "no plugin");
        return word.contains(":") && pom.contains("<artifactId>" + plugin + "</artifactId>")
                ? Optional.empty()
                : Optional.of("no phase or goal " + word);
    }

    private static Optional<String> scriptProblem(List<String> words) {
        Path script = Path.of(words.getFirst());
        if (!Files.isExecutable(script)) {
            return Optional.of("no such script");
        }
        Set<String> known = optionsOf(script);
        return words.stream()
                .skip(1)
                .filter(word -> word.startsWith("--") && !known.contains(word))
                .findFirst()
                .map(word -> "no option " + word);
    }

    /** Every option that a script's text has. */
    static Set<String> optionsOf(Path script) {
        Set<String> options = new HashSet<>();
        Matcher matcher = SCRIPT_OPTION.matcher(Documents.text(script));
        while (matcher.find()) {
            options.add(matcher.group());
        }
        return options;
    }

    private static Optional<String> missingFile(List<String> words) {
        return words.stream()
                .filter(word -> FOLDERS.contains(word.replaceFirst("/.*", "")) && !Files.exists(Path.of(word)))
                .findFirst()
                .map(word -> "no such file: " + word);
    }
}
