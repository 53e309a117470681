package io.llamastreams.app.demo;

import io.llamastreams.app.client.PromptSender;
import io.llamastreams.app.client.TopicReader;
import io.llamastreams.app.jsonl.RequestLine;
import io.llamastreams.app.terminal.CommandFailure;
import io.llamastreams.engine.EngineStatus;
import io.llamastreams.serving.Generation;
import io.llamastreams.serving.Prompt;
import io.llamastreams.topology.config.TopologyConfig;
import io.llamastreams.topology.record.CompletionRecord;
import io.llamastreams.topology.record.UsageRecord;
import io.llamastreams.topology.serde.RecordMappings;
import io.llamastreams.topology.serde.RecordSerdes;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Sends prompts through a broker and a worker and gathers what comes back. Main thread.
 *
 * <pre>
 *   send all prompts -> completions as they come -> totals of the usage topic -> summary
 * </pre>
 */
public final class Demo {

    private static final Duration POLL = Duration.ofMillis(100);
    /** Neither a completion nor a step of the engine for so long means that something hangs. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final int MAX_RECORDS = 10_000;

    private final DemoCluster cluster;
    private final TopologyConfig config;
    private final LongSupplier nanoClock;
    private final BooleanSupplier interrupted;

    /**
     * @param cluster stays the caller's
     * @param interrupted asked now and then: whether to give up
     */
    public Demo(DemoCluster cluster, LongSupplier nanoClock, BooleanSupplier interrupted) {
        this.cluster = cluster;
        this.config = cluster.config();
        this.nanoClock = nanoClock;
        this.interrupted = interrupted;
    }

    /**
     * Runs to the end.
     *
     * @throws CommandFailure if prompts stay without an answer, or it was interrupted
     */
    public DemoSummary run(DemoPrompts prompts, Results results) throws IOException, InterruptedException {
        awaitRunning();
        prompts.refused().stream().map(RequestLine.Refused::generation).forEach(results::endBeforeWorker);
        long startNanos = nanoClock.getAsLong();
        int sent = send(prompts.accepted(), results);
        receive(prompts.size(), results);
        Duration elapsed = Duration.ofNanos(nanoClock.getAsLong() - startNanos);
        UsageTotals usage = readUsage(sent);
        return DemoSummary.of(
                cluster.worker().engine().modelName(),
                results.tally(),
                elapsed,
                cluster.worker().engine().status(),
                usage.records());
    }

    /** Joining the group is no part of what is measured. */
    private void awaitRunning() throws InterruptedException {
        long deadlineNanos = nanoClock.getAsLong() + PATIENCE.toNanos();
        while (!cluster.worker().isRunning()) {
            requireAllWell();
            if (nanoClock.getAsLong() > deadlineNanos) {
                throw new CommandFailure("the service was not running after " + PATIENCE.toSeconds() + " s");
            }
            Thread.sleep(POLL);
        }
    }

    /** Sends all; what the broker does not take ends here. Gives the number of those that it took. */
    private int send(List<Prompt> prompts, Results results) throws IOException {
        Serializer<Prompt> serializer = RecordSerdes.serializer(RecordMappings.PROMPT, config.registryConfig());
        Queue<Generation> unsent = new ConcurrentLinkedQueue<>();
        try (PromptSender sender = new PromptSender(
                config.producerConfig(),
                config.topics().prompts(),
                serializer,
                (id, reason) -> unsent.add(unsent(id, reason)))) {
            prompts.forEach(prompt -> sender.send(prompt, prompt.id()));
            sender.flush();
        }
        unsent.forEach(results::endBeforeWorker);
        results.flush();
        return prompts.size() - unsent.size();
    }

    private static Generation unsent(String id, String reason) {
        return Generation.failed(id, "could not be sent: " + reason);
    }

    /** Until {@code expected} prompts have ended. */
    private void receive(int expected, Results results) throws IOException, InterruptedException {
        Deserializer<CompletionRecord> deserializer =
                RecordSerdes.deserializer(RecordMappings.COMPLETION, config.registryConfig());
        try (TopicReader<CompletionRecord> reader = TopicReader.fromBeginning(
                config.consumerConfig(), config.topics().completions(), deserializer)) {
            Stall stall = new Stall();
            while (results.tally().ended() < expected) {
                requireAllWell();
                int received = reader.poll(POLL, MAX_RECORDS, results);
                results.flush();
                EngineStatus status = cluster.worker().engine().status();
                results.note(describe(status));
                if (stall.lasts(received > 0, status.steps())) {
                    throw new CommandFailure("expected " + expected + " completions, found "
                            + results.tally().ended() + ", and nothing happened for " + PATIENCE.toSeconds() + " s");
                }
            }
        }
    }

    private static String describe(EngineStatus status) {
        return String.format(
                Locale.ROOT,
                "%d running, KV %.0f %%",
                status.running(),
                100.0 * status.kvBlocksUsed() / Math.max(1, status.kvBlocksTotal()));
    }

    /** Until the totals know of all prompts that the worker has answered. */
    private UsageTotals readUsage(int answered) throws InterruptedException {
        Deserializer<UsageRecord> deserializer =
                RecordSerdes.deserializer(RecordMappings.USAGE, config.registryConfig());
        UsageTotals totals = new UsageTotals();
        try (TopicReader<UsageRecord> reader = TopicReader.fromBeginning(
                config.consumerConfig(), config.topics().usage(), deserializer)) {
            long deadlineNanos = nanoClock.getAsLong() + PATIENCE.toNanos();
            while (totals.sum().requests() < answered) {
                requireAllWell();
                reader.poll(POLL, MAX_RECORDS, new UsageListener(totals));
                if (nanoClock.getAsLong() > deadlineNanos) {
                    throw new CommandFailure(
                            "expected " + answered + " prompts in the totals of the usage topic, found "
                                    + totals.sum().requests());
                }
            }
        }
        return totals;
    }

    private record UsageListener(UsageTotals totals) implements TopicReader.Listener<UsageRecord> {
        @Override
        public void onValue(UsageRecord usage) {
            totals.add(usage);
        }

        @Override
        public void onUnreadable(String where, String reason) {
            throw new IllegalStateException(where + ": no usage: " + reason);
        }
    }

    private void requireAllWell() throws InterruptedException {
        if (interrupted.getAsBoolean()) {
            throw new CommandFailure("interrupted");
        }
        Optional<String> fault = cluster.broker()
                .awaitFault(Duration.ZERO)
                .or(() -> cluster.worker().failure());
        if (fault.isPresent()) {
            throw new CommandFailure(fault.get());
        }
    }

    /** Whether nothing at all happens. */
    private final class Stall {
        private long sinceNanos = nanoClock.getAsLong();
        private long lastSteps = -1;

        boolean lasts(boolean received, long steps) {
            long now = nanoClock.getAsLong();
            if (received || steps != lastSteps) {
                sinceNanos = now;
                lastSteps = steps;
            }
            return now - sinceNanos > PATIENCE.toNanos();
        }
    }
}
