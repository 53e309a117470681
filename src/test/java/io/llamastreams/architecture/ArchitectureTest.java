package io.llamastreams.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchConditions.accessTargetWhere;
import static com.tngtech.archunit.lang.conditions.ArchConditions.dependOnClassesThat;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.EvaluationResult;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import io.llamastreams.model.LlamaConfig;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The layout's rules: which package may use which, and who alone may know Kafka, Avro, vector instructions, threads,
 * arenas, the clock and the process. Each rule is first shown to catch a small class written against it, then held
 * against the main classes.
 */
class ArchitectureTest {

    private static final String ROOT = "io.llamastreams";

    /** What each package under the root may use, itself and {@code stats} apart: all that stands right of it. */
    private static final Map<String, Set<String>> MAY_USE = Map.ofEntries(
            Map.entry(
                    "app",
                    Set.of(
                            "topology",
                            "serving",
                            "engine",
                            "model",
                            "tensor",
                            "tokenizer",
                            "registry",
                            "training",
                            "evaluation",
                            "grammar")),
            Map.entry("training", Set.of("serving", "engine", "model", "tensor", "tokenizer")),
            Map.entry("evaluation", Set.of("serving", "engine", "model", "tensor", "tokenizer")),
            Map.entry("topology", Set.of("serving", "engine", "model", "tensor", "tokenizer", "registry", "schema")),
            Map.entry("serving", Set.of("engine", "model", "tensor", "tokenizer", "grammar")),
            Map.entry("engine", Set.of("model", "tensor")),
            Map.entry("model", Set.of("tensor")),
            Map.entry("registry", Set.of("schema")),
            Map.entry("schema", Set.of()),
            Map.entry("tensor", Set.of()),
            Map.entry("tokenizer", Set.of()),
            Map.entry("grammar", Set.of()),
            Map.entry("stats", Set.of()));

    /**
     * Packages in rooms: what each room may use of the same package, itself apart. {@code "."} are the classes of the package
     * itself; where they are not listed they stand above all rooms.
     */
    private static final Map<String, Map<String, Set<String>>> ROOMS = Map.of(
            "topology",
            Map.of(
                    "record", Set.of(),
                    "config", Set.of(),
                    "serde", Set.of("record", "config"),
                    "prompt", Set.of("serde", "record", "config"),
                    "batch", Set.of("serde", "record", "config"),
                    "replay", Set.of("serde", "record", "config"),
                    "service", Set.of("prompt", "batch", "replay", "serde", "record", "config")),
            "serving",
            Map.of(
                    "options", Set.of(),
                    "template", Set.of(),
                    ".", Set.of("options"),
                    "chat", Set.of(".", "template"),
                    "result", Set.of(".", "options"),
                    "request", Set.of("chat", "result", ".", "options"),
                    "session", Set.of("request", "chat", "result", ".", "options")),
            "grammar",
            Map.of(
                    "automaton", Set.of(),
                    "rule", Set.of("automaton"),
                    "regex", Set.of("rule", "automaton"),
                    "gbnf", Set.of("rule", "automaton"),
                    "schema", Set.of("regex", "rule", "automaton"),
                    "mask", Set.of("rule", "automaton")));

    /**
     * Of packages in rooms, the classes that other packages may use, however many more are public between the rooms. An end of
     * {@code ".."} means all of a room.
     */
    private static final Map<String, Set<String>> DOORS = Map.of(
            "topology",
            Set.of(
                    "topology.batch.BatchTable",
                    "topology.batch.TableUnavailableException",
                    "topology.config.TimeSource",
                    "topology.config.TopicNames",
                    "topology.config.Topics",
                    "topology.config.TopologyConfig",
                    "topology.record.BatchRecord",
                    "topology.record.CompletionRecord",
                    "topology.record.ControlAcknowledgement",
                    "topology.record.ControlCommand",
                    "topology.record.Origin",
                    "topology.record.PromptCounts",
                    "topology.record.UsageRecord",
                    "topology.serde.RecordMappings",
                    "topology.serde.RecordSerdes",
                    "topology.service.LlamaService"),
            "serving",
            Set.of(
                    "serving.Answer",
                    "serving.Choice",
                    "serving.Digests",
                    "serving.Generation",
                    "serving.GenerationListener",
                    "serving.LikelyTokens",
                    "serving.ModelDigests",
                    "serving.Prompt",
                    "serving.PromptInput",
                    "serving.PromptScores",
                    "serving.Score",
                    "serving.StableHash",
                    "serving.Submission",
                    "serving.Usage",
                    "serving.chat.ChatForm",
                    "serving.chat.ChatTemplateSource",
                    "serving.options..",
                    "serving.session.ComputeSettings",
                    "serving.session.EngineSettings",
                    "serving.session.KvCacheSettings",
                    "serving.session.ModelVocabulary",
                    "serving.session.TextEngine",
                    "serving.session.TextSession"),
            "grammar",
            Set.of(
                    "grammar.Grammar",
                    "grammar.GrammarState",
                    "grammar.mask.TokenBytes",
                    "grammar.rule.GrammarException"));

