package io.llamastreams.faults;

import io.llamastreams.faults.FaultProxy.Delivery;
import io.llamastreams.topology.service.FakeRegistryServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.kafka.common.protocol.ApiKeys;

/**
 * Does faults to broker, workers, their connections and the auditor. Those of the broker are over when a call returns; others
 * go on by themselves, each on a worker that no other one is done to meanwhile. One thread calls.
 */
final class FaultInjector implements AutoCloseable {

    private static final Duration VICTIM_LIMIT = Duration.ofMinutes(3);
    private static final Duration SERVING_LIMIT = Duration.ofSeconds(15);
    private static final long TRAP_LIMIT_SECONDS = 60;

    /** A fault that takes some time. */
    private interface Course {
        void run() throws InterruptedException;
    }

    private final BrokerProcess broker;
    private final List<WorkerSlot> workers;
    private final WorkerSlot spare;
    private final Auditor auditor;
    private final FakeRegistryServer registry;
    private final FaultLog log;
    private final ApiKeys join;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Future<?>> courses = new ArrayList<>();

    /**
     * Makes one that has done nothing yet.
     *
     * @param workers that faults are done to
     * @param spare comes and goes
     * @param join request with which a worker joins its group
     */
    FaultInjector(
            BrokerProcess broker,
            List<WorkerSlot> workers,
            WorkerSlot spare,
            Auditor auditor,
            FakeRegistryServer registry,
            FaultLog log,
            ApiKeys join) {
        this.broker = broker;
        this.workers = workers;
        this.spare = spare;
        this.auditor = auditor;
        this.registry = registry;
        this.log = log;
        this.join = join;
    }

    /** @param random decides whom, how and how long */
    void inject(FaultKind kind, Random random) throws InterruptedException {
        switch (kind) {
            case WORKER_KILL -> kill(random);
            case WORKER_KILL_IN_COMMIT -> killInCommit(random);
            case WORKER_KILL_IN_RESTORE -> killInRestore(random);
            case WORKER_KILL_IN_REBALANCE -> killInRebalance(random);
            case WORKER_STOP -> stop(random);
            case WORKER_ADDED, WORKER_REMOVED -> scale();
            case BROKER_RESTART -> restartBroker(random);
            case BROKER_KILL -> killBroker(random);
            case CUT -> cut(random);
            case CUT_IN_COMMIT -> cutInCommit(random);
            case DELAY -> delay(random);
            case HALF_OPEN -> halfOpen(random);
            case SLOW_CONSUMER -> slowConsumer(random);
            case REGISTRY_DOWN -> registryDown(random);
            case DISK_FULL -> diskFull(random);
            case CLOCK_JUMP -> clockJump(random);
        }
    }

    private void kill(Random random) throws InterruptedException {
        WorkerSlot victim = reserve(random);
        kill(victim, FaultKind.WORKER_KILL, "");
        victim.release();
    }

    private void kill(WorkerSlot victim, FaultKind kind, String how) {
        String state = victim.isServing() ? " serving" : " not serving";
        victim.kill();
        log.fault(kind, victim.name() + state + how);
    }

    private void killInCommit(Random random) throws InterruptedException {
        WorkerSlot victim = reserve(random);
        boolean delivered = random.nextBoolean();
        CountDownLatch committing = trap(victim, ApiKeys.END_TXN, () -> {
            kill(victim, FaultKind.WORKER_KILL_IN_COMMIT, delivered ? " committed" : " not committed");
            return delivered ? Delivery.DELIVER_AND_CUT : Delivery.DROP_AND_CUT;
        });
        later(victim, () -> {
            if (!isTrapped(victim, committing)) {
                kill(victim, FaultKind.WORKER_KILL, " that commits nothing");
            }
        });
    }

    private void killInRestore(Random random) throws InterruptedException {
        WorkerSlot victim = reserve(random);
        int delayMillis = random.nextInt(400);
        kill(victim, FaultKind.WORKER_KILL, " whose successor comes at once");
        // Its first transaction is asked for when it was given its first partition, right before that is restored.
        CountDownLatch assigned = trap(victim, ApiKeys.INIT_PRODUCER_ID, () -> Delivery.DELIVER);
        victim.killAndRestart();
        later(victim, () -> {
            boolean restoring = isTrapped(victim, assigned);
            TimeUnit.MILLISECONDS.sleep(delayMillis);
            kill(
                    victim,
                    restoring ? FaultKind.WORKER_KILL_IN_RESTORE : FaultKind.WORKER_KILL,
                    restoring ? " after " + delayMillis + " ms" : " that was given no partition");
        });
    }

