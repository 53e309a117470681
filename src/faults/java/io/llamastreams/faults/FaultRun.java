package io.llamastreams.faults;

import io.llamastreams.topology.config.TopicNames;
import io.llamastreams.topology.config.Topics;
import io.llamastreams.topology.service.FakeRegistryServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.protocol.ApiKeys;

/**
 * One run: prompts go in bit by bit, a fault after each, and in the end everything is counted.
 *
 * <pre>
 *   this JVM                                          processes
 *   feed ------------------------------------------> broker <--- proxy 0 <--- worker 0
 *   auditor <--------------------------------------         <--- proxy 1 <--- worker 1
 *   injector: signals to processes, traps in proxies        <--- proxy 2 <--- worker 2
 *   registry <-----------------------------------------------------------------------'
 *   supervisor: starts workers that have ended              <--- proxy 3 <--- spare worker, comes and goes
 *   operator: ends transactions that the broker has forgotten
 * </pre>
 */
final class FaultRun {

    private static final int WORKERS = 3;
    private static final int PARTITIONS = 6;
    private static final Duration START_LIMIT = Duration.ofMinutes(3);

    /** Far longer than any timeout in the play: who makes no progress for so long will make none. */
    private static final Duration STANDSTILL = Duration.ofMinutes(3);

    private static final Duration TABLE_LIMIT = Duration.ofMinutes(2);
    private static final Duration SUPERVISION = Duration.ofMillis(100);

    /**
     * What a run shall be.
     *
     * @param protocol of the group: classic or streams
     * @param seed of everything that is random
     * @param faults how many are planned
     * @param pace from one fault to the next, at least
     * @param prompts in all
     * @param model a GGUF file
     * @param folder is emptied, then takes logs, settings and the broker's data
     * @param progress hears of each fault
     */
    record Options(
            String protocol,
            long seed,
            int faults,
            Duration pace,
            int prompts,
            Path model,
            Path folder,
            Consumer<String> progress) {}

    private final Options options;
    private final Workload workload;
    private final Ledger ledger;
    private final List<WorkerSlot> slots = new ArrayList<>();
    private FaultLog log;

    private FaultRun(Options options) {
        this.options = options;
        workload = Workload.of(options.model(), options.prompts(), options.seed());
        ledger = new Ledger(workload.reference());
    }

    /**
     * Runs to the end.
     *
     * @throws AssertionError if the harness itself cannot go on, such as with a broker that does not start
     */
    static FaultReport run(Options options) throws InterruptedException {
        try {
            delete(options.folder());
            Files.createDirectories(options.folder());
            FaultReport verdict = new FaultRun(options).run();
            Files.writeString(options.folder().resolve("verdict.json"), verdict.toJson() + "\n");
            if (verdict.isClean()) {
                delete(options.folder().resolve("data"));
            }
            return verdict;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            for (int i = 0; i <= WORKERS; i++) {
                SmallDisk.unmount(folder.resolve("state-" + i));
            }
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private FaultReport run() throws InterruptedException, IOException {
        List<FaultProxy> proxies = new ArrayList<>();
        try (BrokerProcess broker = new BrokerProcess(options.folder(), WORKERS + 1)) {
            for (int i = 0; i <= WORKERS; i++) {
                proxies.add(new FaultProxy(broker.workerPort(i)));
            }
            broker.advertise(proxies.stream().map(FaultProxy::port).toList());
            broker.start();
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
                Topics.ensure(admin, TopicNames.DEFAULT, PARTITIONS, (short) 1);
                return run(broker, proxies, admin);
            }
        } finally {
            slots.forEach(WorkerSlot::close);
            proxies.forEach(FaultProxy::close);
        }
    }

    private FaultReport run(BrokerProcess broker, List<FaultProxy> proxies, Admin admin)
            throws InterruptedException, IOException {
        try (PromptFeed feed = new PromptFeed(broker.bootstrap(), workload.prompts());
                Auditor auditor = Auditor.start(broker.bootstrap(), ledger);
                FakeRegistryServer registry = new FakeRegistryServer()) {
            log = new FaultLog(
                    options.folder().resolve("faults.log"),
                    () -> feed.acknowledged() - ledger.completed(),
                    options.progress());
            WorkerSettings settings =
                    new WorkerSettings(options.protocol(), options.model().toAbsolutePath(), registry.url());
            for (int i = 0; i <= WORKERS; i++) {
                slots.add(new WorkerSlot(i, options.folder(), settings, proxies.get(i), log, options.seed()));
            }
            Thread supervisor = Thread.ofVirtual().name("supervisor").start(this::supervise);
            HangingTransactions hanging = new HangingTransactions(admin, log);
            Thread operator = Thread.ofVirtual().name("operator").start(hanging::watch);
            try {
                startWorkers();
                long startNanos = System.nanoTime();
                doFaults(broker, feed, auditor, registry);
                awaitCompletions(feed, auditor);
                long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNanos);
                return verdict(broker, admin, hanging, seconds);
            } finally {
                supervisor.interrupt();
                operator.interrupt();
            }
        }
    }