    /**
     * The engine's thread, its doors and its workers; a class loader, which has to lock and is called by any thread; and what is
     * compiled and looked up once for texts of all threads.
     */
    private static final Set<String> THREAD_OWNERS = Set.of(
            "engine.EngineLoop",
            "engine.EnginePort",
            "engine.Outbox",
            "grammar.mask.StateCache",
            "serving.request.Grammars",
            "tensor.kernel.WorkerPool",
            "tensor.vector.WidthLoader");

    /** The launcher holds the C strings of a new command line for the moment before it is replaced. */
    private static final Set<String> ARENA_OWNERS =
            Set.of("model.LlamaModel", "model.KvPages", "model.Workspace", "app.ProcessImage");

    private static final Set<String> KNOWN_TRANSCENDENTAL =
            Set.of("exp", "expm1", "log", "log1p", "log10", "pow", "sin", "cos", "tan", "sinh", "cosh", "tanh");

    private static final Path MAIN_FOLDER = mainFolder();
    private static final JavaClasses MAIN = new ClassFileImporter().importPath(MAIN_FOLDER);

    @TempDir
    private Path scratch;

    // ---------------------------------------------------------------------------------------------- arrows

    @Test
    void everyClassLivesInAPackageOfTheLayout() {
        ArchRule rule =
                classes().should().resideInAnyPackage(within(MAY_USE.keySet())).as("classes live in the layout");
        catches(rule, "package io.llamastreams.util; class Strings {}");
        catches(rule, "package io.llamastreams; class AtTheRoot {}");
        holds(rule);
    }

    @Test
    void packagesUseOnlyWhatStandsRightOfThem() {
        catches(arrow("tensor"), "package io.llamastreams.model; public class M {}", """
                package io.llamastreams.tensor.kernel; class Bad { io.llamastreams.model.M m; }""");
        catches(arrow("serving"), "package io.llamastreams.topology; public class T {}", """
                package io.llamastreams.serving; class Bad extends io.llamastreams.topology.T {}""");
        catches(
                arrow("tokenizer"),
                "package io.llamastreams.tensor; public class T { public static void f() {} }",
                """
                package io.llamastreams.tokenizer; class Bad { Runnable r = io.llamastreams.tensor.T::f; }""");
        catches(arrow("topology"), "package io.llamastreams.training; public class T {}", """
                package io.llamastreams.topology; class Bad { Object o = new io.llamastreams.training.T(); }""");
        MAY_USE.keySet().forEach(name -> holds(arrow(name)));
    }

    @Test
    void packagesAreFreeOfCyclesAtEveryLevel() {
        catches(
                noCyclesAtDepth(1),
                "package io.llamastreams.model.load; public class A { io.llamastreams.tensor.B b; }",
                "package io.llamastreams.tensor; public class B { io.llamastreams.model.C c; }",
                "package io.llamastreams.model; public class C {}");
        catches(
                noCyclesAtDepth(2),
                "package io.llamastreams.model.load; public class A { io.llamastreams.model.C c; }",
                "package io.llamastreams.model; public class C { io.llamastreams.model.load.A a; }");
        int deepest = MAIN.stream()
                .mapToInt(type -> segmentsBelowRoot(type).size())
                .max()
                .orElseThrow();
        IntStream.rangeClosed(1, deepest).forEach(depth -> holds(noCyclesAtDepth(depth)));
    }