    private void killInRebalance(Random random) throws InterruptedException {
        WorkerSlot victim = reserve(random);
        int delayMillis = random.nextInt(1500);
        boolean comes = !spare.isWanted();
        CountDownLatch joining = trap(spare, join, () -> Delivery.DELIVER);
        scale();
        later(victim, () -> {
            if (comes) {
                isTrapped(spare, joining);
            } else {
                spare.proxy().untrap();
            }
            TimeUnit.MILLISECONDS.sleep(delayMillis);
            kill(victim, FaultKind.WORKER_KILL_IN_REBALANCE, comes ? " as one joins" : " as one leaves");
        });
    }

    private void stop(Random random) throws InterruptedException {
        WorkerSlot victim = reserve(random);
        Duration time = longerThanSession(random);
        log.fault(FaultKind.WORKER_STOP, victim.name() + " for " + time);
        victim.stop();
        later(victim, () -> {
            sleep(time);
            victim.resume();
            log.note(victim.name() + " goes on");
        });
    }

    /** The spare worker comes if it was away, and leaves if it was there. */
    private void scale() throws InterruptedException {
        Waiting.until("the spare worker's end", VICTIM_LIMIT, () -> !spare.isReserved(), spare::tail);
        if (!spare.isWanted()) {
            spare.want();
            log.fault(FaultKind.WORKER_ADDED, spare.name());
            return;
        }
        Waiting.until("the spare worker", VICTIM_LIMIT, spare::tryReserve, spare::tail);
        spare.terminate();
        log.fault(FaultKind.WORKER_REMOVED, spare.name());
        later(spare, () -> {
            spare.awaitEnd();
            log.note(spare.name() + " has ended");
        });
    }

    private void restartBroker(Random random) throws InterruptedException {
        log.fault(FaultKind.BROKER_RESTART, "");
        if (!broker.terminate()) {
            log.note("the broker had to be killed: " + broker.tail());
        }
        startBroker(random);
    }

    private void killBroker(Random random) throws InterruptedException {
        log.fault(FaultKind.BROKER_KILL, "");
        broker.kill();
        startBroker(random);
    }