    private void supervise() {
        try {
            while (true) {
                slots.forEach(WorkerSlot::supervise);
                TimeUnit.MILLISECONDS.sleep(SUPERVISION.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void startWorkers() throws InterruptedException {
        List<WorkerSlot> workers = slots.subList(0, WORKERS);
        workers.forEach(WorkerSlot::want);
        Waiting.until(
                "all workers to serve",
                START_LIMIT,
                () -> workers.stream().allMatch(WorkerSlot::isServing),
                this::describe);
    }

    private void doFaults(BrokerProcess broker, PromptFeed feed, Auditor auditor, FakeRegistryServer registry)
            throws InterruptedException {
        ApiKeys join = options.protocol().equals("streams") ? ApiKeys.STREAMS_GROUP_HEARTBEAT : ApiKeys.JOIN_GROUP;
        List<FaultKind> plan = FaultPlan.of(options.faults(), options.seed());
        try (FaultInjector injector =
                new FaultInjector(broker, slots.subList(0, WORKERS), slots.getLast(), auditor, registry, log, join)) {
            for (int i = 0; i < plan.size(); i++) {
                long dueNanos = System.nanoTime() + options.pace().toNanos();
                Random random = new Random(options.seed() * 1_000_003 + i);
                feed.sendUpTo(Math.toIntExact((i + 1L) * options.prompts() / plan.size()));
                TimeUnit.MILLISECONDS.sleep(200 + random.nextInt(1300));
                injector.inject(plan.get(i), random);
                requireGoing(feed, auditor);
                TimeUnit.NANOSECONDS.sleep(Math.max(0, dueNanos - System.nanoTime()));
            }
            injector.awaitAll();
        }
        log.note("all faults done, completed=" + ledger.completed() + " of " + options.prompts());
    }

    private static void requireGoing(PromptFeed feed, Auditor auditor) {
        feed.failure().ifPresent(e -> {
            throw new AssertionError("a prompt could not be sent", e);
        });
        auditor.failure().ifPresent(e -> {
            throw new AssertionError("the auditor cannot read", e);
        });
    }

    /** Waits for all completions, as long as there is progress. */
    private void awaitCompletions(PromptFeed feed, Auditor auditor) throws InterruptedException {
        Waiting.until(
                "all prompts to be on their topic",
                STANDSTILL,
                () -> feed.acknowledged() == options.prompts(),
                () -> feed.acknowledged() + " are");
        int completed = -1;
        while (completed < ledger.completed() && ledger.completed() < options.prompts()) {
            completed = ledger.completed();
            int before = completed;
            Waiting.isSoWithin(STANDSTILL, () -> ledger.completed() > before);
            requireGoing(feed, auditor);
        }
        log.note("completed=" + ledger.completed() + " of " + options.prompts());
        if (ledger.completed() < options.prompts()) {
            log.note("missing " + ledger.missing() + "\n" + describe());
        }
    }

    private FaultReport verdict(BrokerProcess broker, Admin admin, HangingTransactions hanging, long seconds)
            throws InterruptedException {
        long wrongUsage = awaitUsage(broker);
        List<String> wrongBatch = awaitBatch(broker);
        slots.forEach(WorkerSlot::terminate);
        int disorder = 0;
        for (WorkerSlot slot : slots) {
            disorder += slot.awaitEnd() && slot.endedInOrder() ? 0 : 1;
        }
        for (String topic : FinalAudit.topics()) {
            awaitQuiet(admin, topic);
        }
        FinalAudit audit = new FinalAudit(broker.bootstrap(), workload);
        FaultReport.Findings findings = audit.findings(wrongUsage, wrongBatch.size(), disorder);
        return new FaultReport(
                options.protocol(),
                options.seed(),
                seconds,
                options.prompts(),
                findings,
                log.counts(),
                log.pendingAtFaults(),
                slots.stream().mapToInt(WorkerSlot::gaveUp).sum(),
                hanging.ended(),
                Stream.concat(audit.examples().stream(), wrongBatch.stream()).toList());
    }

    private long awaitUsage(BrokerProcess broker) throws InterruptedException {
        long[] wrong = new long[1];
        Waiting.isSoWithin(TABLE_LIMIT, () -> {
            wrong[0] = FinalAudit.wrongUsage(broker.bootstrap(), workload, ledger.usages());
            return wrong[0] == 0;
        });
        return wrong[0];
    }

    private List<String> awaitBatch(BrokerProcess broker) throws InterruptedException {
        List<String> wrong = new ArrayList<>();
        Waiting.isSoWithin(TABLE_LIMIT, () -> {
            wrong.clear();
            wrong.addAll(FinalAudit.wrongBatch(broker.bootstrap(), workload, ledger.usages()));
            return wrong.isEmpty();
        });
        return wrong;
    }

    /** A transaction that a killed worker left open may hide records until the broker ends it. */
    private void awaitQuiet(Admin admin, String topic) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + STANDSTILL.toNanos();
        while (!CommittedTopic.isQuiet(admin, topic)) {
            if (System.nanoTime() - deadlineNanos > 0) {
                throw new AssertionError("waited " + STANDSTILL + " for the end of all transactions on " + topic);
            }
            TimeUnit.MILLISECONDS.sleep(SUPERVISION.toMillis());
        }
    }

    private String describe() {
        return String.join("\n", slots.stream().map(WorkerSlot::tail).toList());
    }
}