    @Test
    void roomsUseOnlyTheRoomsBelowThem() {
        catches(roomArrow("grammar", "rule"), "package io.llamastreams.grammar.schema; public class S {}", """
                package io.llamastreams.grammar.rule; class Bad { io.llamastreams.grammar.schema.S s; }""");
        catches(roomArrow("grammar", "mask"), "package io.llamastreams.grammar; public class Grammar {}", """
                package io.llamastreams.grammar.mask; class Bad { io.llamastreams.grammar.Grammar g; }""");
        catchesNothing(roomArrow("grammar", "schema"), "package io.llamastreams.grammar.regex; public class R {}", """
                package io.llamastreams.grammar.schema; class Good { io.llamastreams.grammar.regex.R r; }""");
        catches(roomArrow("serving", "."), "package io.llamastreams.serving.session; public class T {}", """
                package io.llamastreams.serving; class Bad { io.llamastreams.serving.session.T t; }""");
        ROOMS.forEach((house, rooms) -> {
            rooms.keySet().forEach(room -> holds(roomArrow(house, room)));
            assertThat(rooms.keySet()).as("rooms of " + house).containsAll(roomsOf(house));
        });
    }

    @Test
    void othersEnterAPackageInRoomsByItsDoorsOnly() {
        catches(entersByDoors("grammar"), "package io.llamastreams.grammar.rule; public class Rules {}", """
                package io.llamastreams.serving; class Bad { io.llamastreams.grammar.rule.Rules rules; }""");
        catches(
                entersByDoors("grammar"),
                "package io.llamastreams.grammar.mask; public class MaskMaker { public static void f() {} }",
                """
                package io.llamastreams.app; class Bad { Runnable r = io.llamastreams.grammar.mask.MaskMaker::f; }""");
        catchesNothing(
                entersByDoors("grammar"),
                "package io.llamastreams.grammar.rule; public class GrammarException extends RuntimeException {}",
                """
                package io.llamastreams.serving; class Good { io.llamastreams.grammar.rule.GrammarException e; }""");
        catches(entersByDoors("serving"), "package io.llamastreams.serving.result; public class ResultBuilder {}", """
                package io.llamastreams.topology; class Bad { io.llamastreams.serving.result.ResultBuilder b; }""");
        catches(entersByDoors("serving"), "package io.llamastreams.serving; public class RequestDigest {}", """
                package io.llamastreams.app; class Bad { Object o = new io.llamastreams.serving.RequestDigest(); }""");
        catchesNothing(
                entersByDoors("serving"), "package io.llamastreams.serving.options; public class Anything {}", """
                package io.llamastreams.app; class Good { io.llamastreams.serving.options.Anything any; }""");
        catches(entersByDoors("topology"), "package io.llamastreams.topology.prompt; public class Handover {}", """
                package io.llamastreams.app; class Bad { io.llamastreams.topology.prompt.Handover handover; }""");
        catches(
                entersByDoors("topology"),
                "package io.llamastreams.topology.record; public class PendingPrompt {}",
                """
                package io.llamastreams.app; class Bad { io.llamastreams.topology.record.PendingPrompt pending; }""");
        DOORS.forEach((house, doors) -> {
            holds(entersByDoors(house));
            assertThat(usedByOthers(house))
                    .as("doors of " + house + " are used")
                    .containsAll(
                            doors.stream().filter(door -> !door.endsWith("..")).toList());
        });
    }

    @Test
    void foundationsUseTheJdkOnlyAndTheEngineLogsBesides() {
        ArchRule foundations = noClasses()
                .that()
                .resideInAnyPackage(within(Set.of("tensor", "tokenizer", "model", "stats")))
                .should(dependOnClassesThat(not(resideInAnyPackage("java..", "jdk..", ROOT + ".."))));
        ArchRule engine = noClasses()
                .that()
                .resideInAPackage(ROOT + ".engine..")
                .should(dependOnClassesThat(not(resideInAnyPackage("java..", "jdk..", ROOT + "..", "org.slf4j.."))));
        catches(foundations, "package io.llamastreams.model; class Bad { org.slf4j.Logger log; }");
        catches(engine, "package io.llamastreams.engine; class Bad { com.fasterxml.jackson.databind.JsonNode node; }");
        catchesNothing(engine, "package io.llamastreams.engine; class Good { org.slf4j.Logger log; }");
        holds(foundations);
        holds(engine);
    }

