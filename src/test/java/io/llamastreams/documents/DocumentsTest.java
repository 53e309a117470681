package io.llamastreams.documents;

import static org.assertj.core.api.Assertions.assertThat;

import io.llamastreams.app.command.DryRun;
import io.llamastreams.topology.config.TopologyConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DocumentsTest {
    private static final int LONGEST_README = 250;
    private static final Path SITE_XML = Path.of("src/site/site.xml");

    private final List<Page> pages = Documents.pages();

    @TempDir
    private Path scratch;

    private CommandLines commandLines;

    @BeforeEach
    void writeConfiguration() throws IOException {
        Path file = scratch.resolve("worker.properties");
        Files.writeString(
                file, "bootstrap.servers=localhost:9092\nschema.registry.url=mock://\nllama.model=/models/m.gguf\n");
        commandLines = new CommandLines(file);
    }

    private static Page page(String name, String... lines) {
        return Page.parse(Path.of(name), String.join("\n", lines));
    }

    private static Page sitePage(String... lines) {
        return page("src/site/markdown/bad.md", lines);
    }

    private static Page fenced(String language, String... lines) {
        return sitePage("```" + language, String.join("\n", lines), "```");
    }

    private List<String> problems(Function<Page, List<String>> check) {
        return pages.stream().flatMap(page -> check.apply(page).stream()).toList();
    }

    // --------------------------------------------------------------------------------------------- links

    @Test
    void linksLeadSomewhere() {
        Map<Path, Page> known = new TreeMap<>();
        pages.forEach(page -> known.put(page.file(), page));
        Links links = new Links(known::get);
        assertThat(links.problems(page("README.md", "see [x](src/nothing.md)"))).hasSize(1);
        assertThat(links.problems(page("README.md", "see [x](LICENSE) and", "![y](src/site/site.xml)")))
                .isEmpty();
        assertThat(links.problems(page("README.md", "[a", "b](.github/CONTRIBUTING.md#before-you-send-a-change)")))
                .isEmpty();
        assertThat(links.problems(page("README.md", "[a](.github/CONTRIBUTING.md#after-it)")))
                .hasSize(1);
        assertThat(links.problems(page("README.md", "## A Head, and `more`", "[a](#a-head-and-more)")))
                .isEmpty();
        assertThat(links.problems(page("README.md", "[a](http://example.com) [b](https://exa mple.com)")))
                .hasSize(1);
        assertThat(links.problems(page("README.md", "[a](https://example.com/x#y)")))
                .isEmpty();
        assertThat(links.problems(sitePage("[a](operations.md#http) [b](operations.md)")))
                .isEmpty();
        assertThat(links.problems(sitePage("| [a](operations.md#http-endpoint) |")))
                .hasSize(1);
        assertThat(links.problems(sitePage("[a](../../../README.md)"))).hasSize(1);
        assertThat(links.problems(sitePage("![a](images/overview.svg) `[b](not.a.link)`")))
                .isEmpty();
        int before = links.checked();
        assertThat(problems(links::problems)).isEmpty();
        assertThat(links.checked() - before).isGreaterThan(60);
    }

    @Test
    void everyPageIsInTheMenuAndInReadme() {
        String menu = Documents.text(SITE_XML);
        List<String> linked = pages.stream()
                .filter(page -> page.file().equals(Documents.README))
                .flatMap(page -> page.links().stream())
                .map(Page.Link::target)
                .toList();
        List<String> items = new ArrayList<>();
        Matcher item = Pattern.compile("<item [^>]*href=\"([^\"]+)\"").matcher(menu);
        while (item.find()) {
            items.add(item.group(1));
        }
        List<String> pagesOfSite = pages.stream()
                .map(Page::file)
                .filter(Documents::isOfSite)
                .map(file -> file.getFileName().toString())
                .toList();
        assertThat(items)
                .containsExactlyInAnyOrderElementsOf(pagesOfSite.stream()
                        .map(name -> name.replace(".md", ".html"))
                        .toList());
        assertThat(linked)
                .containsAll(pagesOfSite.stream()
                        .filter(name -> !name.equals("index.md"))
                        .map(name -> Documents.SITE.resolve(name).toString())
                        .toList());
    }

    @Test
    void readmeIsShort() {
        assertThat(Documents.text(Documents.README).lines().count()).isLessThanOrEqualTo(LONGEST_README);
    }

    // ------------------------------------------------------------------------------------------ commands

    @Test
    void commandLinesAreRight() {
        String jar = "java -jar " + CommandLines.JAR;
        for (String wrong : List.of(
                jar + " submit prompts.jsonl --bootstrap localhost:9092",
                jar + " submit --bootstrap localhost:9092 --registry mock://",
                jar + " submit p.jsonl --wait --bootstrap localhost:9092 --registry mock://",
                jar + " cancel --bootstrap localhost:9092 --registry mock://",
                jar + " run --bootstrap localhost:9092 --registry mock://",
                jar + " reproduce c.jsonl --model m.gguf",
                jar + " config --effective --set llama.threads=many",
                jar + " config --effective --set llama.thread=1",
                jar + " generate --model m.gguf",
                jar + " generate --model m.gguf --prompt x --max-new-token 5",
                jar + " batch --model m.gguf --in x --out y --max-batch many",
                jar + " begin",
                jar,
                "java -jar llama-streams.jar --help",
                "mvn -q -Pnone compile",
                "mvn -Dnone=1 compile",
                "mvn comple",
                "mvn sites:run",
                "src/jmh/peer/nothing x.gguf",
                "src/jmh/peer/compare --round 3 x.gguf",
                "docker build -f deploy/Nothing .",
                "kafkacat -L")) {
            assertThat(commandLines.problems(fenced("", wrong))).as(wrong).hasSize(1);
        }
        for (String right : List.of(
                jar + " --help",
                jar + " submit prompts.jsonl --bootstrap localhost:9092 \\\n   --registry mock:// # a comment",
                jar + " run --config worker.properties",
                jar + " reproduce c.jsonl --model m.gguf --prompts p.jsonl",
                jar + " generate --model m.gguf --prompt \"two words\" --seed 1",
                "mvn -q -Pfaults test-compile exec:exec -Dminutes=30 -Dseed=7",
                "mvn spotless:apply",
                "MODELS=/m MODEL=m.gguf docker compose -f deploy/compose.yaml up",
                "src/jmh/peer/compare --rounds 3 x.gguf")) {
            assertThat(commandLines.problems(fenced("", right))).as(right).isEmpty();
        }
        assertThat(commandLines.problems(sitePage("So `mvn verfy` and `bench --profil` and `" + jar + " tokens`.")))
                .hasSize(3);
        assertThat(commandLines.problems(sitePage("So `mvn verify`, `bench --profile` and `--anything`.")))
                .isEmpty();

        CommandLines fresh = new CommandLines(scratch.resolve("worker.properties"));
        assertThat(problems(fresh::problems)).isEmpty();
        assertThat(Documents.deployFiles()).flatMap(fresh::problemsOfComments).isEmpty();
        assertThat(fresh.checked()).containsKeys("java", "mvn", "scripts", "docker", "in running text");
    }

    @Test
    void examplesInHelpAreRight() {
        List<String> examples = new ArrayList<>();
        for (String command : DryRun.commands()) {
            for (String example : DryRun.examples(command)) {
                examples.add(example);
                assertThat(commandLines.ours(ShellLine.parse(example).words()))
                        .as(example)
                        .isEmpty();
            }
        }
        assertThat(examples).hasSizeGreaterThan(20);
    }

    @Test
    void readmeNamesEveryCommand() {
        String readme = Documents.text(Documents.README);
        assertThat(DryRun.commands())
                .filteredOn(command -> !command.equals("help"))
                .allSatisfy(command -> assertThat(readme).contains("`" + command + "`"));
    }

    // ------------------------------------------------------------------------------------ names, examples

    @Test
    void namesInCodeFontExist() {
        Names names = new Names();
        for (String wrong : List.of(
                "PromptProcesor",
                "io.llamastreams.engine.Nothing",
                "tensor.kernel.Engine",
                "engine.Engine.stepp()",
                "tensor.vectors",
                "src/main/nothing",
                "llama.thread",
                "llama.threads=many",
                "llama.kv.type=f8",
                "llama_no_such",
                "--no-such-option")) {
            assertThat(names.problems(sitePage("so `" + wrong + "` is")))
                    .as(wrong)
                    .hasSize(1);
        }
        assertThat(names.problems(sitePage(
                        "`PromptRequest`, `io.llamastreams.engine.Engine`, `engine.Engine.step()`,",
                        "`tensor.vector`, `src/main`, `llama.threads=4`, `llama.prompts`, `--registry`, `StrictMath`,",
                        "`llama_pending_tokens`, `any words`, `example.com`")))
                .isEmpty();
        Names fresh = new Names();
        assertThat(problems(fresh::problems)).isEmpty();
        assertThat(fresh.checked()).isGreaterThan(150);
    }

    @Test
    void examplesAreRead() {
        Examples bad = new Examples();
        for (String wrong : List.of(
                "{\"id\": \"1\", \"prompt\": \"x\"",
                "{\"id\": \"1\"}",
                "{\"id\": \"1\", \"prompt\": \"x\", \"max_tokens\": 5}",
                "{\"id\": \"1\", \"prompt\": \"x\", \"max_new_tokens\": \"many\"}")) {
            assertThat(bad.problems(fenced("json", wrong))).as(wrong).hasSize(1);
        }
        for (String wrong :
                List.of("llama.thread=1", "llama.threads=-1", "bootstrap.server=a:1", "llama.vector.bits=100")) {
            assertThat(bad.problems(fenced("properties", wrong))).as(wrong).hasSize(1);
        }
        assertThat(bad.problems(fenced("yaml", "a: b"))).hasSize(1);

        Examples examples = new Examples();
        assertThat(problems(examples::problems)).isEmpty();
        assertThat(examples.requests()).hasSizeGreaterThan(3);
    }

    // -------------------------------------------------------------------------------------------- tables

    /** {@code -Ddocs.write=true} writes it anew. */
    @Test
    void configurationListsTheKeysAsTheyAre() throws IOException {
        Path file = Documents.SITE.resolve("configuration.md");
        String text = Documents.text(file);
        String begin = "<!-- configuration: generated -->\n";
        String end = "<!-- configuration: end -->";
        int from = text.indexOf(begin) + begin.length();
        int to = text.indexOf(end);
        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(file, text.substring(0, from) + TopologyConfig.toMarkdown() + text.substring(to));
        } else {
            assertThat(text.substring(from, to))
                    .as("%s is written anew by -Dtest=DocumentsTest -Ddocs.write=true", file)
                    .isEqualTo(TopologyConfig.toMarkdown());
        }
    }
}