    private void startBroker(Random random) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(random.nextInt(2000));
        broker.start();
        log.note("the broker is back");
    }

    private void cut(Random random) throws InterruptedException {
        if (random.nextInt(3) == 0) {
            int count =
                    workers.stream().mapToInt(worker -> worker.proxy().cut()).sum();
            log.fault(FaultKind.CUT, "all workers, connections=" + count);
        } else {
            WorkerSlot victim = reserve(random);
            log.fault(
                    FaultKind.CUT,
                    victim.name() + " connections=" + victim.proxy().cut());
            victim.release();
        }
    }

    private void cutInCommit(Random random) throws InterruptedException {
        WorkerSlot victim = reserve(random);
        boolean delivered = random.nextBoolean();
        CountDownLatch committing = trap(victim, ApiKeys.END_TXN, () -> {
            log.fault(FaultKind.CUT_IN_COMMIT, victim.name() + (delivered ? " committed" : " not committed"));
            return delivered ? Delivery.DELIVER_AND_CUT : Delivery.DROP_AND_CUT;
        });
        later(victim, () -> isTrapped(victim, committing));
    }

    private void delay(Random random) throws InterruptedException {
        WorkerSlot victim = reserve(random);
        Duration each = Duration.ofMillis(100 + random.nextInt(700));
        Duration time = Duration.ofMillis(3000 + random.nextInt(5000));
        log.fault(FaultKind.DELAY, victim.name() + " by " + each + " for " + time);
        victim.proxy().delay(each);
        later(victim, () -> {
            sleep(time);
            victim.proxy().delay(Duration.ZERO);
        });
    }

    private void halfOpen(Random random) throws InterruptedException {
        WorkerSlot victim = reserve(random);
        Duration time = longerThanSession(random);
        log.fault(FaultKind.HALF_OPEN, victim.name() + " for " + time);
        victim.proxy().silence();
        later(victim, () -> {
            sleep(time);
            victim.proxy().endSilence();
        });
    }

    private void slowConsumer(Random random) {
        Duration time = Duration.ofMillis(5000 + random.nextInt(5000));
        log.fault(FaultKind.SLOW_CONSUMER, "for " + time);
        auditor.pause(time);
    }

    /** Workers that know their schemas hardly notice; one that starts needs the registry. */
    private void registryDown(Random random) throws InterruptedException {
        WorkerSlot victim = reserve(random);
        Duration time = Duration.ofMillis(3000 + random.nextInt(9000));
        registry.setDown(true);
        log.fault(FaultKind.REGISTRY_DOWN, "for " + time);
        kill(victim, FaultKind.WORKER_KILL, " whose successor comes without a registry");
        victim.killAndRestart();
        later(victim, () -> {
            sleep(time);
            registry.setDown(false);
            log.note("the registry is back");
        });
    }

    private void diskFull(Random random) throws InterruptedException {
        WorkerSlot victim = reserve(random);
        if (!victim.disk().isSmall()) {
            victim.release();
            log.note(FaultKind.DISK_FULL.label() + " left out: mounting a small disk takes root's rights");
            return;
        }
        Duration time = Duration.ofMillis(3000 + random.nextInt(7000));
        victim.disk().fill();
        log.fault(FaultKind.DISK_FULL, victim.name() + " for " + time);
        kill(victim, FaultKind.WORKER_KILL, " whose successor comes to a full disk");
        victim.killAndRestart();
        later(victim, () -> {
            sleep(time);
            victim.disk().free();
        });
    }

    /**
     * The clock stays wrong until the next process: Kafka's clients stand still for as long as time has gone back. It stays
     * within what clocks may differ by before statistics are too late for their window (llama.usage.grace.ms).
     */
    private void clockJump(Random random) throws InterruptedException {
        WorkerSlot victim = reserve(random);
        Duration ahead = random.nextInt(3) == 0
                ? Duration.ofMillis(-2000 - random.nextInt(13_000))
                : Duration.ofSeconds(60 + random.nextInt(240));
        log.fault(FaultKind.CLOCK_JUMP, victim.name() + " by " + ahead);
        victim.setClock(ahead);
        victim.release();
    }

    private static Duration longerThanSession(Random random) {
        return BrokerProcess.SESSION_TIMEOUT.plusMillis(1000 + random.nextInt(3000));
    }

    /** Mostly a worker that serves, since the others are hit while they start or wait for their share of the partitions. */
    private WorkerSlot reserve(Random random) throws InterruptedException {
        List<WorkerSlot> order = new ArrayList<>(workers);
        Collections.shuffle(order, random);
        boolean shallServe = random.nextInt(4) != 0;
        List<WorkerSlot> found = new ArrayList<>();
        if (shallServe) {
            Waiting.isSoWithin(SERVING_LIMIT, () -> reserve(order.stream().filter(WorkerSlot::isServing), found));
        }
        Waiting.until(
                "a worker that runs and has no other fault",
                VICTIM_LIMIT,
                () -> !found.isEmpty() || reserve(order.stream(), found),
                () -> String.join("\n", order.stream().map(WorkerSlot::tail).toList()));
        return found.getFirst();
    }

    private static boolean reserve(Stream<WorkerSlot> candidates, List<WorkerSlot> found) {
        candidates.filter(WorkerSlot::tryReserve).findFirst().ifPresent(found::add);
        return !found.isEmpty();
    }

    private static CountDownLatch trap(WorkerSlot worker, ApiKeys kind, Supplier<Delivery> action) {
        CountDownLatch trapped = new CountDownLatch(1);
        worker.proxy().trapNext(kind, () -> {
            Delivery delivery = action.get();
            trapped.countDown();
            return delivery;
        });
        return trapped;
    }

    /** Waits for a request to go into the trap, and takes the trap away if none does. */
    private static boolean isTrapped(WorkerSlot worker, CountDownLatch trapped) throws InterruptedException {
        boolean inTime = trapped.await(TRAP_LIMIT_SECONDS, TimeUnit.SECONDS);
        worker.proxy().untrap();
        return inTime;
    }

    /** Lets a fault take its course, and the worker be free for others after it. */
    private void later(WorkerSlot victim, Course course) {
        courses.add(executor.submit(() -> {
            try {
                course.run();
            } finally {
                victim.release();
            }
            return null;
        }));
    }

    private static void sleep(Duration time) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(time.toMillis());
    }

    /** Waits until all faults are over. */
    void awaitAll() throws InterruptedException {
        for (Future<?> course : courses) {
            try {
                course.get();
            } catch (ExecutionException e) {
                throw new IllegalStateException("a fault could not be done", e.getCause());
            }
        }
        courses.clear();
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