    @Test
    void everyLoggerIsCalledTheSame() {
        ArchRule rule = fields().that()
                .haveRawType("org.slf4j.Logger")
                .should()
                .haveName("log")
                .andShould()
                .beStatic();
        catches(rule, "package io.llamastreams.app; class Bad { static org.slf4j.Logger LOG; }");
        catches(rule, "package io.llamastreams.app; class Bad { org.slf4j.Logger log; }");
        catchesNothing(rule, "package io.llamastreams.app; class Good { static org.slf4j.Logger log; }");
        holds(rule);
    }

    @Test
    void grammarsReadJsonWithJacksonAndKnowNothingElse() {
        ArchRule rule = noClasses()
                .that()
                .resideInAPackage(ROOT + ".grammar..")
                .should(dependOnClassesThat(
                        not(resideInAnyPackage("java..", ROOT + ".grammar..", "com.fasterxml.jackson.."))));
        catches(rule, "package io.llamastreams.tensor; public class T {}", """
                package io.llamastreams.grammar; class Bad { io.llamastreams.tensor.T t; }""");
        catchesNothing(
                rule, "package io.llamastreams.grammar; class Good { com.fasterxml.jackson.databind.JsonNode n; }");
        holds(rule);
    }

    @Test
    void schedulingAndCacheCountInIntegersAndKnowNoModel() {
        String[] integersOnly = {ROOT + ".engine.schedule..", ROOT + ".engine.cache.."};
        ArchRule noFloats = noClasses().that().resideInAnyPackage(integersOnly).should(declareFloats());
        ArchRule noModel =
                noClasses().that().resideInAnyPackage(integersOnly).should().dependOnClassesThat(modelOrTensor());
        catches(noFloats, "package io.llamastreams.engine.cache; class Bad { float[] page; }");
        catches(noFloats, "package io.llamastreams.engine.schedule; class Bad { double share(int a) { return a; } }");
        catches(noModel, "package io.llamastreams.model; public class M {}", """
                package io.llamastreams.engine.schedule; class Bad { io.llamastreams.model.M m; }""");
        holds(noFloats);
        holds(noModel);
    }

    @Test
    void everyPackageSaysWhatItIsFor() throws IOException {
        Path sources = MAIN_FOLDER.resolve("../../src/main/java").normalize();
        try (Stream<Path> files = Files.walk(sources)) {
            Set<Path> silent = files.filter(file -> file.toString().endsWith(".java"))
                    .map(Path::getParent)
                    .filter(folder -> !Files.exists(folder.resolve("package-info.java")))
                    .map(sources::relativize)
                    .collect(Collectors.toCollection(TreeSet::new));
            assertThat(silent).as("packages without package-info.java").isEmpty();
        }
    }

    // ------------------------------------------------------------------------------------------- knowledge

    @Test
    void kafkaIsKnownInTopologyAndAppOnly() {
        ArchRule rule = noClasses()
                .that(liveOutside("topology", "app"))
                .should(dependOnClassesThat(resideInAnyPackage("org.apache.kafka..", "kafka..")));
        catches(rule, "package io.llamastreams.serving; class Bad { org.apache.kafka.common.TopicPartition p; }");
        catches(
                rule,
                "package io.llamastreams.registry; class Bad { Class<?> c = kafka.server.KafkaRaftServer.class; }");
        holds(rule);
    }

    @Test
    void avroIsKnownInRegistryAndSchemaAndOneMapper() {
        ArchRule elsewhere = noClasses()
                .that(liveOutside("registry", "schema", "topology"))
                .should(dependOnClassesThat(avroOrGenerated()));
        catches(elsewhere, "package io.llamastreams.app; class Bad { org.apache.avro.Schema schema; }");
        catches(elsewhere, "package io.llamastreams.schema; public class Record {}", """
                package io.llamastreams.app; class Bad { io.llamastreams.schema.Record record; }""");
        holds(elsewhere);

        assertThat(avroUsersInTopology(compiled(
                        "package io.llamastreams.topology.serde; class AMapper { org.apache.avro.Schema s; class Inner { org.apache.avro.Schema s; } }",
                        "package io.llamastreams.topology.prompt; class Bad { org.apache.avro.Schema s; }")))
                .containsExactlyInAnyOrder(ROOT + ".topology.serde.AMapper", ROOT + ".topology.prompt.Bad");
        assertThat(avroUsersInTopology(MAIN))
                .as("topology's mappings and their parts")
                .contains(ROOT + ".topology.serde.RecordMappings")
                .allMatch(name -> name.equals(ROOT + ".topology.serde.RecordMappings")
                        || name.startsWith(ROOT + ".topology.serde.Avro"));
    }

    @Test
    void theHttpServerIsKnownInAppHttpOnlyWhichKnowsNoCommand() {
        ArchRule server = noClasses()
                .that(liveOutside("app.http"))
                .should(dependOnClassesThat(resideInAPackage("com.sun.net.httpserver..")));
        ArchRule endpoint = noClasses()
                .that()
                .resideInAPackage(ROOT + ".app.http..")
                .should(dependOnClassesThat(
                        resideInAnyPackage(within(Set.of("app.command", "app.service", "app.client", "serving")))));
        catches(server, "package io.llamastreams.app.service; class Bad { com.sun.net.httpserver.HttpServer s; }");
        catches(endpoint, "package io.llamastreams.app.command; public class C {}", """
                package io.llamastreams.app.http; class Bad { io.llamastreams.app.command.C c; }""");
        catches(endpoint, "package io.llamastreams.serving; public class Prompt {}", """
                package io.llamastreams.app.http; class Bad { io.llamastreams.serving.Prompt prompt; }""");
        holds(server);
        holds(endpoint);
    }

    @Test
    void vectorInstructionsAreUsedInTensorVectorOnly() {
        ArchRule rule = noClasses()
                .that(liveOutside("tensor.vector"))
                .should(dependOnClassesThat(resideInAPackage("jdk.incubator.vector..")));
        catches(rule, "package io.llamastreams.tensor.kernel; class Bad { jdk.incubator.vector.FloatVector v; }");
        holds(rule);
    }

    @Test
    void threadsLocksAndQueuesLiveInTheirOwnersOnly() throws IOException {
        DescribedPredicate<JavaClass> others =
                liveOutside("app").and(not(areOneOf(THREAD_OWNERS))).as("are neither in app nor own threads");
        ArchRule types = noClasses()
                .that(others)
                .should(dependOnClassesThat(describe(
                        "are threads, locks, queues or timers",
                        type -> type.getPackageName().startsWith("java.util.concurrent")
                                || Set.of("java.lang.Thread", "java.lang.ThreadGroup", "java.util.Timer")
                                        .contains(type.getName()))));
        ArchRule monitors = noClasses()
                .that(others)
                .should(accessTargetWhere(describe(
                        "waits for or wakes a monitor",
                        access -> access.getTargetOwner().isEquivalentTo(Object.class)
                                && Set.of("wait", "notify", "notifyAll").contains(access.getName()))));
        ArchRule synchronizedMethods =
                methods().that().areDeclaredInClassesThat(others).should().notHaveModifier(JavaModifier.SYNCHRONIZED);
        String head = "package io.llamastreams.engine; class Bad ";
        catches(types, head + "{ java.util.concurrent.BlockingQueue<String> queue; }");
        catches(types, head + "{ void f() { Thread.ofVirtual().start(() -> {}); } }");
        catches(types, head + "{ Runnable r = Thread::onSpinWait; }");
        catches(types, head + "{ class EngineLoop extends Thread {} }");
        catches(monitors, head + "{ void f() { notifyAll(); } }");
        catches(synchronizedMethods, head + "{ synchronized void f() {} }");
        catchesNothing(types, "package io.llamastreams.engine; class EngineLoop { class Inner extends Thread {} }");
        holds(types);
        holds(monitors);
        holds(synchronizedMethods);

        Path bad = Sources.compile(
                scratch.resolve("monitor"), List.of(head + "{ void f() { synchronized (this) { hashCode(); } } }"));
        assertThat(Sources.classesThatEnterMonitors(bad)).containsExactly(ROOT + ".engine.Bad");
        assertThat(Sources.classesThatEnterMonitors(MAIN_FOLDER))
                .filteredOn(name -> others.test(MAIN.get(name)))
                .isEmpty();
    }

    @Test
    void arenasAreOpenedByTheirOwnersOnly() {
        ArchRule rule = noClasses()
                .that(not(areOneOf(ARENA_OWNERS)))
                .should(accessTargetWhere(describe(
                        "opens an arena",
                        access -> isCall(
                                access, "java.lang.foreign.Arena", "ofConfined", "ofShared", "ofAuto", "global"))));
        String arena = "java.lang.foreign.Arena";
        catches(rule, "package io.llamastreams.app; class Bad { Object o = " + arena + ".ofAuto(); }");
        catches(
                rule,
                "package io.llamastreams.model; class Bad { java.util.function.Supplier<" + arena + "> o = " + arena
                        + "::ofShared; }");
        catchesNothing(rule, "package io.llamastreams.model; class KvPages { Object o = " + arena + ".ofShared(); }");
        holds(rule);
    }

    @Test
    void clockIsReadInAppOnly() {
        ArchRule rule = noClasses()
                .that(liveOutside("app"))
                .should(accessTargetWhere(describe("reads the clock", ArchitectureTest::readsClock)));
        String head = "package io.llamastreams.topology; class Bad ";
        catches(rule, head + "{ java.util.function.LongSupplier clock = System::nanoTime; }");
        catches(rule, head + "{ long f() { return System.currentTimeMillis(); } }");
        catches(rule, head + "{ Object o = java.time.Instant.now(); }");
        catches(rule, head + "{ Object o = java.time.Clock.systemUTC(); }");
        catches(rule, head + "{ Object o = new java.util.Date(); }");
        catches(rule, head + "{ Object o = org.apache.kafka.common.utils.Time.SYSTEM; }");
        holds(rule);
    }

    @Test
    void processAndConsoleAreTouchedInAppOnly() {
        ArchRule rule = noClasses()
                .that(liveOutside("app"))
                .should(accessTargetWhere(
                        describe("touches the process or its console", ArchitectureTest::touchesProcess)));
        String head = "package io.llamastreams.serving; class Bad ";
        catches(rule, head + "{ Object o = System.getenv(\"HOME\"); }");
        catches(rule, head + "{ Object o = System.getProperty(\"user.dir\"); }");
        catches(rule, head + "{ int threads = Integer.getInteger(\"threads\", 2); }");
        catches(rule, head + "{ void f() { System.exit(1); } }");
        catches(rule, head + "{ void f() { Runtime.getRuntime().halt(1); } }");
        catches(rule, head + "{ void f() { System.out.println(); } }");
        catches(rule, head + "{ void f() { IO.println(); } }");
        catches(rule, head + "{ void f(Exception e) { e.printStackTrace(); } }");
        holds(rule);
    }

    @Test
    void classesThatMayWhatOthersMustNotAreStillThere() {
        Stream.concat(Stream.of(THREAD_OWNERS, ARENA_OWNERS), DOORS.values().stream())
                .flatMap(Set::stream)
                .filter(name -> !name.endsWith(".."))
                .forEach(name ->
                        assertThat(MAIN.contain(ROOT + "." + name)).as(name).isTrue());
    }

    // ----------------------------------------------------------------------------------------- determinism

    @Test
    void nothingThatReachesLogitsUsesTheLibrarysTranscendentals() {
        ArchRule rule = noClasses()
                .that()
                .resideInAnyPackage(within(Set.of("tensor", "model", "engine")))
                .should(accessTargetWhere(describe(
                        "computes with Math's or the vector library's transcendentals",
                        access -> isCall(access, "java.lang.Math", KNOWN_TRANSCENDENTAL.toArray(String[]::new))
                                || access.getTargetOwner().getName().equals("jdk.incubator.vector.VectorOperators")
                                        && KNOWN_TRANSCENDENTAL.contains(
                                                access.getName().toLowerCase(Locale.ROOT)))));
        catches(rule, "package io.llamastreams.model; class Bad { double f(double x) { return Math.exp(x); } }");
        catches(
                rule,
                "package io.llamastreams.tensor.vector; class Bad { Object o = jdk.incubator.vector.VectorOperators.EXP; }");
        catchesNothing(
                rule, "package io.llamastreams.model; class Good { double x = StrictMath.sin(1) + Math.sqrt(2); }");
        holds(rule);
    }

    @Test
    void randomNumbersAreHandedToSamplingNotDrawnThere() {
        ArchRule rule = noClasses()
                .that()
                .resideInAnyPackage(within(Set.of("tensor", "model", "engine", "serving", "topology", "grammar")))
                .should(accessTargetWhere(describe(
                        "draws from an undefined random source",
                        access -> access.getTargetOwner().getName().startsWith("java.util.random.")
                                || Set.of(
                                                "java.util.Random",
                                                "java.util.SplittableRandom",
                                                "java.security.SecureRandom")
                                        .contains(access.getTargetOwner().getName())
                                || isCall(access, "java.util.UUID", "randomUUID")
                                || isCall(access, "java.lang.Math", "random"))));
        catches(rule, "package io.llamastreams.engine.sampling; class Bad { Object o = new java.util.Random(1); }");
        catches(rule, "package io.llamastreams.serving; class Bad { Object o = java.util.UUID.randomUUID(); }");
        holds(rule);
    }

    // ------------------------------------------------------------------------------------------ vocabulary

    private static ArchRule arrow(String from) {
        Set<String> forbidden = MAY_USE.keySet().stream()
                .filter(to -> !to.equals(from)
                        && !to.equals("stats")
                        && !MAY_USE.get(from).contains(to))
                .collect(toSet());
        return noClasses()
                .that()
                .resideInAPackage(ROOT + "." + from + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(within(forbidden));
    }

    private static ArchRule roomArrow(String house, String room) {
        Set<String> allowed = ROOMS.get(house).get(room);
        String[] within = Stream.concat(Stream.of(room), allowed.stream())
                .map(name -> packageOf(house, name))
                .toArray(String[]::new);
        return noClasses()
                .that()
                .resideInAPackage(packageOf(house, room))
                .should(dependOnClassesThat(resideInAPackage(ROOT + "." + house + "..")
                        .and(not(resideInAnyPackage(within)))
                        .as("are in " + house + " and neither in " + room + " nor in any of " + allowed)));
    }

    private static String packageOf(String house, String room) {
        return ROOT + "." + house + (room.equals(".") ? "" : "." + room + "..");
    }

    private static Set<String> roomsOf(String house) {
        return MAIN.stream()
                .filter(resideInAPackage(ROOT + "." + house + ".*.."))
                .map(type -> segmentsBelowRoot(type).get(1))
                .collect(toSet());
    }

    private static ArchRule entersByDoors(String house) {
        Set<String> doors = DOORS.get(house);
        String[] openRooms = doors.stream()
                .filter(door -> door.endsWith(".."))
                .map(door -> ROOT + "." + door)
                .toArray(String[]::new);
        return noClasses()
                .that(liveOutside(house))
                .should(dependOnClassesThat(resideInAPackage(ROOT + "." + house + "..")
                        .and(not(areOneOf(doors)))
                        .and(not(resideInAnyPackage(openRooms)))
                        .as("are in " + house + " and none of its doors")));
    }

    private static Set<String> usedByOthers(String house) {
        return MAIN.stream()
                .filter(liveOutside(house))
                .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                .map(dependency -> outermostName(dependency.getTargetClass()))
                .filter(name -> name.startsWith(ROOT + "." + house + "."))
                .map(name -> name.substring(ROOT.length() + 1))
                .collect(toSet());
    }

    private static ArchRule noCyclesAtDepth(int depth) {
        SliceAssignment byPackage = new SliceAssignment() {
            @Override
            public SliceIdentifier getIdentifierOf(JavaClass type) {
                if (!type.getPackageName().startsWith(ROOT)) {
                    return SliceIdentifier.ignore();
                }
                List<String> segments = segmentsBelowRoot(type);
                return SliceIdentifier.of(String.join(".", segments.subList(0, Math.min(depth, segments.size()))));
            }

            @Override
            public String getDescription() {
                return "packages down to depth " + depth;
            }
        };
        return SlicesRuleDefinition.slices().assignedFrom(byPackage).should().beFreeOfCycles();
    }

    private static List<String> segmentsBelowRoot(JavaClass type) {
        String below = type.getPackageName().substring(ROOT.length());
        return below.isEmpty() ? List.of("") : Arrays.asList(below.substring(1).split("\\."));
    }

    private static Set<String> avroUsersInTopology(JavaClasses classes) {
        return classes.stream()
                .filter(resideInAPackage(ROOT + ".topology.."))
                .filter(type -> type.getDirectDependenciesFromSelf().stream()
                        .anyMatch(dependency -> avroOrGenerated().test(dependency.getTargetClass())))
                .map(ArchitectureTest::outermostName)
                .collect(toSet());
    }

    private static DescribedPredicate<JavaClass> avroOrGenerated() {
        return resideInAnyPackage("org.apache.avro..", ROOT + ".schema..").as("belong to Avro or are generated by it");
    }

    private static DescribedPredicate<JavaClass> modelOrTensor() {
        return resideInAnyPackage(within(Set.of("model", "tensor")));
    }

    private static ArchCondition<JavaClass> declareFloats() {
        return new ArchCondition<>("declare float or double fields, parameters or results") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                Stream<JavaClass> fields = type.getFields().stream().map(field -> field.getRawType());
                Stream<JavaClass> parameters =
                        type.getCodeUnits().stream().flatMap(unit -> unit.getRawParameterTypes().stream());
                Stream<JavaClass> results = type.getMethods().stream().map(method -> method.getRawReturnType());
                boolean declares = Stream.of(fields, parameters, results)
                        .flatMap(Function.identity())
                        .anyMatch(declared -> Set.of("float", "double")
                                .contains(declared.getBaseComponentType().getName()));
                events.add(new SimpleConditionEvent(type, declares, type.getDescription() + " declares floats"));
            }
        };
    }

    private static DescribedPredicate<JavaClass> liveOutside(String... packages) {
        return not(resideInAnyPackage(within(Set.of(packages)))).as("live outside " + String.join(", ", packages));
    }

    /** Nested and anonymous classes count as the class that they stand in. */
    private static DescribedPredicate<JavaClass> areOneOf(Set<String> namesBelowRoot) {
        return describe(
                "are one of " + namesBelowRoot,
                type -> namesBelowRoot.contains(outermostName(type).substring(ROOT.length() + 1)));
    }

    private static String outermostName(JavaClass type) {
        return type.getEnclosingClass().map(ArchitectureTest::outermostName).orElse(type.getName());
    }

    private static String[] within(Set<String> packages) {
        return packages.stream().map(name -> ROOT + "." + name + "..").toArray(String[]::new);
    }

    private static boolean isCall(JavaAccess<?> access, String owner, String... names) {
        return access.getTargetOwner().getName().equals(owner)
                && Arrays.asList(names).contains(access.getName());
    }

    private static boolean readsClock(JavaAccess<?> access) {
        String owner = access.getTargetOwner().getName();
        return isCall(access, "java.lang.System", "nanoTime", "currentTimeMillis")
                || isCall(access, "java.time.InstantSource", "system")
                || owner.startsWith("java.time.") && access.getName().equals("now")
                || owner.equals("java.time.Clock") && access.getName().matches("system.*|tick.*")
                || owner.equals("org.apache.kafka.common.utils.Time")
                        && access.getName().equals("SYSTEM")
                || access.getTarget().getFullName().equals("java.util.Date.<init>()");
    }

    private static boolean touchesProcess(JavaAccess<?> access) {
        return isCall(access, "java.lang.System", "out", "err", "in", "console", "exit", "setOut", "setErr")
                || isCall(access, "java.lang.System", "getenv", "getProperty", "getProperties", "setProperty")
                || isCall(access, "java.lang.Boolean", "getBoolean")
                || isCall(access, "java.lang.Integer", "getInteger")
                || isCall(access, "java.lang.Long", "getLong")
                || isCall(access, "java.lang.Runtime", "exit", "halt", "addShutdownHook")
                || access.getTargetOwner().getName().equals("java.lang.IO")
                || access.getTarget().getFullName().endsWith(".printStackTrace()");
    }

    // ---------------------------------------------------------------------------------------------- checks

    private static void holds(ArchRule rule) {
        rule.allowEmptyShould(true).check(MAIN);
    }

    private void catches(ArchRule rule, String... sources) {
        EvaluationResult result = rule.allowEmptyShould(true).evaluate(compiled(sources));
        assertThat(result.hasViolation())
                .as("%s: expected to catch %s", rule.getDescription(), List.of(sources))
                .isTrue();
    }

    private void catchesNothing(ArchRule rule, String... sources) {
        rule.allowEmptyShould(true).check(compiled(sources));
    }

    private JavaClasses compiled(String... sources) {
        Path folder = scratch.resolve(Integer.toHexString(Arrays.hashCode(sources)));
        return new ClassFileImporter().importPath(Sources.compile(folder, List.of(sources)));
    }

    private static Path mainFolder() {
        try {
            return Path.of(LlamaConfig.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
